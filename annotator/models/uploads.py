from __future__ import annotations

import uuid
from typing import TypeAlias

from django.db import models

from annotator.models.constraints import known
from annotator.models.projects import Project
from annotator.models.users import User
from annotator.models.videos import Video


class UploadState(models.TextChoices):
    RECEIVING = "receiving"
    RECEIVED = "received"
    REFUSED = "refused"


class Upload(models.Model):
    """A file on its way in, part by part. offset: bytes that are safely here."""

    State: TypeAlias = UploadState

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="uploads")
    created_by = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    filename = models.CharField(max_length=255)
    size = models.BigIntegerField()
    sha256 = models.CharField(max_length=64, blank=True)
    metadata = models.JSONField(default=dict)
    offset = models.BigIntegerField(default=0)
    state = models.CharField(max_length=10, choices=State.choices, default=State.RECEIVING)
    error = models.TextField(blank=True)
    video = models.OneToOneField(Video, on_delete=models.SET_NULL, null=True, related_name="upload")
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [
            known("state", UploadState, "upload_known_state"),
            models.CheckConstraint(
                condition=models.Q(offset__gte=0) & models.Q(offset__lte=models.F("size")),
                name="upload_offset_within_size",
            ),
        ]
