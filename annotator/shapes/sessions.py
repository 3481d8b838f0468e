from __future__ import annotations

from typing import Any

from rest_framework import serializers

from annotator.models import Masklet, Session, Task, User
from annotator.selectors import consensus, masks, prompts, propagations
from annotator.selectors import masklets as masklets_selector
from annotator.selectors import tasks as tasks_selector
from annotator.shapes import masklets as masklet_shapes
from annotator.shapes import videos as video_shapes
from annotator.shapes.consensus import ConsensusShape
from annotator.shapes.masklets import MaskletShape, MaskShape, PromptShape
from annotator.shapes.projects import ProtocolShape
from annotator.shapes.propagations import PropagationShape
from annotator.shapes.videos import VideoShape


class SessionShape(serializers.ModelSerializer[Session]):
    user = serializers.CharField(source="user.username")
    engine = serializers.SerializerMethodField()

    class Meta:
        model = Session
        fields = ["id", "purpose", "task", "video", "masklet", "user", "lease_until", "state", "engine"]

    def get_engine(self, row: Session) -> dict[str, str]:
        return {"name": row.engine_name, "state": row.engine_state, "notice": row.engine_notice}


class SnapshotShape(serializers.Serializer[Any]):
    session = SessionShape()
    video = VideoShape()
    protocol = ProtocolShape()
    masklets = MaskletShape(many=True)
    begun = serializers.ListField(child=serializers.IntegerField())
    masks = MaskShape(many=True)
    prompts = PromptShape(many=True)
    propagations = PropagationShape(many=True)
    last_event_id = serializers.CharField()


class LookShape(serializers.Serializer[Any]):
    video = VideoShape()
    masklets = MaskletShape(many=True)
    masks = MaskShape(many=True)
    prompts = PromptShape(many=True)
    set_aside = serializers.ChoiceField(Masklet.SetAside.choices, allow_blank=True)
    phase = serializers.IntegerField(allow_null=True)
    suspicion = serializers.FloatField(allow_null=True)
    unled = serializers.ChoiceField([Task.Kind.AUDIT, Task.Kind.DECIDE], allow_null=True)
    pair = ConsensusShape(allow_null=True)


def session(row: Session) -> dict[str, Any]:
    return dict(SessionShape(row).data)


def snapshot(row: Session, last_event_id: str) -> dict[str, Any]:
    """All that a page needs to begin; events after last_event_id, which was read before, keep it current."""
    # Deleted ones too: they can be brought back, and then need no second reading.
    shown = masklets_selector.described(row.user).filter(video=row.video_id).order_by("number")
    if row.task is not None:
        shown = shown.filter(pk__in=tasks_selector.shown_masklets(row.task))
    else:
        shown = shown.filter(gold_of=None)
    ids = list(shown.values_list("pk", flat=True))
    return {
        "session": session(row),
        "protocol": dict(ProtocolShape(row.video.project).data),
        "begun": _begun(row),
        **_shown(row.video_id, row.user, MaskletShape(shown, many=True).data, ids),
        "propagations": PropagationShape(
            propagations.to_show(Masklet.objects.filter(pk__in=ids)), many=True
        ).data,
        "last_event_id": last_event_id,
    }


def look(masklet: int, viewer: User) -> dict[str, Any]:
    """All that a page needs to show one masklet to somebody who does nothing to it."""
    row = masklets_selector.described(viewer).get(pk=masklet)
    is_copy = row.gold_of_id is not None  # which nothing tells from work that waits for a verdict
    pair = None if is_copy else consensus.decided(row)
    return {
        **_shown(row.video_id, viewer, [MaskletShape(row).data], [masklet]),
        "set_aside": "" if row.set_aside == Masklet.SetAside.GOLD else row.set_aside,
        "phase": row.phase,
        "suspicion": row.suspicion,
        "unled": row.unled,  # type: ignore[attr-defined]
        "pair": pair and ConsensusShape(pair).data,
    }


def _shown(video: int, viewer: User, shown: Any, ids: list[int]) -> dict[str, Any]:
    return {
        "video": video_shapes.video(video, viewer),
        "masklets": shown,
        "masks": [masklet_shapes.mask(mask) for mask in masks.current(ids)],
        "prompts": [masklet_shapes.prompt(prompt) for prompt in prompts.active(ids)],
    }


def _begun(row: Session) -> list[int]:
    if row.task is None or row.task.kind != Task.Kind.SELECT:
        return []
    return list(tasks_selector.begun_in(row.task).filter(created_by=row.user).values_list("pk", flat=True))
