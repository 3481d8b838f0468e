"""The protocol of a project, and what a member can do, as requests bring them."""

from __future__ import annotations

import math
from typing import Any

from rest_framework import serializers

from annotator.models import Project

MOST_SKILLS = 20


class ShareField(serializers.FloatField):
    """A part of a whole, least to 1."""

    default_error_messages = {"share": "Write a share between {least:.0%} and 100%."}

    def __init__(self, *, least: float = 0, **options: Any) -> None:
        self.least = least
        super().__init__(**options)

    def to_internal_value(self, data: Any) -> float:
        try:
            value = float(super().to_internal_value(data))
        except serializers.ValidationError:
            self.fail("share", least=self.least)
        # A text such as "nan" reads as a float, and passes every limit.
        if not math.isfinite(value) or not self.least <= value <= 1:
            self.fail("share", least=self.least)
        return value


class ToolsField(serializers.ListField):
    """Tools in the order in which pages show them, each once."""

    child = serializers.ChoiceField(Project.Tool.choices)

    def to_internal_value(self, data: Any) -> list[str]:
        wanted = super().to_internal_value(data)
        return [tool for tool in Project.Tool.values if tool in wanted]


class SkillsField(serializers.ListField):
    """Words for what somebody can do, each once, in alphabetical order."""

    child = serializers.CharField(max_length=50)

    def to_internal_value(self, data: Any) -> list[str]:
        skills = sorted({skill.strip() for skill in super().to_internal_value(data)})
        if len(skills) > MOST_SKILLS:
            raise serializers.ValidationError(f"A person has at most {MOST_SKILLS} skills here.")
        return skills


_NO_TOOL = "Leave at least one tool on, or nobody can begin a masklet."


class ProtocolBody(serializers.ModelSerializer[Project]):
    phase = serializers.ChoiceField(
        Project.Phase.choices, required=False, error_messages={"invalid_choice": "Choose phase 1, 2 or 3."}
    )
    tools = ToolsField(required=False, allow_empty=False, error_messages={"empty": _NO_TOOL})
    min_edited_frames = serializers.IntegerField(required=False, min_value=0, max_value=100)
    coverage = serializers.ChoiceField(Project.CoverageRule.choices, required=False)
    audit_share = ShareField(required=False)
    consensus_share = ShareField(required=False)
    gold_share = ShareField(required=False)
    auto_refine_share = ShareField(required=False)
    auto_min_iou = ShareField(required=False)
    auto_min_stability = ShareField(required=False)
    auto_most = serializers.IntegerField(required=False, min_value=1, max_value=100)
    promotion_tasks = serializers.IntegerField(required=False, min_value=1, max_value=1000)
    promotion_score = ShareField(required=False)
    verifier_threshold = ShareField(required=False, allow_null=True, least=0.5)
    verifier_audit_share = ShareField(required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """The verifier model decides alone only where people look at a share of what it accepted."""
        found = {name: attrs.get(name, getattr(self.instance, name, None)) for name in _ALONE}
        if found["verifier_threshold"] is not None and found["verifier_audit_share"] == 0:
            message = "Where the verifier model accepts by itself, people audit a share of it: more than 0%."
            raise serializers.ValidationError({"verifier_audit_share": message})
        return attrs


_ALONE = ("verifier_threshold", "verifier_audit_share")
