from __future__ import annotations

from typing import TypeAlias

from django.db import models

from annotator.models.constraints import known
from annotator.models.masklets import Masklet
from annotator.models.propagations import ModelVersion, Propagation
from annotator.models.users import User


class ChangeKind(models.TextChoices):
    PROMPT = "prompt"
    REMOVE_PROMPT = "remove_prompt"
    ACCEPT = "accept"
    ABSENT = "absent"
    CLEAR = "clear"
    PROPAGATION = "propagation"


class Change(models.Model):
    """One undoable step in a masklet's history: a human act, or a whole pass.

    Its prompts and masks are only ever added. Undo raises a flag; a step that can no longer be
    redone is discarded. pending: the model has not answered its prompts yet; frame_index says where.
    engine_ms: what the engine took to answer them; that of a pass is the pass's own. copied: it repeats the
    act of another masklet's selection.
    """

    Kind: TypeAlias = ChangeKind

    masklet = models.ForeignKey(Masklet, on_delete=models.CASCADE, related_name="changes")
    number = models.PositiveIntegerField()
    kind = models.CharField(max_length=15, choices=Kind.choices)
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    client_id = models.UUIDField(null=True, unique=True)
    propagation = models.ForeignKey(Propagation, on_delete=models.CASCADE, null=True, related_name="changes")
    frame_index = models.PositiveIntegerField(null=True)
    undone = models.BooleanField(default=False)
    discarded = models.BooleanField(default=False)
    pending = models.BooleanField(default=False)
    sent_at = models.DateTimeField(null=True)
    error = models.TextField(blank=True)
    engine_ms = models.FloatField(db_default=0)
    copied = models.BooleanField(db_default=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            known("kind", ChangeKind, "change_known_kind"),
            models.UniqueConstraint(fields=["masklet", "number"], name="change_number_in_masklet"),
            models.CheckConstraint(
                condition=~models.Q(discarded=True) | models.Q(undone=True), name="change_discarded_is_undone"
            ),
        ]
        indexes = [models.Index(fields=["sent_at"], condition=models.Q(pending=True), name="change_pending")]


class PromptKind(models.TextChoices):
    POINT = "point"
    BOX = "box"
    MASK = "mask"
    ABSENT = "absent"


class Prompt(models.Model):
    """One human act on one frame of one masklet. The log of these is the truth that masks derive from.

    data: x, y, positive / x0, y0, x1, y1 / counts, in pixels of the working video.
    replaced_by: the change that took it back or put another in its place, active while that change is.
    """

    Kind: TypeAlias = PromptKind

    change = models.ForeignKey(Change, on_delete=models.CASCADE, related_name="prompts")
    masklet = models.ForeignKey(Masklet, on_delete=models.CASCADE, related_name="prompts")
    frame_index = models.PositiveIntegerField()
    kind = models.CharField(max_length=10, choices=Kind.choices)
    data = models.JSONField(default=dict)
    replaced_by = models.ManyToManyField(Change, related_name="replaced_prompts")

    class Meta:
        constraints = [known("kind", PromptKind, "prompt_known_kind")]
        indexes = [models.Index(fields=["masklet", "frame_index"], name="prompt_of_frame")]


class MaskState(models.TextChoices):
    UNKNOWN = "unknown"
    PREDICTED = "predicted"
    EDITED = "edited"
    ACCEPTED = "accepted"
    ABSENT = "absent"


class Mask(models.Model):
    """One masklet's mask on one annotated frame, as one change left it.

    The current mask of a frame is that of the highest change that is not undone. counts: COCO
    compressed RLE at the working video's size. state unknown: this change took the mask away.
    human: a person drew, clicked, accepted or declared it; a pass never replaces it. signals: what
    triage measured of it; suspicion: how much it looks like a failure by them, 0 to 1.
    """

    State: TypeAlias = MaskState

    change = models.ForeignKey(Change, on_delete=models.CASCADE, related_name="masks")
    masklet = models.ForeignKey(Masklet, on_delete=models.CASCADE, related_name="masks")
    frame_index = models.PositiveIntegerField()
    state = models.CharField(max_length=10, choices=State.choices)
    human = models.BooleanField()
    counts = models.TextField()
    area = models.PositiveIntegerField()
    score = models.FloatField(null=True)
    stability = models.FloatField(null=True)
    signals = models.JSONField(null=True)
    suspicion = models.FloatField(null=True)
    model_version = models.ForeignKey(ModelVersion, on_delete=models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            known("state", MaskState, "mask_known_state"),
            models.UniqueConstraint(fields=["change", "frame_index"], name="mask_once_per_change_and_frame"),
            models.CheckConstraint(
                condition=~models.Q(state__in=["absent", "unknown"]) | models.Q(area=0),
                name="mask_absent_is_empty",
            ),
        ]
        indexes = [models.Index(fields=["masklet", "frame_index", "-change"], name="mask_current")]
