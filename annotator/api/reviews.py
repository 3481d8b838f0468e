"""What waits for a person: masklets to judge, and the next video to annotate."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.response import Response
from rest_framework.views import APIView

from annotator.api.base import ListView, Request, asked, project_for
from annotator.models import Task
from annotator.permissions import Act
from annotator.selectors import verifications as selector
from annotator.selectors import videos as videos_selector
from annotator.shapes import videos as video_shapes
from annotator.shapes.masklets import MaskletShape
from annotator.shapes.videos import VideoShape


class WaitingShape(serializers.Serializer[Any]):
    """A task of selectors.verifications.waiting()."""

    task = serializers.IntegerField(source="pk")
    kind = serializers.ChoiceField(Task.Kind.choices)
    state = serializers.ChoiceField(Task.State.choices)
    priority = serializers.IntegerField()
    masklet = MaskletShape()
    video = VideoShape()
    submitted_at = serializers.DateTimeField(source="masklet.submitted_at")
    waiting_since = serializers.DateTimeField()
    suspicion = serializers.FloatField(allow_null=True)
    own_work = serializers.BooleanField()
    held_by = serializers.SerializerMethodField()

    def get_held_by(self, task: Task) -> dict[str, Any] | None:
        if task.holder is None:
            return None
        hold = next(iter(task.holds), None)  # type: ignore[attr-defined]
        return {"username": task.holder.username, "until": hold and hold.lease_until.isoformat()}


class WorkShape(serializers.Serializer[Any]):
    next_video = VideoShape(allow_null=True)


class WaitingForm(serializers.Serializer):
    kind = serializers.ChoiceField(selector.JUDGING, required=False)
    order = serializers.ChoiceField(list(selector.ORDERS), required=False)


@extend_schema(parameters=[WaitingForm])
class ReviewsView(ListView):
    serializer_class = WaitingShape
    queryset = Task.objects.none()

    def get_queryset(self):  # type: ignore[no-untyped-def]
        project = project_for(self.request, self.kwargs["slug"], Act.VERIFY)
        return selector.waiting(project, self.request.user, **asked(WaitingForm, self.request))


class WorkView(APIView):
    @extend_schema(responses=WorkShape)
    def get(self, request: Request, slug: str) -> Response:
        project = project_for(request, slug, Act.ANNOTATE)
        following = videos_selector.next_to_annotate(project)
        return Response({"next_video": following and video_shapes.video(following.pk)})
