from __future__ import annotations

from typing import TypeAlias

from django.db import models

from annotator.models.constraints import known
from annotator.models.propagations import ModelVersion
from annotator.models.sessions import Session
from annotator.models.users import User
from annotator.models.videos import Video


class AutoRunState(models.TextChoices):
    QUEUED = "queued"
    PROPOSING = "proposing"
    TRACKING = "tracking"
    FINISHED = "finished"
    STOPPED = "stopped"
    FAILED = "failed"


class AutoRun(models.Model):
    """One making of auto masklets of one video: grid prompts on frame 0, filtered, then propagated.

    settings: thresholds as they were. candidates: masks the grids gave; kept: what was left of them.
    engine_ms: what the engine took to propose, of all attempts.
    found: the proposals so far, as a message says them, from which any worker goes on; gone with proposing.
    attempt: raised whenever the work is sent again; answers of an earlier attempt are let go.
    """

    State: TypeAlias = AutoRunState

    video = models.ForeignKey(Video, on_delete=models.CASCADE, related_name="auto_runs")
    session = models.ForeignKey(Session, on_delete=models.SET_NULL, null=True, related_name="auto_runs")
    requested_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=10, choices=State.choices, default=State.QUEUED)
    settings = models.JSONField(default=dict)
    model_version = models.ForeignKey(ModelVersion, on_delete=models.PROTECT, null=True, related_name="+")
    candidates = models.PositiveIntegerField(default=0)
    kept = models.PositiveIntegerField(default=0)
    found = models.JSONField(default=dict)
    engine_ms = models.FloatField(db_default=0)
    prompts_done = models.PositiveIntegerField(default=0)
    prompts_total = models.PositiveIntegerField(default=0)
    attempt = models.PositiveIntegerField(default=1)
    error = models.TextField(blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    progress_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True)

    ACTIVE = (State.QUEUED, State.PROPOSING, State.TRACKING)

    class Meta:
        constraints = [
            known("state", AutoRunState, "auto_run_known_state"),
            models.UniqueConstraint(
                fields=["video"],
                condition=models.Q(state__in=["queued", "proposing", "tracking"]),
                name="auto_run_one_at_a_time",
            ),
        ]
