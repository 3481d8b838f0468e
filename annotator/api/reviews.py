"""What waits for a person: masklets to verify, masklets to refine, videos to annotate."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.response import Response
from rest_framework.views import APIView

from annotator.api.base import ListView, Request, project_for
from annotator.models import Masklet
from annotator.permissions import Act
from annotator.selectors import verifications as selector
from annotator.selectors import videos as videos_selector
from annotator.shapes import videos as video_shapes
from annotator.shapes.masklets import MaskletShape, VerdictShape
from annotator.shapes.videos import VideoShape


class WaitingShape(serializers.Serializer[Any]):
    """A submitted masklet of selectors.verifications.waiting()."""

    masklet = MaskletShape(source="*")
    video = VideoShape()
    submitted_at = serializers.DateTimeField()
    own_work = serializers.BooleanField()
    held_by = serializers.SerializerMethodField()

    def get_held_by(self, row: Masklet) -> dict[str, Any] | None:
        hold = next(iter(row.holds), None)  # type: ignore[attr-defined]
        return hold and {"username": hold.user.username, "until": hold.lease_until.isoformat()}


class RefineShape(serializers.Serializer[Any]):
    masklet = MaskletShape()
    video = VideoShape()
    verdict = VerdictShape()


class WorkShape(serializers.Serializer[Any]):
    refine = RefineShape(many=True)
    next_video = VideoShape(allow_null=True)


class ReviewsView(ListView):
    serializer_class = WaitingShape
    queryset = Masklet.objects.none()

    def get_queryset(self):  # type: ignore[no-untyped-def]
        return selector.waiting(project_for(self.request, self.kwargs["slug"], Act.VERIFY), self.request.user)


class WorkView(APIView):
    @extend_schema(responses=WorkShape)
    def get(self, request: Request, slug: str) -> Response:
        project = project_for(request, slug, Act.ANNOTATE)
        following = videos_selector.next_to_annotate(project)
        refine = [_refine(masklet) for masklet in selector.to_refine(project)[:50]]
        return Response({"refine": refine, "next_video": following and video_shapes.video(following.pk)})


def _refine(masklet: Masklet) -> dict[str, Any]:
    newest = masklet.verifications.all()[0]
    return {
        "masklet": MaskletShape(masklet).data,
        "video": VideoShape(masklet.video).data,
        "verdict": VerdictShape(newest).data,
    }
