from __future__ import annotations

from typing import TypeAlias

from django.db import models
from django.db.models import Q

from annotator.models.constraints import known
from annotator.models.masklets import Masklet
from annotator.models.sessions import Session
from annotator.models.users import User


class ModelVersion(models.Model):
    """Engine, weights and thresholds; written on every mask that a model made."""

    engine = models.CharField(max_length=50)
    weights = models.CharField(max_length=100, blank=True)
    weights_sha256 = models.CharField(max_length=64, blank=True)
    thresholds = models.JSONField(default=dict)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["engine", "weights", "weights_sha256", "thresholds"], name="model_version_once"
            )
        ]


class PropagationState(models.TextChoices):
    QUEUED = "queued"
    RUNNING = "running"
    STOPPING = "stopping"
    STOPPED = "stopped"
    FINISHED = "finished"
    FAILED = "failed"


class PropagationDirection(models.TextChoices):
    FORWARD = "forward"
    BACKWARD = "backward"
    BOTH = "both"


class Propagation(models.Model):
    """One pass of the model over the frames of `runs`. The row is the truth; the queue only wakes.

    runs: monotone lists of annotated frame indices in tracking order, as asked for.
    attempt: raised whenever the work is sent again; results of an earlier attempt are let go.
    frames_total: masks to be made, summed over the masklets.
    """

    State: TypeAlias = PropagationState
    Direction: TypeAlias = PropagationDirection

    session = models.ForeignKey(Session, on_delete=models.CASCADE, related_name="propagations")
    masklets = models.ManyToManyField(Masklet, related_name="propagations")
    requested_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    client_id = models.UUIDField(null=True, unique=True)
    direction = models.CharField(max_length=8, choices=Direction.choices)
    start_frame = models.PositiveIntegerField()
    runs = models.JSONField()
    state = models.CharField(max_length=10, choices=State.choices, default=State.QUEUED)
    attempt = models.PositiveIntegerField(default=1)
    frames_total = models.PositiveIntegerField()
    frames_done = models.PositiveIntegerField(default=0)
    engine_ms = models.FloatField(default=0)
    error = models.TextField(blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True)
    progress_at = models.DateTimeField(auto_now_add=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            known("state", PropagationState, "propagation_known_state"),
            known("direction", PropagationDirection, "propagation_known_direction"),
            models.CheckConstraint(
                condition=Q(frames_done__lte=models.F("frames_total")), name="propagation_done_within_total"
            ),
        ]
        indexes = [
            models.Index(
                fields=["progress_at"],
                condition=Q(state__in=["queued", "running", "stopping"]),
                name="propagation_active",
            )
        ]

    ACTIVE = (State.QUEUED, State.RUNNING, State.STOPPING)
