from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.response import Response
from rest_framework.views import APIView

from annotator.api.base import ListView, Request, asked, body, project_for, video_for
from annotator.errors import Conflict
from annotator.models import Video
from annotator.permissions import Act, require
from annotator.selectors import videos as selector
from annotator.services import videos
from annotator.shapes import videos as shapes
from annotator.shapes.videos import FrameTableShape, MetadataShape, VideoShape


class VideosForm(serializers.Serializer):
    state = serializers.ChoiceField(Video.State.choices, required=False)
    q = serializers.CharField(required=False)


@extend_schema(parameters=[VideosForm])
class VideosView(ListView):
    serializer_class = VideoShape
    queryset = Video.objects.none()

    def get_queryset(self):  # type: ignore[no-untyped-def]
        project = project_for(self.request, self.kwargs["slug"], Act.SEE)
        return selector.in_project(project, viewer=self.request.user, **asked(VideosForm, self.request))


class VideoView(APIView):
    @extend_schema(responses=VideoShape)
    def get(self, request: Request, video_id: int) -> Response:
        return Response(shapes.video(video_for(request, video_id, Act.SEE).pk, request.user))

    @extend_schema(request=MetadataShape, responses=VideoShape)
    def patch(self, request: Request, video_id: int) -> Response:
        video = video_for(request, video_id, Act.UPLOAD)
        videos.edit(video=video, **body(MetadataShape, request, partial=True))
        return Response(shapes.video(video.pk, request.user))

    @extend_schema(responses={204: None})
    def delete(self, request: Request, video_id: int) -> Response:
        video = video_for(request, video_id, Act.UPLOAD)
        if video.state != Video.State.REFUSED:  # a file that could not be used holds nobody's work
            require(request.user, video.project, Act.DELETE_VIDEO)
        videos.delete(video=video)
        return Response(status=204)


class IngestView(APIView):
    @extend_schema(request=None, responses=VideoShape)
    def post(self, request: Request, video_id: int) -> Response:
        video = videos.ingest_again(video=video_for(request, video_id, Act.UPLOAD))
        return Response(shapes.video(video.pk, request.user))


class FrameTableView(APIView):
    @extend_schema(responses=FrameTableShape)
    def get(self, request: Request, video_id: int) -> Response:
        return Response(shapes.frame_table(ready(request, video_id)))


def ready(request: Request, video_id: int) -> Video:
    """The video, if this person may see it and its frames are there. Raises Conflict `not_ready`."""
    video = video_for(request, video_id, Act.SEE)
    if video.state != Video.State.READY:
        raise Conflict(f"This video is {video.state}: its frames are not there yet.", code="not_ready")
    return video
