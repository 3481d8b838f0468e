"""Gold masklets, and how near a person's work came to one."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.response import Response
from rest_framework.views import APIView

from annotator.api.base import ListView, Request, asked, gold_score_for, masklet_for, project_for
from annotator.models import Masklet
from annotator.permissions import Act
from annotator.selectors import gold as selector
from annotator.services import gold
from annotator.shapes import gold as shapes
from annotator.shapes.gold import GoldScoreShape, GoldShape


class GoldForm(serializers.Serializer):
    video = serializers.IntegerField(required=False)


@extend_schema(parameters=[GoldForm])
class GoldListView(ListView):
    serializer_class = GoldShape
    queryset = Masklet.objects.none()

    def get_queryset(self):  # type: ignore[no-untyped-def]
        project = project_for(self.request, self.kwargs["slug"], Act.STEER)
        return selector.in_project(project, **asked(GoldForm, self.request))


class GoldView(APIView):
    @extend_schema(request=None, responses={201: GoldShape})
    def post(self, request: Request, masklet_id: int) -> Response:
        masklet = masklet_for(request, masklet_id, Act.STEER)
        gold.mark(masklet=masklet, user=request.user)
        marked = selector.in_project(masklet.video.project).get(pk=masklet.pk)
        return Response(shapes.gold(marked), status=201)

    @extend_schema(responses={204: None})
    def delete(self, request: Request, masklet_id: int) -> Response:
        gold.unmark(masklet=masklet_for(request, masklet_id, Act.STEER), user=request.user)
        return Response(status=204)


class GoldScoreView(APIView):
    @extend_schema(responses=GoldScoreShape)
    def get(self, request: Request, score_id: int) -> Response:
        return Response(shapes.gold_score(gold_score_for(request, score_id)))
