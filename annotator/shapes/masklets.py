from __future__ import annotations

from typing import Any

from rest_framework import serializers

from annotator.models import Change, Mark, Masklet, Prompt, Task, User, Verification
from annotator.selectors import masklets as masklets_selector
from annotator.selectors.masks import MaskRow


class MarkShape(serializers.ModelSerializer[Mark]):
    class Meta:
        model = Mark
        fields = ["frame_index", "x", "y", "text"]
        extra_kwargs = {"text": {"max_length": 5000}}


def marks_in_words(given: Verification) -> str:
    """The verdict's marks in one cell of a table."""
    return "; ".join(f"{mark.frame_index}: {mark.text}" for mark in given.marks.all())


class VerdictShape(serializers.ModelSerializer[Verification]):
    """reviewer: null where the verifier model judged."""

    reviewer = serializers.CharField(source="reviewer.username", default=None, allow_null=True)
    marks = MarkShape(many=True)

    class Meta:
        model = Verification
        fields = ["id", "stage", "verdict", "comment", "unseen_frames", "reviewer", "created_at", "marks"]


class MaskletShape(serializers.ModelSerializer[Masklet]):
    """Takes masklets of selectors.masklets.described(), which carry what is counted, and whom to leave unled:
    who audits is not told the verdicts, who decides not who tracked it."""

    created_by = serializers.CharField(source="created_by.username")
    tracked_by = serializers.CharField(source="tracked_by.username", default=None, allow_null=True)
    state = serializers.ChoiceField(Masklet.State.choices, source="shown_state")
    deleted = serializers.SerializerMethodField()
    can_undo = serializers.BooleanField()
    can_redo = serializers.BooleanField()
    edited_frame_count = serializers.IntegerField()
    verdicts = VerdictShape(many=True, source="verifications.all")

    class Meta:
        model = Masklet
        fields = [
            "id", "number", "video", "name", "color", "state", "type", "version", "can_undo", "can_redo",
            "created_by", "tracked_by", "edited_frame_count", "deleted", "verdicts",
        ]  # fmt: skip

    def get_deleted(self, masklet: Masklet) -> bool:
        return masklet.deleted_at is not None

    def to_representation(self, masklet: Any) -> dict[str, Any]:
        told: dict[str, Any] = super().to_representation(masklet)
        if masklet.unled == Task.Kind.AUDIT:
            told["verdicts"] = []
        if masklet.unled == Task.Kind.DECIDE:
            told["tracked_by"] = None
        return told


class MaskShape(serializers.Serializer[Any]):
    """Only describes what `mask` gives: masks are many, and plain dicts are faster."""

    masklet = serializers.IntegerField()
    frame_index = serializers.IntegerField()
    state = serializers.ChoiceField(["predicted", "edited", "accepted", "absent"])
    human = serializers.BooleanField()
    counts = serializers.CharField()
    area = serializers.IntegerField()
    score = serializers.FloatField(allow_null=True)
    suspicion = serializers.FloatField(allow_null=True)
    change = serializers.IntegerField()


class PromptShape(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    masklet = serializers.IntegerField()
    change = serializers.IntegerField()
    frame_index = serializers.IntegerField()
    kind = serializers.ChoiceField(Prompt.Kind.choices)
    x = serializers.FloatField(required=False)
    y = serializers.FloatField(required=False)
    positive = serializers.BooleanField(required=False)
    x0 = serializers.FloatField(required=False)
    y0 = serializers.FloatField(required=False)
    x1 = serializers.FloatField(required=False)
    y1 = serializers.FloatField(required=False)
    counts = serializers.CharField(required=False)


class ChangeHeadShape(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    number = serializers.IntegerField()
    kind = serializers.ChoiceField(Change.Kind.choices)
    frame_indices = serializers.ListField(child=serializers.IntegerField())
    undone = serializers.BooleanField()


class ChangeShape(serializers.Serializer[Any]):
    masklet = MaskletShape()
    change = ChangeHeadShape()
    masks = MaskShape(many=True)
    cleared = serializers.ListField(child=serializers.IntegerField())
    prompts = PromptShape(many=True)
    removed_prompts = serializers.ListField(child=serializers.IntegerField())
    pending = serializers.BooleanField()


def masklet(pk: int, viewer: User | None = None) -> dict[str, Any]:
    """The masklet as it stands in the database now; viewer: as they may be told of it."""
    return dict(MaskletShape(masklets_selector.described(viewer).get(pk=pk)).data)


def mask(row: MaskRow) -> dict[str, Any]:
    return {
        "masklet": row.masklet_id,
        "frame_index": row.frame_index,
        "state": row.state,
        "human": row.human,
        "counts": row.counts,
        "area": row.area,
        "score": row.score,
        "suspicion": row.suspicion,
        "change": row.change_id,
    }


def prompt(row: Prompt) -> dict[str, Any]:
    return {
        "id": row.pk,
        "masklet": row.masklet_id,
        "change": row.change_id,
        "frame_index": row.frame_index,
        "kind": row.kind,
        **row.data,
    }
