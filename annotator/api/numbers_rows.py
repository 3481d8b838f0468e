"""What is behind a number, in pages; as CSV all of it, streamed."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.renderers import JSONRenderer

from annotator.api.base import ListView, asked, project_for
from annotator.api.downloads import download
from annotator.api.numbers import PARAMETERS, CsvRenderer, day, filters
from annotator.models import Masklet, MaskletFacts, Project, Task, Verification, Video
from annotator.permissions import Act
from annotator.selectors import verifier_models
from annotator.selectors.auto_runs import OUTCOMES
from annotator.selectors.numbers import bins, listing
from annotator.selectors.numbers.filters import Filters
from annotator.shapes.numbers import CaseRowShape, FactsShape, VerdictRowShape, VideoRowShape

_SIZES = tuple(bins.SIZES)


class WhichForm(serializers.Serializer):
    without = serializers.ChoiceField(tuple(listing.NOT_THERE), required=False)
    state = serializers.ChoiceField(Masklet.State.choices, required=False)
    set_aside = serializers.ChoiceField(Masklet.SetAside.choices, required=False)
    bucket = serializers.ChoiceField(_SIZES, required=False)
    share = serializers.IntegerField(min_value=0, max_value=9, required=False)
    tenth = serializers.IntegerField(min_value=0, max_value=9, required=False)
    compared = serializers.ChoiceField(("any", *_SIZES), required=False)
    handed_in_on = day()
    closed_since = day()
    closed_until = day()
    proposed_by = serializers.IntegerField(min_value=1, required=False)
    outcome = serializers.ChoiceField(OUTCOMES, required=False)
    manual = serializers.BooleanField(required=False, default=False)
    open = serializers.BooleanField(required=False, default=False)
    tracked = serializers.BooleanField(required=False, default=False)
    verified = serializers.BooleanField(required=False, default=False)
    returned = serializers.BooleanField(required=False, default=False)
    disappears = serializers.BooleanField(required=False, default=False)
    copies = serializers.BooleanField(required=False, default=False)


class NamedForm(serializers.Serializer):
    by = serializers.ChoiceField(listing.NAMED, required=False)
    name = serializers.CharField(required=False)


class VerdictsForm(serializers.Serializer):
    satisfactory = serializers.BooleanField(required=False, default=False)
    unseen = serializers.BooleanField(required=False, default=False)


class CasesForm(serializers.Serializer):
    verifier = serializers.IntegerField(min_value=1, required=False)
    threshold = serializers.FloatField(min_value=0, max_value=1, required=False)
    found = serializers.ChoiceField(tuple(verifier_models.FOUND), required=False)
    tenth = serializers.IntegerField(min_value=0, max_value=9, required=False)

    def validate(self, asked: dict[str, Any]) -> dict[str, Any]:
        if ("threshold" in asked) != ("found" in asked):
            raise serializers.ValidationError("threshold and found are asked for together.")
        return asked


class RowsView(ListView):
    """The rows behind a number, by the same filters."""

    renderer_classes = [JSONRenderer, CsvRenderer]

    def list(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        if request.accepted_renderer.format != CsvRenderer.format:
            return super().list(request, *args, **kwargs)
        name = f"{kwargs['slug']}-{request.path.rsplit('/', 1)[-1]}.csv"
        return download(self.get_queryset(), self.get_serializer_class()(), name)

    def get_queryset(self):  # type: ignore[no-untyped-def]
        project = project_for(self.request, self.kwargs["slug"], Act.STEER)
        return self.rows(project, filters(self.request))

    def rows(self, project: Project, wanted: Filters) -> QuerySet[Any]:
        raise NotImplementedError


@extend_schema(parameters=[*PARAMETERS, WhichForm])
class MaskletRowsView(RowsView):
    serializer_class = FactsShape
    queryset = MaskletFacts.objects.none()

    def rows(self, project: Project, wanted: Filters) -> QuerySet[Any]:
        return listing.masklets(project, wanted, listing.Which(**asked(WhichForm, self.request)))


@extend_schema(parameters=[*PARAMETERS, WhichForm, NamedForm, OpenApiParameter("but", str, many=True)])
class VideoRowsView(RowsView):
    serializer_class = VideoRowShape
    queryset = Video.objects.none()

    def rows(self, project: Project, wanted: Filters) -> QuerySet[Any]:
        which = listing.Which(**asked(WhichForm, self.request))
        but = self.request.query_params.getlist("but")
        return listing.videos(project, wanted, which, **asked(NamedForm, self.request), but=but)


@extend_schema(parameters=[*PARAMETERS, VerdictsForm])
class VerdictRowsView(RowsView):
    serializer_class = VerdictRowShape
    queryset = Task.objects.none()

    def rows(self, project: Project, wanted: Filters) -> QuerySet[Any]:
        return listing.verdicts(project, wanted, **asked(VerdictsForm, self.request))


@extend_schema(parameters=[CasesForm, *PARAMETERS[1:]])
class CaseRowsView(RowsView):
    """What a verifier model, by default the one that is asked, said of verdicts that it had not learned from."""

    serializer_class = CaseRowShape
    queryset = Verification.objects.none()

    def rows(self, project: Project, wanted: Filters) -> QuerySet[Any]:
        asked_for = asked(CasesForm, self.request)
        pk = asked_for.pop("verifier", None)
        models = verifier_models.done(project)
        model = (models if pk is None else models.filter(pk=pk)).first()
        return verifier_models.held_out(model, **asked_for) if model else Verification.objects.none()
