from __future__ import annotations

from typing import Any

from django.utils import timezone
from rest_framework import serializers

from annotator.models import Propagation


class PropagationShape(serializers.ModelSerializer[Propagation]):
    masklets = serializers.SerializerMethodField()
    first_frame = serializers.SerializerMethodField()
    last_frame = serializers.SerializerMethodField()
    seconds_left = serializers.SerializerMethodField()

    class Meta:
        model = Propagation
        fields = [
            "id", "masklets", "direction", "first_frame", "last_frame", "start_frame", "state",
            "frames_done", "frames_total", "seconds_left", "error", "attempt", "created_at",
        ]  # fmt: skip

    def get_masklets(self, row: Propagation) -> list[int]:
        return sorted(masklet.pk for masklet in row.masklets.all())

    def get_first_frame(self, row: Propagation) -> int:
        return min(frame for run in row.runs for frame in run["frames"])

    def get_last_frame(self, row: Propagation) -> int:
        return max(frame for run in row.runs for frame in run["frames"])

    def get_seconds_left(self, row: Propagation) -> float | None:
        """None until a first chunk has shown how fast it goes."""
        if row.state not in Propagation.ACTIVE or not row.frames_done or row.started_at is None:
            return None
        passed = (timezone.now() - row.started_at).total_seconds()
        return round(passed / row.frames_done * (row.frames_total - row.frames_done), 1)


def propagation(row: Propagation) -> dict[str, Any]:
    return dict(PropagationShape(row).data)
