"""Two people's work on one object: deciding between them, the list of pairs, and taking a decision back."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.response import Response
from rest_framework.views import APIView

from annotator.api.base import ListView, Request, body, consensus_for, project_for
from annotator.api.sessions import session_for
from annotator.models import Consensus
from annotator.permissions import Act
from annotator.selectors import consensus as selector
from annotator.services import consensus
from annotator.shapes import consensus as shapes
from annotator.shapes.consensus import ConsensusShape


class DecisionBody(serializers.Serializer):
    chosen = serializers.IntegerField(allow_null=True)
    comment = serializers.CharField(required=False, allow_blank=True, default="", max_length=5000)


class ReverseBody(serializers.Serializer):
    despite_export = serializers.BooleanField(required=False, default=False)


class DecisionView(APIView):
    @extend_schema(request=DecisionBody, responses=ConsensusShape)
    def post(self, request: Request, session_id: int) -> Response:
        data = body(DecisionBody, request)
        session = session_for(request, session_id)
        return Response(shapes.pair(consensus.decide(session=session, user=request.user, **data)))


class ConsensusListView(ListView):
    serializer_class = ConsensusShape
    queryset = Consensus.objects.none()

    def get_queryset(self):  # type: ignore[no-untyped-def]
        return selector.in_project(project_for(self.request, self.kwargs["slug"], Act.STEER))


class ReverseView(APIView):
    @extend_schema(request=ReverseBody, responses=ConsensusShape)
    def post(self, request: Request, consensus_id: int) -> Response:
        pair = consensus_for(request, consensus_id, Act.STEER)
        reversed_pair = consensus.reverse(pair=pair, user=request.user, **body(ReverseBody, request))
        return Response(shapes.pair(reversed_pair))
