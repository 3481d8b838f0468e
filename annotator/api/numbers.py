"""The numbers that managers steer by, as JSON or CSV."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.core.validators import MaxValueValidator
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.renderers import BaseRenderer, JSONRenderer
from rest_framework.response import Response
from rest_framework.views import APIView

from annotator.api.base import Request, asked, project_for
from annotator.errors import AnnotatorError
from annotator.models import Masklet, ModelVersion, Project
from annotator.permissions import Act
from annotator.selectors.numbers import dataset, funnel, progress, table1
from annotator.selectors.numbers.filters import Filters
from annotator.shapes.numbers import NumbersShape
from annotator.shapes.tables import as_csv

LAST_DAY = date(2999, 12, 31)  # what is computed from it stays a date


class CsvRenderer(BaseRenderer):
    """The list of an answer that `part` names, by default its rows."""

    media_type = "text/csv"
    format = "csv"
    charset = "utf-8"

    def render(
        self,
        data: Any,
        accepted_media_type: str | None = None,
        renderer_context: Mapping[str, Any] | None = None,
    ) -> str:
        context = renderer_context or {}
        if context["response"].status_code >= 400:
            return as_csv([data])
        part = context["request"].query_params.get("part", "rows")
        lines = data.get(part)
        return as_csv(lines if isinstance(lines, list) else [])


def day() -> serializers.DateField:
    return serializers.DateField(required=False, validators=[MaxValueValidator(LAST_DAY)])


class FiltersForm(serializers.Serializer):
    phase = serializers.IntegerField(min_value=1, max_value=3, required=False)
    model = serializers.IntegerField(min_value=1, required=False)
    person = serializers.CharField(required=False, max_length=150)
    type = serializers.ChoiceField(Masklet.Type.choices, required=False)
    since = day()
    until = day()


PARAMETERS: list[Any] = [
    FiltersForm,
    OpenApiParameter("format", enum=["json", "csv"]),
    OpenApiParameter("part", str),
]


@extend_schema(parameters=PARAMETERS, responses=NumbersShape)
class NumbersView(APIView):
    """One set of numbers of a project."""

    renderer_classes = [JSONRenderer, CsvRenderer]

    def get(self, request: Request, slug: str) -> Response:
        project = project_for(request, slug, Act.STEER)
        answer = Response(self.numbers(project, filters(request), request))
        if request.accepted_renderer.format == CsvRenderer.format:
            name = request.path.rsplit("/", 1)[-1]
            answer["Content-Disposition"] = f'attachment; filename="{slug}-{name}.csv"'
        return answer

    def numbers(self, project: Project, wanted: Filters, request: Request) -> dict[str, Any]:
        raise NotImplementedError


class Table1View(NumbersView):
    def numbers(self, project: Project, wanted: Filters, request: Request) -> dict[str, Any]:
        by = request.query_params.get("by", "phase")
        if by not in table1.KEYS:
            raise AnnotatorError(f"by is one of {', '.join(table1.KEYS)}.")
        return table1.table1(project, wanted, by)


class DatasetView(NumbersView):
    def numbers(self, project: Project, wanted: Filters, request: Request) -> dict[str, Any]:
        return dataset.dataset(project, wanted)


class FunnelView(NumbersView):
    def numbers(self, project: Project, wanted: Filters, request: Request) -> dict[str, Any]:
        return funnel.funnel(project, wanted)


class QueuesView(NumbersView):
    def numbers(self, project: Project, wanted: Filters, request: Request) -> dict[str, Any]:
        return funnel.queues(project)


class ProgressView(NumbersView):
    def numbers(self, project: Project, wanted: Filters, request: Request) -> dict[str, Any]:
        return progress.progress(project, wanted)


class PeopleNumbersView(NumbersView):
    def numbers(self, project: Project, wanted: Filters, request: Request) -> dict[str, Any]:
        return progress.people(project, wanted)


class ChoicesView(APIView):
    """What the filters can be set to."""

    @extend_schema(responses=NumbersShape)
    def get(self, request: Request, slug: str) -> Response:
        project = project_for(request, slug, Act.STEER)
        names = project.memberships.order_by("user__username").values_list("user__username", flat=True)
        models = [
            {"id": row.pk, "label": table1.model_label(row)} for row in ModelVersion.objects.order_by("id")
        ]
        return Response({"people": list(names), "models": models})


def filters(request: Request) -> Filters:
    """What the address asks for. Raises ValidationError (400)."""
    return Filters(**asked(FiltersForm, request))
