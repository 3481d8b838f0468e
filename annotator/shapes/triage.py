from __future__ import annotations

from typing import Any

from rest_framework import serializers

from annotator.models import VerifierModel, VerifierVote
from annotator.selectors.triage import Measured
from annotator.triage import reasons


class SignalsShape(serializers.Serializer[Any]):
    """What was measured of one current mask that a pass made. why: in words, the strongest first."""

    frame_index = serializers.IntegerField()
    suspicion = serializers.FloatField()
    signals = serializers.DictField(child=serializers.FloatField())
    why = serializers.ListField(child=serializers.CharField())


class VerifierModelShape(serializers.ModelSerializer[VerifierModel]):
    """has_cases: whether the verdicts behind the report can be listed."""

    trained_by = serializers.CharField(source="trained_by.username")
    report = serializers.SerializerMethodField()
    has_cases = serializers.SerializerMethodField()

    class Meta:
        model = VerifierModel
        fields = ["id", "trained_by", "created_at", "state", "error", "weights", "report", "has_cases"]

    def get_report(self, model: VerifierModel) -> dict[str, Any]:
        return {name: value for name, value in model.report.items() if name != "held_out"}

    def get_has_cases(self, model: VerifierModel) -> bool:
        return "held_out" in model.report


class VerifierVoteShape(serializers.ModelSerializer[VerifierVote]):
    class Meta:
        model = VerifierVote
        fields = ["id", "model", "version", "probability", "created_at"]


def measured(row: Measured) -> dict[str, Any]:
    found = row.signals or {}
    return {
        "frame_index": row.frame_index,
        "suspicion": row.suspicion,
        "signals": found,
        "why": reasons(found),
    }
