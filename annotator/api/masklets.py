"""Work on masklets under a session, and reading them without one."""

from __future__ import annotations

from collections.abc import Iterable

from drf_spectacular.utils import (
    OpenApiParameter,
    PolymorphicProxySerializer,
    extend_schema,
    extend_schema_field,
)
from rest_framework import serializers
from rest_framework.response import Response
from rest_framework.views import APIView

from annotator.api.base import ListView, Request, body, masklet_for, video_for
from annotator.api.sessions import annotating
from annotator.errors import AnnotatorError, NotThere
from annotator.models import Change, Masklet, Session
from annotator.models.masklets import PALETTE
from annotator.permissions import Act
from annotator.selectors import masklets as selector
from annotator.selectors import masks
from annotator.services import changes, masklets, prompts
from annotator.shapes import masklets as shapes
from annotator.shapes import sessions as session_shapes
from annotator.shapes.masklets import ChangeShape, MaskletShape, MaskShape
from annotator.shapes.sessions import LookShape
from inference_worker.protocol import messages


class NewMasklet(serializers.Serializer):
    name = serializers.CharField(required=False, allow_blank=True, default="", max_length=100)
    client_id = serializers.UUIDField(required=False, default=None)


class MaskletEdit(serializers.Serializer):
    name = serializers.CharField(required=False, max_length=100)
    color = serializers.IntegerField(required=False, min_value=0, max_value=PALETTE - 1)
    base_version = serializers.IntegerField(min_value=0)


class Base(serializers.Serializer):
    base_version = serializers.IntegerField(min_value=0)
    client_id = serializers.UUIDField(required=False, default=None)


class PointBody(serializers.Serializer):
    kind = serializers.ChoiceField(["point"])
    x = serializers.FloatField()
    y = serializers.FloatField()
    positive = serializers.BooleanField()


class BoxBody(serializers.Serializer):
    kind = serializers.ChoiceField(["box"])
    x0 = serializers.FloatField()
    y0 = serializers.FloatField()
    x1 = serializers.FloatField()
    y1 = serializers.FloatField()


class MaskBody(serializers.Serializer):
    kind = serializers.ChoiceField(["mask"])
    counts = serializers.CharField()


class AbsentBody(serializers.Serializer):
    kind = serializers.ChoiceField(["absent"])


@extend_schema_field(
    PolymorphicProxySerializer(
        component_name="PromptBody",
        serializers={"point": PointBody, "box": BoxBody, "mask": MaskBody, "absent": AbsentBody},
        resource_type_field_name="kind",
        many=True,
    )
)
class Prompts(serializers.ListField):
    """Read by the protocol's own decoder, which is what the workers will hold it against."""

    child = serializers.DictField()


class PromptsBody(Base):
    frame_index = serializers.IntegerField(min_value=0)
    prompts = Prompts(min_length=1, max_length=64)


class FramesBody(Base):
    frames = serializers.ListField(
        child=serializers.IntegerField(min_value=0), required=False, max_length=100_000
    )
    first = serializers.IntegerField(min_value=0, required=False)
    last = serializers.IntegerField(min_value=0, required=False)


class MaskletsView(APIView):
    @extend_schema(request=NewMasklet, responses={201: MaskletShape})
    def post(self, request: Request, session_id: int) -> Response:
        session = annotating(request, session_id)
        return Response(
            masklets.create(session=session, user=request.user, **body(NewMasklet, request)), status=201
        )


class MaskletWorkView(APIView):
    @extend_schema(request=MaskletEdit, responses=MaskletShape)
    def patch(self, request: Request, session_id: int, masklet_id: int) -> Response:
        session = annotating(request, session_id)
        return Response(masklets.edit(session=session, masklet_id=masklet_id, **body(MaskletEdit, request)))

    @extend_schema(request=Base, responses=MaskletShape)
    def delete(self, request: Request, session_id: int, masklet_id: int) -> Response:
        base = body(Base, request)["base_version"]
        session = annotating(request, session_id)
        return Response(masklets.delete(session=session, masklet_id=masklet_id, base_version=base))


class RestoreView(APIView):
    @extend_schema(request=None, responses=MaskletShape)
    def post(self, request: Request, session_id: int, masklet_id: int) -> Response:
        return Response(masklets.restore(session=annotating(request, session_id), masklet_id=masklet_id))


