from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.response import Response
from rest_framework.views import APIView

from annotator.api.base import Request, body
from annotator.api.sessions import WantedMasklets, annotating, wanted
from annotator.models import Propagation
from annotator.services import propagations
from annotator.shapes.propagations import PropagationShape
from annotator.spans import Bounds


class NewPropagation(WantedMasklets):
    start_frame = serializers.IntegerField(min_value=0)
    direction = serializers.ChoiceField(Propagation.Direction.choices)
    whole = serializers.BooleanField(required=False, default=False)
    first_frame = serializers.IntegerField(min_value=0, required=False, default=None, allow_null=True)
    last_frame = serializers.IntegerField(min_value=0, required=False, default=None, allow_null=True)
    client_id = serializers.UUIDField(required=False, default=None)


class PropagationsView(APIView):
    @extend_schema(request=NewPropagation, responses={201: PropagationShape})
    def post(self, request: Request, session_id: int) -> Response:
        data = body(NewPropagation, request)
        started = propagations.start(
            session=annotating(request, session_id),
            user=request.user,
            wanted=wanted(data),
            start_frame=data["start_frame"],
            direction=data["direction"],
            bounds=Bounds(whole=data["whole"], first=data["first_frame"], last=data["last_frame"]),
            client_id=data["client_id"],
        )
        return Response(started, status=201)


class StopView(APIView):
    @extend_schema(request=None, responses=PropagationShape)
    def post(self, request: Request, session_id: int, propagation_id: int) -> Response:
        session = annotating(request, session_id)
        return Response(propagations.stop(session=session, propagation_id=propagation_id))
