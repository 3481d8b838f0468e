"""Auto masklets: runs that make them, and how they fail."""

from __future__ import annotations

from typing import Any

import msgspec
from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.response import Response
from rest_framework.views import APIView

from annotator.api.base import ListView, Request, body, found, project_for
from annotator.models import AutoRun, Project, Verification, Video
from annotator.permissions import Act
from annotator.selectors import auto_runs as selector
from annotator.services import auto_runs
from annotator.shapes import auto_runs as shapes
from annotator.shapes.auto_runs import (
    AutoChoiceShape,
    AutoFailureShape,
    AutoModelShape,
    AutoRunShape,
    AutoStateShape,
)
from annotator.shapes.tables import as_csv

_COLUMNS = ("model", "video", "masklet", "number", "state", "reviewer", "created_at", "comment", "marks")


class NewRuns(serializers.Serializer):
    """videos: ids; left out, all that are ready and that no run was finished of."""

    videos = serializers.ListField(
        child=serializers.IntegerField(), required=False, default=None, allow_empty=False, max_length=1000
    )


class BegunShape(serializers.Serializer):
    runs = AutoRunShape(many=True)


class StoppedShape(serializers.Serializer):
    stopped = serializers.IntegerField()


@extend_schema(parameters=[OpenApiParameter("state", str)])
class AutoRunsView(ListView):
    serializer_class = AutoRunShape
    queryset = AutoRun.objects.none()

    def get_queryset(self):  # type: ignore[no-untyped-def]
        project = project_for(self.request, self.kwargs["slug"], Act.STEER)
        return selector.in_project(project, self.request.query_params.get("state", ""))

    @extend_schema(request=NewRuns, responses={201: BegunShape})
    def post(self, request: Request, slug: str) -> Response:
        project = project_for(request, slug, Act.STEER)
        begun = auto_runs.start(project=project, user=request.user, videos=body(NewRuns, request)["videos"])
        return Response({"runs": shapes.auto_runs(begun)}, status=201)


class StopRunsView(APIView):
    @extend_schema(request=None, responses=StoppedShape)
    def post(self, request: Request, slug: str) -> Response:
        project = project_for(request, slug, Act.STEER)
        return Response({"stopped": auto_runs.stop_all(project=project)})


class AutoStateView(APIView):
    @extend_schema(responses=AutoStateShape)
    def get(self, request: Request, slug: str) -> Response:
        project = project_for(request, slug, Act.STEER)
        state = {
            "new_videos": selector.without_run(selector.videos(project)).count(),
            "runs": selector.counts(project),
            "engines": auto_runs.engines(),
            "settings": msgspec.to_builtins(auto_runs.settings_of(project)),
        }
        return Response(AutoStateShape(state).data)


@extend_schema(parameters=[OpenApiParameter("q", str), OpenApiParameter("new", bool)])
class AutoVideosView(ListView):
    serializer_class = AutoChoiceShape
    queryset = Video.objects.none()

    def get_queryset(self):  # type: ignore[no-untyped-def]
        project = project_for(self.request, self.kwargs["slug"], Act.STEER)
        query = self.request.query_params
        rows = selector.videos(project, query.get("q", ""))
        return selector.without_run(rows) if query.get("new") == "true" else rows


class AutoRunView(APIView):
    @extend_schema(responses=AutoRunShape)
    def get(self, request: Request, run_id: int) -> Response:
        return Response(shapes.auto_runs([_run_for(request, run_id)])[0])


class StopRunView(APIView):
    @extend_schema(request=None, responses=AutoRunShape)
    def post(self, request: Request, run_id: int) -> Response:
        run = _run_for(request, run_id)
        auto_runs.stop(run=run)
        return Response(shapes.auto_runs([run])[0])


class AutoModelsView(APIView):
    @extend_schema(responses=AutoModelShape(many=True))
    def get(self, request: Request, slug: str) -> Response:
        project = project_for(request, slug, Act.STEER)
        return Response(AutoModelShape(selector.models_of(project), many=True).data)


@extend_schema(parameters=[OpenApiParameter("model", int)])
class AutoFailuresView(ListView):
    serializer_class = AutoFailureShape
    queryset = Verification.objects.none()

    def get_queryset(self):  # type: ignore[no-untyped-def]
        project = project_for(self.request, self.kwargs["slug"], Act.STEER)
        return _failures(self.request, project)


class AutoFailuresFileView(APIView):
    @extend_schema(
        parameters=[OpenApiParameter("model", int)], responses={(200, "text/csv"): OpenApiTypes.STR}
    )
    def get(self, request: Request, slug: str) -> HttpResponse:
        project = project_for(request, slug, Act.STEER)
        rows = AutoFailureShape(_failures(request, project), many=True).data
        answer = HttpResponse(
            as_csv([_line(row) for row in rows], _COLUMNS), content_type="text/csv; charset=utf-8"
        )
        answer["Content-Disposition"] = f'attachment; filename="{slug}_auto_failures.csv"'
        return answer


def _run_for(request: Request, pk: int) -> AutoRun:
    rows = AutoRun.objects.select_related("video__project").filter(video__deleted_at__isnull=True)
    return found(request, rows.filter(pk=pk), Act.STEER, lambda run: run.video.project)


def _failures(request: Request, project: Project):  # type: ignore[no-untyped-def]
    model = serializers.IntegerField(required=False, allow_null=True)
    wanted = request.query_params.get("model") or None
    return selector.failures(project, model.run_validation(wanted))


def _line(row: Any) -> dict[str, Any]:
    marks = "; ".join(f"{mark['frame_index']}: {mark['text']}" for mark in row["marks"])
    return {**row, "video": row["video"]["video_id"], "marks": marks}
