"""What is behind a number: masklets and videos."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import BooleanField, Q, QuerySet
from django.db.models.expressions import RawSQL
from django.utils import timezone

from annotator.models import MaskletFacts, Project, Task, Video
from annotator.selectors.numbers import bins
from annotator.selectors.numbers.filters import Filters, midnight, span

OPEN = ("in_work", "submitted", "refine")
CLOSED = ("accepted", "rejected", "set_aside")
NOT_THERE = {"phase": "phase", "model": "model_version", "person": "person"}
NAMED = ("country", "environment", "author")


@dataclass(frozen=True)
class Which:
    """More to ask of masklets. without: phase, model or person: none is known. bucket: small, medium or large
    by mean area; share, tenth: places in the figures of sizes and of first appearance. compared: with phase
    1's masks, any or those of a size there. days: handed in last so far back at most. handed_in_on, closed_since,
    closed_until: days (UTC). manual: beside the filter by type. tracked: handed in at least once. copies: with work
    on gold masklets. proposed_by: a model version, by id. outcome: of what a model proposed, as
    MaskletFacts has it."""

    without: str = ""
    state: str = ""
    set_aside: str = ""
    bucket: str = ""
    share: int | None = None
    tenth: int | None = None
    compared: str = ""
    handed_in_on: date | None = None
    days: int | None = None
    closed_since: date | None = None
    closed_until: date | None = None
    manual: bool = False
    open: bool = False
    tracked: bool = False
    verified: bool = False
    returned: bool = False
    disappears: bool = False
    copies: bool = False
    proposed_by: int | None = None
    outcome: str = ""


def _holds(sql: str, *parameters: object) -> Q:
    return Q(RawSQL(sql, parameters, BooleanField()))  # noqa: S611 - our own constants


def _of_share(place: int) -> Q:
    """As bins.SHARE has it, by comparisons alone: it is asked of each masklet."""
    above = Q(relative_area__gte=bins.SHARES[place]) if place > 0 else Q()
    return above & Q(relative_area__lt=bins.SHARES[place + 1]) if place + 1 < len(bins.SHARES) else above


_CONDITIONS: dict[str, Callable[[Any], Q]] = {
    "phase": lambda phase: Q(phase=phase),
    "model": lambda model: Q(model_version=model),
    "person": lambda name: Q(person__username=name),
    "type": lambda kind: Q(type=kind),
    "without": lambda name: Q(**{f"{NOT_THERE[name]}__isnull": True}),
    "state": lambda state: Q(state=state),
    "set_aside": lambda reason: Q(set_aside=reason),
    "bucket": lambda size: _holds(bins.SIZES[size]),
    "share": _of_share,
    "tenth": lambda place: _holds(f"{bins.TENTH} = %s", place),
    "compared": lambda size: Q(bucket__gt="") if size == "any" else Q(bucket=size),
    "days": lambda days: Q(submitted_at__gte=timezone.now() - timedelta(days=days)),
    "handed_in_on": lambda day: _within("submitted_at", day, day),
    "closed_since": lambda day: Q(state__in=CLOSED, moved_at__gte=midnight(day)),
    "closed_until": lambda day: Q(state__in=CLOSED, moved_at__lt=span(day, day)["end"]),
    "manual": lambda _: Q(type="manual"),
    "open": lambda _: Q(state__in=OPEN),
    "tracked": lambda _: Q(submitted_at__isnull=False),
    "verified": lambda _: Q(verdicts__gt=0),
    "returned": lambda _: Q(returns__gt=0),
    "disappears": lambda _: Q(visibility_changes__gte=2),
    "proposed_by": lambda model: Q(proposed_by=model),
    "outcome": lambda name: Q(outcome=name),
}


def _within(column: str, first: date, last: date) -> Q:
    moments = span(first, last)
    return Q(**{f"{column}__gte": moments["begin"], f"{column}__lt": moments["end"]})


def masklets(project: Project, filters: Filters, which: Which) -> QuerySet[MaskletFacts]:
    """The masklets behind a number, the newest first, with what is counted of them."""
    asked = Q(project=project, gone=False)
    for name, value in (filters.wanted | asdict(which)).items():
        if name in _CONDITIONS and value is not None and value is not False and value != "":
            asked &= _CONDITIONS[name](value)
    asked &= Q(submitted_at__gte=filters.begin) if filters.begin else Q()
    asked &= Q(submitted_at__lt=filters.end) if filters.end else Q()
    asked &= Q() if which.copies else Q(copy=False)
    rows = MaskletFacts.objects.filter(asked)
    return rows.select_related("masklet", "video", "person", "model_version").order_by("-masklet")


def videos(
    project: Project, filters: Filters, which: Which, by: str = "", name: str = "", but: Sequence[str] = (),
    selected: bool = False,
) -> QuerySet[Video]:  # fmt: skip
    """The videos with such masklets, the newest first. by: one of NAMED; where it is, only those with this
    name there (empty: it is not said), or, with but, with any other name than these. selected: without
    filters, also those whose selection is done, though it may have left no masklet."""
    wanted = Q(pk__in=masklets(project, filters, which).values("video"))
    if selected and not filters.wanted:
        done = Task.objects.filter(project=project, kind=Task.Kind.SELECT, state=Task.State.DONE)
        wanted |= Q(pk__in=done.values("video"), deleted_at=None)
    rows = Video.objects.filter(wanted, project=project)
    if by:
        rows = rows.exclude(**{f"{by}__in": [*but, ""]}) if but else rows.filter(**{by: name})
    return rows.order_by("-pk")
