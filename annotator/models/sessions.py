from __future__ import annotations

from typing import TypeAlias

from django.db import models
from django.db.models import Q

from annotator.models.constraints import known
from annotator.models.masklets import Masklet
from annotator.models.tasks import Task
from annotator.models.users import User
from annotator.models.videos import Video


class SessionPurpose(models.TextChoices):
    ANNOTATE = "annotate"
    VERIFY = "verify"
    AUTO = "auto"


class SessionState(models.TextChoices):
    OPEN = "open"
    CLOSED = "closed"


class Session(models.Model):
    """One person's hold by a lease: on one video (annotate), on one masklet (verify), or on what a task
    is about. auto: the hold of a bulk job, which nobody sits at."""

    Purpose: TypeAlias = SessionPurpose
    State: TypeAlias = SessionState

    purpose = models.CharField(max_length=10, choices=Purpose.choices)
    video = models.ForeignKey(Video, on_delete=models.CASCADE, related_name="sessions")
    masklet = models.ForeignKey(Masklet, on_delete=models.CASCADE, null=True, related_name="sessions")
    task = models.ForeignKey(Task, on_delete=models.CASCADE, null=True, related_name="sessions")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="sessions")
    state = models.CharField(max_length=10, choices=State.choices, default=State.OPEN)
    lease_until = models.DateTimeField()
    engine_name = models.CharField(max_length=50, blank=True)
    engine_state = models.CharField(max_length=12, default="none")
    engine_notice = models.TextField(blank=True)
    opened_at = models.DateTimeField(auto_now_add=True)
    closed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            known("state", SessionState, "session_known_state"),
            known("purpose", SessionPurpose, "session_known_purpose"),
            models.CheckConstraint(
                condition=Q(purpose="annotate", masklet__isnull=True)
                | Q(purpose="annotate", task__isnull=False)
                | Q(purpose="verify", masklet__isnull=False)
                | Q(purpose="auto", masklet__isnull=True, task__isnull=True),
                name="session_masklet_fits_purpose",
            ),
            models.UniqueConstraint(
                fields=["video"],
                condition=Q(state="open", purpose="annotate", task__isnull=True),
                name="session_one_annotates_a_video",
            ),
            models.UniqueConstraint(
                fields=["masklet"],
                condition=Q(state="open", purpose="verify"),
                name="session_one_verifies_a_masklet",
            ),
            models.UniqueConstraint(
                fields=["task"], condition=Q(state="open"), name="session_one_holds_a_task"
            ),
        ]

    @property
    def is_for_choosing(self) -> bool:
        """Whether its task is on a whole video: objects are chosen in it, or looked for, and not tracked."""
        return self.task_id is not None and self.masklet_id is None
