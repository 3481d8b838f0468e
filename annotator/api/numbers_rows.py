"""What is behind a number, in pages; as CSV all of it, streamed."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.renderers import JSONRenderer

from annotator.api.base import ListView, asked, project_for, steers
from annotator.api.downloads import download
from annotator.api.numbers import PARAMETERS, CsvRenderer, day, filters
from annotator.api.scorecards import MOST_DAYS
from annotator.errors import NotAllowed
from annotator.models import Masklet, MaskletFacts, Project, Verification, Video
from annotator.permissions import Act
from annotator.selectors import people, verifier_models
from annotator.selectors.numbers import bins, listing, verdicts
from annotator.selectors.numbers.filters import Filters, days, span
from annotator.shapes.numbers import CaseRowShape, FactsShape, OwnFactsShape, VerdictRowShape, VideoRowShape

_SIZES = tuple(bins.SIZES)


def far_back() -> serializers.IntegerField:
    return serializers.IntegerField(min_value=1, max_value=MOST_DAYS, required=False)


class WhichForm(serializers.Serializer):
    without = serializers.ChoiceField(tuple(listing.NOT_THERE), required=False)
    state = serializers.ChoiceField(Masklet.State.choices, required=False)
    set_aside = serializers.ChoiceField(Masklet.SetAside.choices, required=False)
    bucket = serializers.ChoiceField(_SIZES, required=False)
    share = serializers.IntegerField(min_value=0, max_value=9, required=False)
    tenth = serializers.IntegerField(min_value=0, max_value=9, required=False)
    compared = serializers.ChoiceField(("any", *_SIZES), required=False)
    handed_in_on = day()
    days = far_back()
    closed_since = day()
    closed_until = day()
    proposed_by = serializers.IntegerField(min_value=1, required=False)
    outcome = serializers.ChoiceField(MaskletFacts.Outcome.choices, required=False)
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
    selected = serializers.BooleanField(required=False, default=False)


class OwnForm(serializers.Serializer):
    """Whether work on gold is among the rows, they must not tell: of states only one that it never has."""

    person = serializers.CharField()
    days = far_back()
    state = serializers.ChoiceField([Masklet.State.ACCEPTED], required=False)


class VerdictsForm(serializers.Serializer):
    worker = serializers.CharField(required=False)
    reviewer = serializers.CharField(required=False)
    stage = serializers.ChoiceField(Verification.Stage.choices, required=False)
    verdict = serializers.ChoiceField(Verification.Verdict.choices, required=False)
    audited = serializers.BooleanField(required=False, default=False)
    overturned = serializers.BooleanField(required=False, default=False)
    unseen = serializers.BooleanField(required=False, default=False)
    days = far_back()


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
    """The rows behind a number, by the same filters; people who steer nothing read what is their own."""

    renderer_classes = [JSONRenderer, CsvRenderer]

    def list(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        if request.accepted_renderer.format != CsvRenderer.format:
            return super().list(request, *args, **kwargs)
        name = f"{kwargs['slug']}-{request.path.rsplit('/', 1)[-1]}.csv"
        return download(self.get_queryset(), self.get_serializer_class()(), name)

    def get_queryset(self):  # type: ignore[no-untyped-def]
        project = project_for(self.request, self.kwargs["slug"], Act.SEE)
        rows = self.rows if steers(self.request, project) else self.own
        return rows(project, filters(self.request))

    def rows(self, project: Project, wanted: Filters) -> QuerySet[Any]:
        raise NotImplementedError

    def own(self, project: Project, wanted: Filters) -> QuerySet[Any]:
        """As rows, for a person who does not steer the project. Raises NotAllowed where it is not theirs."""
        raise NotAllowed("Only managers see these rows.")


@extend_schema(parameters=[*PARAMETERS, WhichForm])
class MaskletRowsView(RowsView):
    serializer_class = FactsShape
    queryset = MaskletFacts.objects.none()

    def rows(self, project: Project, wanted: Filters) -> QuerySet[Any]:
        return listing.masklets(project, wanted, listing.Which(**asked(WhichForm, self.request)))

    def own(self, project: Project, wanted: Filters) -> QuerySet[Any]:
        user = self.request.user
        if wanted.person != user.username:
            return super().own(project, wanted)
        form = asked(OwnForm, self.request)
        self.serializer_class = OwnFactsShape
        since = timezone.now() - timedelta(days=form.get("days", MOST_DAYS))
        mine = people.handed_in(project, [user.pk], since, blind=True)
        mine = mine.filter(state=form["state"]) if "state" in form else mine
        return mine.select_related("masklet", "video").order_by("-submitted_at", "-pk")


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
    queryset = Verification.objects.none()

    def rows(self, project: Project, wanted: Filters) -> QuerySet[Any]:
        form = asked(VerdictsForm, self.request)
        back = form.pop("days", None)
        moments = (timezone.now() - timedelta(days=back),) if back else tuple(span(*days(wanted)).values())
        return verdicts.given(project, verdicts.WhichVerdicts(**form), *moments)

    def own(self, project: Project, wanted: Filters) -> QuerySet[Any]:
        form = asked(VerdictsForm, self.request)
        if self.request.user.username not in (form.get("worker"), form.get("reviewer")):
            return super().own(project, wanted)
        return self.rows(project, wanted)


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
