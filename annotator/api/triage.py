"""What triage measured of a masklet, and the verifier models of a project."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework.response import Response
from rest_framework.views import APIView

from annotator.api.base import ListView, Request, masklet_for, project_for
from annotator.models import VerifierModel
from annotator.permissions import Act, require
from annotator.selectors import triage
from annotator.selectors import verifier_models as selector
from annotator.services import verifier_models
from annotator.shapes import triage as shapes
from annotator.shapes.triage import SignalsShape, VerifierModelShape, VerifierVoteShape


class SignalsView(APIView):
    @extend_schema(responses=SignalsShape(many=True))
    def get(self, request: Request, masklet_id: int) -> Response:
        rows = triage.measured(masklet_for(request, masklet_id, Act.SEE))
        return Response([shapes.measured(row) for row in rows if row.suspicion is not None])


class VotesView(APIView):
    @extend_schema(responses=VerifierVoteShape(many=True))
    def get(self, request: Request, masklet_id: int) -> Response:
        masklet = masklet_for(request, masklet_id, Act.VERIFY)
        role = require(request.user, masklet.video.project, Act.VERIFY)
        return Response(VerifierVoteShape(selector.votes(masklet, request.user, role), many=True).data)


class VerifierModelsView(ListView):
    """A project's verifier models, newest first."""

    serializer_class = VerifierModelShape
    queryset = VerifierModel.objects.none()

    def get_queryset(self):  # type: ignore[no-untyped-def]
        return selector.of_project(project_for(self.request, self.kwargs["slug"], Act.STEER))

    @extend_schema(request=None, responses={201: VerifierModelShape})
    def post(self, request: Request, slug: str) -> Response:
        project = project_for(request, slug, Act.STEER)
        model = verifier_models.request(project=project, user=request.user)
        return Response(VerifierModelShape(model).data, status=201)
