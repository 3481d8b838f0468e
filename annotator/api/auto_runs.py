"""Auto masklets: runs that make them, and how they fail."""

from __future__ import annotations

import msgspec
from django.http import HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.response import Response
from rest_framework.views import APIView

from annotator.api.base import ListView, Request, asked, body, found, project_for
from annotator.api.downloads import download, download_json_lines
from annotator.models import AutoRun, Project, Verification, Video
from annotator.permissions import Act
from annotator.selectors import auto_runs as selector
from annotator.services import auto_runs
from annotator.shapes import auto_runs as shapes
from annotator.shapes.auto_runs import (
    AutoChoiceShape,
    AutoFailureLineShape,
    AutoFailureShape,
    AutoModelShape,
    AutoRunShape,
    AutoStateShape,
)


class NewRuns(serializers.Serializer):
    """videos: ids; left out, all that are ready and that no run was finished of."""

    videos = serializers.ListField(
        child=serializers.IntegerField(), required=False, default=None, allow_empty=False, max_length=1000
    )


class BegunShape(serializers.Serializer):
    runs = serializers.ListField(child=serializers.IntegerField())


class StoppedRunsShape(serializers.Serializer):
    stopped = serializers.IntegerField()


class RunsForm(serializers.Serializer):
    state = serializers.ChoiceField(AutoRun.State.choices, required=False)


@extend_schema(parameters=[RunsForm])
class AutoRunsView(ListView):
    serializer_class = AutoRunShape
    queryset = AutoRun.objects.none()

    def get_queryset(self):  # type: ignore[no-untyped-def]
        project = project_for(self.request, self.kwargs["slug"], Act.STEER)
        return selector.in_project(project, **asked(RunsForm, self.request))

    @extend_schema(request=NewRuns, responses={201: BegunShape})
    def post(self, request: Request, slug: str) -> Response:
        project = project_for(request, slug, Act.STEER)
        begun = auto_runs.start(project=project, user=request.user, videos=body(NewRuns, request)["videos"])
        return Response({"runs": [run.pk for run in begun]}, status=201)


class StopRunsView(APIView):
    @extend_schema(request=None, responses=StoppedRunsShape)
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
        return Response(shapes.auto_run(_run_for(request, run_id)))


class StopRunView(APIView):
    @extend_schema(request=None, responses=AutoRunShape)
    def post(self, request: Request, run_id: int) -> Response:
        run = _run_for(request, run_id)
        auto_runs.stop(run=run)
        return Response(shapes.auto_run(run))


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

    def paginate_queryset(self, queryset):  # type: ignore[no-untyped-def]
        shown = super().paginate_queryset(queryset) or []
        selector.pictured(shown)
        return shown


class AutoFailuresFileView(APIView):
    @extend_schema(
        parameters=[OpenApiParameter("model", int)], responses={(200, "text/csv"): OpenApiTypes.STR}
    )
    def get(self, request: Request, slug: str) -> HttpResponseBase:
        project = project_for(request, slug, Act.STEER)
        return download(_failures(request, project), AutoFailureLineShape(), f"{slug}_auto_failures.csv")


class AutoFailureMasksView(APIView):
    @extend_schema(
        parameters=[OpenApiParameter("model", int)],
        responses={(200, "application/x-ndjson"): OpenApiTypes.STR},
    )
    def get(self, request: Request, slug: str) -> HttpResponseBase:
        project = project_for(request, slug, Act.STEER)
        rows = _failures(request, project)
        return download_json_lines(rows, shapes.failures_with_masks, f"{slug}_auto_failures.jsonl")


def _run_for(request: Request, pk: int) -> AutoRun:
    rows = AutoRun.objects.select_related("video__project").filter(video__deleted_at__isnull=True)
    return found(request, rows.filter(pk=pk), Act.STEER, lambda run: run.video.project)


def _failures(request: Request, project: Project):  # type: ignore[no-untyped-def]
    model = serializers.IntegerField(required=False, allow_null=True)
    wanted = request.query_params.get("model") or None
    return selector.failures(project, model.run_validation(wanted))
