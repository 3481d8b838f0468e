from __future__ import annotations

from typing import Any

from rest_framework import serializers

from annotator.models import ApiToken, Masklet, Membership, Project

SETTINGS = ["name", "stride", "independent_review", "max_upload_bytes", "max_duration_s", "max_pixels"]
PROTOCOL = [
    "phase",
    "tools",
    "pull_only",
    "min_edited_frames",
    "coverage",
    "audit_share",
    "consensus_share",
    "gold_share",
    "auto_refine_share",
    "auto_min_iou",
    "auto_min_stability",
    "auto_most",
    "promotion_tasks",
    "promotion_score",
    "verifier_threshold",
    "verifier_audit_share",
    "suspicious_first",
]


class ProjectShape(serializers.ModelSerializer[Project]):
    """Takes projects of selectors.projects.of_user(), which carry the person's role and what is counted."""

    role = serializers.ChoiceField(Membership.Role.choices)
    counts = serializers.SerializerMethodField()

    class Meta:
        model = Project
        fields = ["slug", *SETTINGS, *PROTOCOL, "role", "counts"]

    def get_counts(self, row: Project) -> dict[str, int]:
        return {name: getattr(row, f"{name}_count") for name in ("videos", *Masklet.State.values)}


class ProtocolShape(serializers.ModelSerializer[Project]):
    """What of the protocol a page of work obeys. propagate: whether passes may be asked for."""

    propagate = serializers.SerializerMethodField()

    class Meta:
        model = Project
        fields = ["phase", "tools", "coverage", "min_edited_frames", "propagate"]

    def get_propagate(self, row: Project) -> bool:
        return row.phase != Project.Phase.FRAMES


class PersonShape(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    username = serializers.CharField()


class MemberShape(serializers.ModelSerializer[Membership]):
    user = PersonShape()

    class Meta:
        model = Membership
        fields = ["user", "role", "queue", "skills"]


class TokenShape(serializers.ModelSerializer[ApiToken]):
    class Meta:
        model = ApiToken
        fields = ["id", "name", "created_at", "last_used_at"]


class ProjectRoleShape(serializers.Serializer[Any]):
    slug = serializers.CharField(source="project.slug")
    name = serializers.CharField(source="project.name")
    role = serializers.CharField()


class MeShape(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    username = serializers.CharField()
    is_staff = serializers.BooleanField()
    projects = ProjectRoleShape(many=True, source="memberships")
    tokens = TokenShape(many=True, source="api_tokens")
