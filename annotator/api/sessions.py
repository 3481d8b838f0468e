from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.response import Response
from rest_framework.views import APIView

from annotator import events
from annotator.api.base import Request, body, masklet_for, video_for
from annotator.errors import AnnotatorError
from annotator.models import Session, Verification
from annotator.permissions import Act
from annotator.services import claims, masklets, selections, sessions, verifications
from annotator.shapes import sessions as shapes
from annotator.shapes.masklets import MarkShape, MaskletShape
from annotator.shapes.sessions import SnapshotShape

MOST_MARKS = 500  # every later answer about the masklet carries them


class WantedMasklet(serializers.Serializer):
    id = serializers.IntegerField()
    base_version = serializers.IntegerField(min_value=0)


class WantedMasklets(serializers.Serializer):
    masklets = WantedMasklet(many=True, allow_empty=True)


class VerdictBody(serializers.Serializer):
    verdict = serializers.ChoiceField(Verification.Verdict.choices)
    comment = serializers.CharField(required=False, allow_blank=True, default="", max_length=5000)
    marks = serializers.ListField(child=MarkShape(), required=False, default=list, max_length=MOST_MARKS)
    base_version = serializers.IntegerField(min_value=0)


class ExhaustivityBody(serializers.Serializer):
    left = serializers.BooleanField()
    note = serializers.CharField(required=False, allow_blank=True, default="", max_length=5000)


class SelectedShape(serializers.Serializer):
    masklets = serializers.ListField(child=serializers.IntegerField())


class LeaseShape(serializers.Serializer):
    lease_until = serializers.DateTimeField()


class SubmittedShape(serializers.Serializer):
    masklets = MaskletShape(many=True)


def session_for(request: Request, session_id: int) -> Session:
    """The open session, if this person holds it: what every write names."""
    return sessions.held(session_id, request.user)


def annotating(request: Request, session_id: int) -> Session:
    """The open session, if it holds the video for annotating."""
    session = session_for(request, session_id)
    if session.purpose != Session.Purpose.ANNOTATE:
        raise AnnotatorError("This session is for verifying: it changes no masks.", code="wrong_purpose")
    return session


def wanted(data: Any) -> dict[int, int]:
    return {item["id"]: item["base_version"] for item in data["masklets"]}


def snapshot(session: Session) -> dict[str, Any]:
    # The event first: what happens while the rest is read is then told again, and applying it twice is harmless.
    last_event_id = events.last_id(session.pk)
    return shapes.snapshot(session, last_event_id)


class AnnotateView(APIView):
    @extend_schema(request=None, responses={201: SnapshotShape})
    def post(self, request: Request, video_id: int) -> Response:
        video = video_for(request, video_id, Act.ANNOTATE)
        session = sessions.open_for_annotating(user=request.user, video=video)
        return Response(snapshot(session), status=201)


class VerifyView(APIView):
    @extend_schema(request=None, responses={201: SnapshotShape})
    def post(self, request: Request, masklet_id: int) -> Response:
        masklet = masklet_for(request, masklet_id, Act.VERIFY)
        session = claims.open_verifying(user=request.user, masklet=masklet)
        return Response(snapshot(session), status=201)


class SessionView(APIView):
    @extend_schema(responses=SnapshotShape)
    def get(self, request: Request, session_id: int) -> Response:
        return Response(snapshot(session_for(request, session_id)))


class HeartbeatView(APIView):
    @extend_schema(request=None, responses=LeaseShape)
    def post(self, request: Request, session_id: int) -> Response:
        return Response({"lease_until": sessions.heartbeat(session_id=session_id, user=request.user)})


class CloseView(APIView):
    @extend_schema(request=None, responses={204: None})
    def post(self, request: Request, session_id: int) -> Response:
        session = session_for(request, session_id)
        if session.task is None:
            sessions.close(session=session)
        else:
            claims.give_back(task=session.task, user=request.user)
        return Response(status=204)


class SubmitView(APIView):
    @extend_schema(request=WantedMasklets, responses=SubmittedShape)
    def post(self, request: Request, session_id: int) -> Response:
        data = body(WantedMasklets, request)
        done = masklets.submit(
            session=annotating(request, session_id), user=request.user, wanted=wanted(data)
        )
        return Response({"masklets": done})


class SelectionView(APIView):
    @extend_schema(request=None, responses=SelectedShape)
    def post(self, request: Request, session_id: int) -> Response:
        made = selections.finish(session=annotating(request, session_id), user=request.user)
        return Response({"masklets": made})


class ExhaustivityView(APIView):
    @extend_schema(request=ExhaustivityBody, responses={204: None})
    def post(self, request: Request, session_id: int) -> Response:
        data = body(ExhaustivityBody, request)
        selections.answer_exhaustivity(session=annotating(request, session_id), user=request.user, **data)
        return Response(status=204)


class VerdictView(APIView):
    @extend_schema(request=VerdictBody, responses=MaskletShape)
    def post(self, request: Request, session_id: int) -> Response:
        data = body(VerdictBody, request)
        return Response(
            verifications.give(session=session_for(request, session_id), user=request.user, **data)
        )
