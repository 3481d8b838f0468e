"""Which frames were looked at: counted by pages, read as coverage."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.response import Response
from rest_framework.views import APIView

from annotator.api.base import Request, body, masklet_for
from annotator.errors import AnnotatorError
from annotator.permissions import Act
from annotator.selectors import attention as selector
from annotator.services import attention

_HOUR_MS = 3_600_000


class AttentionBody(serializers.Serializer):
    masklet = serializers.IntegerField(allow_null=True, required=False, default=None)
    active_ms = serializers.IntegerField(min_value=0, max_value=_HOUR_MS)
    shown = serializers.DictField(
        child=serializers.IntegerField(min_value=0, max_value=_HOUR_MS), required=False, default=dict
    )


class CoverageShape(serializers.Serializer[Any]):
    """For each annotated frame, ascending, how long it was on a screen."""

    seen_ms = serializers.IntegerField(default=selector.SEEN_MS)
    annotator_ms = serializers.ListField(child=serializers.IntegerField())
    reviewer_ms = serializers.ListField(child=serializers.IntegerField())


class AttentionView(APIView):
    @extend_schema(request=AttentionBody, responses={204: None})
    def post(self, request: Request, session_id: int) -> Response:
        data = body(AttentionBody, request)
        attention.add(
            session_id=session_id,
            user=request.user,
            masklet_id=data["masklet"],
            active_ms=data["active_ms"],
            shown=_frames(data["shown"]),
        )
        return Response(status=204)


class CoverageView(APIView):
    @extend_schema(responses=CoverageShape)
    def get(self, request: Request, masklet_id: int) -> Response:
        masklet = masklet_for(request, masklet_id, Act.SEE)
        return Response({"seen_ms": selector.SEEN_MS, **selector.coverage(masklet)})


def _frames(shown: dict[str, int]) -> dict[int, int]:
    if not all(name.isascii() and name.isdigit() and len(name) < 10 for name in shown):
        raise AnnotatorError("shown names frame indices.")
    return {int(name): ms for name, ms in shown.items()}
