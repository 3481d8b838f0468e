from __future__ import annotations

from typing import TypeAlias

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Case, Q, Value, When

from annotator.models.masklets import Masklet, MaskletState, MaskletType
from annotator.models.projects import Project
from annotator.models.propagations import ModelVersion
from annotator.models.users import User
from annotator.models.videos import Video

_FILTERED = ["type", "phase", "person", "model_version", "submitted_at"]
_MORE = [
    "verdicts", "returns", "visibility_changes", "mean_area", "relative_area", "first_slot", "frames",
    "moved_at", "bucket",
]  # fmt: skip


class Outcome(models.TextChoices):
    """What came of a masklet that a model proposed.

    unsatisfactory: a verdict on the model's own work said so, whatever people made of it since. waiting, accepted,
    rejected: as it stands, while it is still the model's. taken_up: people changed it before anybody judged it,
    or it is being tracked still.
    """

    WAITING = "waiting"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    UNSATISFACTORY = "unsatisfactory"
    TAKEN_UP = "taken_up"


_AS_IT_STANDS = {
    MaskletState.SUBMITTED: Outcome.WAITING,
    MaskletState.ACCEPTED: Outcome.ACCEPTED,
    MaskletState.REJECTED: Outcome.REJECTED,
}
_OUTCOME = Case(
    When(proposed_by__isnull=True, then=Value("")),
    When(failed=True, then=Value(Outcome.UNSATISFACTORY.value)),
    *(
        When(type=MaskletType.AUTO.value, state=state.value, then=Value(outcome.value))
        for state, outcome in _AS_IT_STANDS.items()
    ),
    default=Value(Outcome.TAKEN_UP.value),
)


