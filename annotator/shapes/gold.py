from __future__ import annotations

from typing import Any

from rest_framework import serializers

from annotator.models import GoldScore, Masklet, Membership
from annotator.selectors import masks
from annotator.shapes import videos as video_shapes
from annotator.shapes.videos import VideoShape


class GoldShape(serializers.Serializer[Any]):
    """Takes masklets of selectors.gold.in_project(). given: how often it was given to somebody; mean_j, mean_f: of
    what came of it."""

    id = serializers.IntegerField()
    name = serializers.CharField()
    number = serializers.IntegerField()
    color = serializers.IntegerField()
    video = serializers.IntegerField(source="video_id")
    video_name = serializers.CharField(source="video.name")
    tracked_by = serializers.CharField(source="tracked_by.username", default=None, allow_null=True)
    given = serializers.IntegerField()
    scored = serializers.IntegerField()
    mean_j = serializers.FloatField(allow_null=True)
    mean_f = serializers.FloatField(allow_null=True)


class ComparedFrameShape(serializers.Serializer[Any]):
    """mask, gold: counts of COCO compressed RLE at the video's size; null where nothing is visible."""

    frame_index = serializers.IntegerField()
    j = serializers.FloatField()
    mask = serializers.CharField(allow_null=True)
    gold = serializers.CharField(allow_null=True)


class GoldScoreShape(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    user = serializers.CharField()
    queue = serializers.ChoiceField(Membership.Queue.choices)
    j = serializers.FloatField()
    f = serializers.FloatField()
    created_at = serializers.DateTimeField()
    masklet = serializers.CharField()
    video = VideoShape()
    frames = ComparedFrameShape(many=True)


def gold_score(row: GoldScore) -> dict[str, Any]:
    """A computed score with both masks of each annotated frame, ascending."""
    video = row.masklet.video
    mine, gold = (_visible(pk) for pk in (row.masklet_id, row.masklet.gold_of_id))
    frames = [
        {"frame_index": at, "j": j, "mask": mine.get(at), "gold": gold.get(at)}
        for at, j in zip(video.annotated_indices, row.frames, strict=True)
    ]
    return {
        "id": row.pk,
        "user": row.user.username,
        "queue": row.queue,
        "j": row.j,
        "f": row.f,
        "created_at": row.created_at.isoformat(),
        "masklet": row.masklet.name,
        "video": video_shapes.video(video.pk),
        "frames": frames,
    }


def gold(row: Masklet) -> dict[str, Any]:
    return dict(GoldShape(row).data)


def _visible(masklet: int | None) -> dict[int, str]:
    rows = masks.by_frame(masklet) if masklet is not None else {}
    return {at: row.counts for at, row in rows.items() if row.area}
