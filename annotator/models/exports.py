from __future__ import annotations

from typing import TypeAlias

from django.db import models

from annotator.models.constraints import known
from annotator.models.projects import Project
from annotator.models.users import User


class ExportState(models.TextChoices):
    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


class ExportFormat(models.TextChoices):
    SAV = "sav"


class Export(models.Model):
    """One writing of a project's accepted masklets into a dataset format, with its validator's findings."""

    State: TypeAlias = ExportState
    Format: TypeAlias = ExportFormat

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="exports")
    format = models.CharField(max_length=10, choices=Format.choices)
    state = models.CharField(max_length=10, choices=State.choices, default=State.QUEUED)
    attempt = models.PositiveIntegerField(default=0)
    videos_done = models.PositiveIntegerField(default=0)
    videos_total = models.PositiveIntegerField(default=0)
    masklets = models.PositiveIntegerField(default=0)
    masks = models.PositiveIntegerField(default=0)
    problems = models.JSONField(default=list)
    error = models.TextField(blank=True)
    archive_key = models.CharField(max_length=255, blank=True)
    bytes = models.BigIntegerField(default=0)
    requested_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    progress_at = models.DateTimeField(auto_now=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            known("state", ExportState, "export_known_state"),
            known("format", ExportFormat, "export_known_format"),
        ]