class MaskletFacts(models.Model):
    """What the numbers have to know of one masklet, on one narrow row, so that 600,000 add up in no time.

    The columns down to `stale` are kept by triggers of the database, which make the row with its masklet;
    the others are counted anew by the sweep (services/facts) wherever a row is stale, and are 0 while the
    masklet was never handed in. gone: it or its video is deleted. copy: work on a gold masklet. person:
    who handed it in last. frames: annotated frames of its video. edited_frames: that a person
    worked on and did not take back. clicks, clicked_frames: points and boxes, without undone ones and those
    that a twin began with. active_ms: of everybody who annotated. visible_frames, mean_area (pixels),
    relative_area (of the frame), first_slot, visibility_changes: as SA-V's files define them. engine_ms:
    its part of its passes, and its clicks. returns: unsatisfactory verdicts that sent it back. compared,
    aligned, bucket: see services/facts.

    proposed_by: the model version that a run made it with, written once, as it is made. failed: an unsatisfactory
    verdict fell on the model's own work; kept by a trigger. outcome: of what was proposed, else empty.
    """

    Outcome: TypeAlias = Outcome

    masklet = models.OneToOneField(
        Masklet, on_delete=models.CASCADE, primary_key=True, related_name="facts", db_index=False
    )
    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="+", db_index=False)
    video = models.ForeignKey(Video, on_delete=models.CASCADE, related_name="+")
    type = models.CharField(max_length=10)
    state = models.CharField(max_length=10)
    set_aside = models.CharField(max_length=12, blank=True)
    gone = models.BooleanField(default=False)
    copy = models.BooleanField(default=False)
    phase = models.PositiveSmallIntegerField(null=True)
    person = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    submitted_at = models.DateTimeField(null=True)
    moved_at = models.DateTimeField(auto_now_add=True)
    stale = models.BooleanField(default=False)

    model_version = models.ForeignKey(
        ModelVersion, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    frames = models.PositiveIntegerField(db_default=0)
    edited_frames = models.PositiveIntegerField(db_default=0)
    clicks = models.PositiveIntegerField(db_default=0)
    clicked_frames = models.PositiveIntegerField(db_default=0)
    active_ms = models.BigIntegerField(db_default=0)
    visible_frames = models.PositiveIntegerField(db_default=0)
    mean_area = models.FloatField(db_default=0)
    relative_area = models.FloatField(db_default=0)
    first_slot = models.PositiveIntegerField(db_default=0)
    visibility_changes = models.PositiveIntegerField(db_default=0)
    engine_ms = models.FloatField(db_default=0)
    verdicts = models.PositiveSmallIntegerField(db_default=0)
    returns = models.PositiveSmallIntegerField(db_default=0)
    compared = models.PositiveIntegerField(db_default=0)
    aligned = models.PositiveIntegerField(db_default=0)
    bucket = models.CharField(max_length=6, blank=True, db_default="")

    proposed_by = models.ForeignKey(
        ModelVersion, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    failed = models.BooleanField(db_default=False)
    outcome = models.GeneratedField(
        expression=_OUTCOME, output_field=models.CharField(max_length=14), db_persist=True
    )

    class Meta:
        indexes = [
            # Each number and list is read from one of these alone, whatever the filters.
            models.Index(
                fields=["project", "-masklet"], include=[*_FILTERED, "copy", "state", "set_aside", *_MORE],
                condition=models.Q(gone=False), name="facts_of_project",
            ),
            models.Index(
                fields=["project", "video"], include=_FILTERED,
                condition=models.Q(gone=False, state="accepted"), name="facts_accepted",
            ),
            models.Index(
                fields=["project", "video"], include=_FILTERED,
                condition=models.Q(gone=False, type="manual", copy=False), name="facts_manual",
            ),
            models.Index(
                fields=["project", "submitted_at"], include=["copy", *_FILTERED[:-1]],
                condition=models.Q(gone=False), name="facts_by_submission",
            ),
            models.Index(
                fields=["project", "moved_at"], include=["state", "copy", *_FILTERED[:-1]],
                condition=models.Q(gone=False), name="facts_by_move",
            ),
            models.Index(
                fields=["project", "proposed_by", "outcome", "-masklet"], include=["copy"],
                condition=Q(gone=False, proposed_by__isnull=False), name="facts_proposed",
            ),
            models.Index(fields=["masklet"], condition=models.Q(stale=True), name="facts_stale"),
        ]  # fmt: skip


class FactsCell(models.Model):
    """Sums over the masklets of one person, week and kind, so that a number adds up some thousand cells.

    week: the Monday (UTC) of the week in which they were handed in last, or were moved while they never
    were. timed_*: of those whose pages counted any time. edited_part: edited / annotated frames, summed
    over `framed` masklets that have frames. sizes, compared, aligned: small, medium, large; shares: by half
    decades of the frame's area from 10^-5 up; tenths: of the video, by first appearance.
    """

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="+", db_index=False)
    person = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    week = models.DateField()
    type = models.CharField(max_length=10)
    state = models.CharField(max_length=10)
    set_aside = models.CharField(max_length=12, blank=True)
    copy = models.BooleanField()
    tracked = models.BooleanField()
    phase = models.PositiveSmallIntegerField(null=True)
    model_version = models.ForeignKey(
        ModelVersion, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    masklets = models.PositiveIntegerField()
    timed_ms = models.BigIntegerField()
    timed_frames = models.BigIntegerField()
    edited_part = models.FloatField()
    framed = models.PositiveIntegerField()
    clicks = models.BigIntegerField()
    clicked_frames = models.BigIntegerField()
    verified = models.PositiveIntegerField()
    refined = models.PositiveIntegerField()
    engine_ms = models.FloatField()
    visible_frames = models.BigIntegerField()
    disappearing = models.PositiveIntegerField()
    sizes = ArrayField(models.IntegerField())
    shares = ArrayField(models.IntegerField())
    tenths = ArrayField(models.IntegerField())
    compared = ArrayField(models.IntegerField())
    aligned = ArrayField(models.IntegerField())

    class Meta:
        indexes = [models.Index(fields=["project", "week"], name="facts_cell")]


class FactsTouched(models.Model):
    """A person and week whose cells are to be added up anew; triggers write it. person: 0 is nobody."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="+", db_constraint=False)
    person = models.IntegerField()
    week = models.DateField()