class PromptsView(APIView):
    @extend_schema(request=PromptsBody, responses={201: ChangeShape})
    def post(self, request: Request, session_id: int, masklet_id: int) -> Response:
        data = body(PromptsBody, request)
        new = messages.decode(data.pop("prompts"), list[messages.Prompt])
        session = annotating(request, session_id)
        made = prompts.add(session=session, user=request.user, masklet_id=masklet_id, new=new, **data)
        return Response(made, status=201)


class RemovePromptView(APIView):
    @extend_schema(request=Base, responses=ChangeShape)
    def post(self, request: Request, session_id: int, masklet_id: int, prompt_id: int) -> Response:
        session = annotating(request, session_id)
        data = body(Base, request)
        made = prompts.remove(
            session=session, user=request.user, masklet_id=masklet_id, prompt_id=prompt_id, **data
        )
        return Response(made)


class MarkFramesView(APIView):
    """Accept, declare absent or clear frames."""

    kind: Change.Kind

    @extend_schema(request=FramesBody, responses=ChangeShape)
    def post(self, request: Request, session_id: int, masklet_id: int) -> Response:
        data = body(FramesBody, request)
        session = annotating(request, session_id)
        made = changes.mark_frames(
            session=session,
            user=request.user,
            masklet_id=masklet_id,
            base_version=data["base_version"],
            kind=self.kind,
            frames=_frames(session, data),
            client_id=data["client_id"],
        )
        return Response(made)


class AcceptView(MarkFramesView):
    kind = Change.Kind.ACCEPT


class AbsentView(MarkFramesView):
    kind = Change.Kind.ABSENT


class ClearView(MarkFramesView):
    kind = Change.Kind.CLEAR


class UndoView(APIView):
    @extend_schema(request=Base, responses=ChangeShape)
    def post(self, request: Request, session_id: int, masklet_id: int) -> Response:
        return _step(changes.undo, request, session_id, masklet_id)


class RedoView(APIView):
    @extend_schema(request=Base, responses=ChangeShape)
    def post(self, request: Request, session_id: int, masklet_id: int) -> Response:
        return _step(changes.redo, request, session_id, masklet_id)


class VideoMaskletsView(ListView):
    """A video's masklets that are not deleted, by number."""

    serializer_class = MaskletShape
    queryset = Masklet.objects.none()

    def get_queryset(self):  # type: ignore[no-untyped-def]
        video = video_for(self.request, self.kwargs["video_id"], Act.SEE)
        return selector.shown_to(self.request.user, video)


class MaskletView(APIView):
    @extend_schema(responses=MaskletShape)
    def get(self, request: Request, masklet_id: int) -> Response:
        return Response(shapes.masklet(masklet_for(request, masklet_id, Act.SEE).pk, request.user))


class LookView(APIView):
    """What the page of one masklet shows, to whoever does nothing to it."""

    @extend_schema(responses=LookShape)
    def get(self, request: Request, masklet_id: int) -> Response:
        masklet = masklet_for(request, masklet_id, Act.SEE)
        if masklet.deleted_at is not None:
            raise NotThere("This masklet was deleted.")
        return Response(session_shapes.look(masklet.pk, request.user))


class MasksView(APIView):
    @extend_schema(
        parameters=[OpenApiParameter("first", int), OpenApiParameter("last", int)],
        responses=MaskShape(many=True),
    )
    def get(self, request: Request, masklet_id: int) -> Response:
        masklet = masklet_for(request, masklet_id, Act.SEE)
        rows = masks.current([masklet.pk], first=_whole(request, "first"), last=_whole(request, "last"))
        return Response([shapes.mask(row) for row in rows])


def _step(act, request: Request, session_id: int, masklet_id: int) -> Response:  # type: ignore[no-untyped-def]
    base = body(Base, request)["base_version"]
    session = annotating(request, session_id)
    return Response(act(session=session, user=request.user, masklet_id=masklet_id, base_version=base))


def _frames(session: Session, data: dict) -> Iterable[int]:
    if "frames" in data:
        return data["frames"]
    if "first" not in data or "last" not in data:
        raise AnnotatorError("Name the frames: either frames, or first and last.")
    return range(data["first"], min(data["last"], session.video.frame_count or 0) + 1)


def _whole(request: Request, name: str) -> int | None:
    value = request.query_params.get(name)
    if value is None:
        return None
    if not value.isascii() or not value.isdigit() or len(value) > 9:
        raise AnnotatorError(f"{name} must be a frame index.")
    return int(value)
