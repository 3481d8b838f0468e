from __future__ import annotations

from typing import Any

from rest_framework import serializers

from annotator.models import Consensus, Masklet
from annotator.selectors import consensus as selector


class PairMaskletShape(serializers.ModelSerializer[Masklet]):
    tracked_by = serializers.CharField(source="tracked_by.username", default=None, allow_null=True)

    class Meta:
        model = Masklet
        fields = ["id", "name", "number", "color", "state", "tracked_by"]


class PairVideoShape(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    name = serializers.CharField()


class ConsensusShape(serializers.ModelSerializer[Consensus]):
    """Takes pairs of selectors.consensus.in_project(). j, f: null until both were handed in and compared."""

    video = PairVideoShape(source="first.video")
    first = PairMaskletShape()
    second = PairMaskletShape()
    decided_by = serializers.CharField(source="decided_by.username", default=None, allow_null=True)

    class Meta:
        model = Consensus
        fields = [
            "id",
            "video",
            "first",
            "second",
            "j",
            "f",
            "chosen",
            "decided_by",
            "decided_at",
            "created_at",
        ]


def pair(row: Consensus) -> dict[str, Any]:
    """The pair as it stands in the database now."""
    return dict(ConsensusShape(selector.in_project(row.first.video.project).get(pk=row.pk)).data)
