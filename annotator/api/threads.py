"""Comment threads of a video: everybody in the project reads and writes them."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.response import Response
from rest_framework.views import APIView

from annotator.api.base import ListView, Request, asked, body, project_for, thread_for, video_for
from annotator.models import Thread
from annotator.permissions import Act
from annotator.selectors import threads as selector
from annotator.services import threads
from annotator.services.threads import Pin
from annotator.shapes.threads import ListedThreadShape, ThreadShape


class CommentBody(serializers.Serializer):
    text = serializers.CharField(max_length=5000, error_messages={"blank": "Write what there is to say."})


class PinBody(serializers.Serializer):
    masklet = serializers.IntegerField(required=False, allow_null=True)
    first_frame = serializers.IntegerField(required=False, allow_null=True, min_value=0)
    last_frame = serializers.IntegerField(required=False, allow_null=True, min_value=0)
    x0 = serializers.FloatField(required=False, allow_null=True)
    y0 = serializers.FloatField(required=False, allow_null=True)
    x1 = serializers.FloatField(required=False, allow_null=True)
    y1 = serializers.FloatField(required=False, allow_null=True)


class NewThread(CommentBody, PinBody):
    """A first comment, and where it is pinned."""


class ThreadsForm(serializers.Serializer):
    masklet = serializers.IntegerField(min_value=0, required=False)


@extend_schema(parameters=[ThreadsForm])
class ThreadsView(ListView):
    serializer_class = ThreadShape
    queryset = Thread.objects.none()

    def get_queryset(self):  # type: ignore[no-untyped-def]
        video = video_for(self.request, self.kwargs["video_id"], Act.SEE)
        return selector.in_video(video, self.request.user, **asked(ThreadsForm, self.request))

    @extend_schema(request=NewThread, responses={201: ThreadShape})
    def post(self, request: Request, video_id: int) -> Response:
        video = video_for(request, video_id, Act.SEE)
        data = body(NewThread, request)
        text = data.pop("text")
        return Response(threads.begin(video=video, user=request.user, text=text, pin=Pin(**data)), status=201)


class ProjectThreadsForm(serializers.Serializer):
    resolved = serializers.BooleanField(required=False)
    mine = serializers.BooleanField(required=False)
    video = serializers.IntegerField(min_value=0, required=False)


@extend_schema(parameters=[ProjectThreadsForm])
class ProjectThreadsView(ListView):
    serializer_class = ListedThreadShape
    queryset = Thread.objects.none()

    def get_queryset(self):  # type: ignore[no-untyped-def]
        project = project_for(self.request, self.kwargs["slug"], Act.SEE)
        return selector.in_project(project, self.request.user, **asked(ProjectThreadsForm, self.request))


class CommentsView(APIView):
    @extend_schema(request=CommentBody, responses={201: ThreadShape})
    def post(self, request: Request, thread_id: int) -> Response:
        thread = thread_for(request, thread_id)
        data = body(CommentBody, request)
        return Response(threads.answer(thread=thread, user=request.user, **data), status=201)


class ResolveView(APIView):
    @extend_schema(request=None, responses=ThreadShape)
    def post(self, request: Request, thread_id: int) -> Response:
        return Response(threads.resolve(thread=thread_for(request, thread_id), user=request.user))


class ReopenView(APIView):
    @extend_schema(request=None, responses=ThreadShape)
    def post(self, request: Request, thread_id: int) -> Response:
        return Response(threads.reopen(thread=thread_for(request, thread_id)))
