from __future__ import annotations

from typing import Any

from rest_framework import serializers

from annotator.models import Export


class ProblemShape(serializers.Serializer[Any]):
    level = serializers.ChoiceField(["error", "warning"])
    code = serializers.CharField()
    file = serializers.CharField()
    message = serializers.CharField()


class ExportShape(serializers.ModelSerializer[Export]):
    requested_by = serializers.CharField(source="requested_by.username", default=None, allow_null=True)
    problems = ProblemShape(many=True)
    urls = serializers.SerializerMethodField()

    class Meta:
        model = Export
        fields = [
            "id", "format", "state", "videos_done", "videos_total", "masklets", "masks", "problems", "error",
            "requested_by", "created_at", "finished_at", "bytes", "urls",
        ]  # fmt: skip

    def get_urls(self, row: Export) -> dict[str, str | None]:
        return {"download": f"/api/exports/{row.pk}/download" if row.archive_key else None}
