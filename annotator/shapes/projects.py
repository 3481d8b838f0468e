from __future__ import annotations

from typing import Any

from rest_framework import serializers

from annotator.models import ApiToken, Masklet, Membership, Project

SETTINGS = ["name", "stride", "independent_review", "max_upload_bytes", "max_duration_s", "max_pixels"]


class ProjectShape(serializers.ModelSerializer[Project]):
    """Takes projects of selectors.projects.of_user(), which carry the person's role and what is counted."""

    role = serializers.ChoiceField(Membership.Role.choices)
    counts = serializers.SerializerMethodField()

    class Meta:
        model = Project
        fields = ["slug", *SETTINGS, "role", "counts"]

    def get_counts(self, row: Project) -> dict[str, int]:
        return {name: getattr(row, f"{name}_count") for name in ("videos", *Masklet.State.values)}


class PersonShape(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    username = serializers.CharField()


class MemberShape(serializers.ModelSerializer[Membership]):
    user = PersonShape()

    class Meta:
        model = Membership
        fields = ["user", "role"]


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
