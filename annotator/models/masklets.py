from __future__ import annotations

from typing import TypeAlias

from django.db import models
from django.db.models import Q

from annotator.models.constraints import known
from annotator.models.users import User
from annotator.models.videos import Video

PALETTE = 12  # colours


class MaskletState(models.TextChoices):
    IN_WORK = "in_work"
    SUBMITTED = "submitted"
    REFINE = "refine"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    SET_ASIDE = "set_aside"


class SetAside(models.TextChoices):
    TOO_EASY = "too_easy"
    AUTO_FAILURE = "auto_failure"
    NOT_CHOSEN = "not_chosen"
    GOLD = "gold"


class MaskletType(models.TextChoices):
    MANUAL = "manual"
    AUTO = "auto"


class Masklet(models.Model):
    """One object's identity in one video. version counts the human acts on it: every write names
    the version it was made on, and a stale one is refused.

    is_gold: a reference that people are measured against. gold_of: this one is work on such a reference,
    begun from its first frame. suspicion: that of its worst mask when it was handed in, 0 to 1. phase: the
    project's when it was first handed in; null before.
    """

    State: TypeAlias = MaskletState
    Type: TypeAlias = MaskletType
    SetAside: TypeAlias = SetAside
    LEFT_OUT = (State.REJECTED, State.SET_ASIDE)  # of the dataset

    video = models.ForeignKey(Video, on_delete=models.CASCADE, related_name="masklets")
    number = models.PositiveIntegerField()
    name = models.CharField(max_length=100)
    color = models.PositiveSmallIntegerField(default=0)
    type = models.CharField(max_length=10, choices=Type.choices, default=Type.MANUAL)
    state = models.CharField(max_length=10, choices=State.choices, default=State.IN_WORK)
    version = models.PositiveIntegerField(default=0)
    client_id = models.UUIDField(null=True, unique=True)
    created_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    tracked_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    submitted_at = models.DateTimeField(null=True)
    set_aside = models.CharField(max_length=12, choices=SetAside.choices, blank=True)
    is_gold = models.BooleanField(default=False)
    gold_of = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="copies")
    suspicion = models.FloatField(null=True)
    phase = models.PositiveSmallIntegerField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)
    deleted_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            known("state", MaskletState, "masklet_known_state"),
            known("type", MaskletType, "masklet_known_type"),
            models.UniqueConstraint(fields=["video", "number"], name="masklet_number_in_video"),
            models.CheckConstraint(condition=Q(color__lt=PALETTE), name="masklet_color_in_palette"),
            models.CheckConstraint(condition=Q(phase__range=(1, 3)), name="masklet_known_phase"),
            models.CheckConstraint(
                condition=~Q(state="submitted") | Q(submitted_at__isnull=False),
                name="masklet_submitted_at_some_time",
            ),
            models.CheckConstraint(
                condition=~Q(state="submitted") | Q(tracked_by__isnull=False) | Q(type="auto"),
                name="masklet_submitted_by_someone",
            ),
            models.CheckConstraint(
                condition=Q(state="set_aside") & ~Q(set_aside="") | ~Q(state="set_aside") & Q(set_aside=""),
                name="masklet_set_aside_for_a_reason",
            ),
            models.CheckConstraint(
                condition=~Q(gold_of__isnull=False) | ~Q(state="accepted"), name="masklet_gold_copy_stays_out"
            ),
            models.CheckConstraint(
                condition=Q(is_gold=False) | Q(state="accepted"), name="masklet_gold_is_accepted"
            ),
        ]
        indexes = [
            models.Index(fields=["video"], condition=Q(is_gold=True), name="masklet_gold"),
            models.Index(fields=["state", "submitted_at"], name="masklet_review_queue"),
            models.Index(fields=["video", "state"], name="masklet_video_state"),
            models.Index(
                fields=["id"],
                condition=Q(deleted_at__isnull=False) | Q(gold_of__isnull=False),
                name="masklet_apart",
            ),
        ]

    @property
    def shown_state(self) -> str:
        """The state that people are told: work on gold that was handed in looks as if it waited for a verdict, or
        was too easy."""
        is_blind = self.gold_of_id is not None and self.set_aside == self.SetAside.GOLD
        return self.State.SUBMITTED if is_blind else self.state
