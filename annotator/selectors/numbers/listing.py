"""The masklets behind a number."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

from django.db.models import Q, QuerySet

from annotator.models import MaskletFacts, Project
from annotator.selectors.numbers.filters import Filters

_BUCKETS = {
    "small": Q(mean_area__lt=32**2),
    "medium": Q(mean_area__gte=32**2, mean_area__lt=96**2),
    "large": Q(mean_area__gte=96**2),
}
_FLAGS = {
    "tracked": Q(submitted_at__isnull=False),
    "verified": Q(verdicts__gt=0),
    "returned": Q(returns__gt=0),
    "disappears": Q(visibility_changes__gte=2),
}


@dataclass(frozen=True)
class Which:
    """More to ask of masklets. bucket: small, medium or large by mean area. tracked: handed in at least once."""

    state: str = ""
    set_aside: str = ""
    bucket: str = ""
    tracked: bool = False
    verified: bool = False
    returned: bool = False
    disappears: bool = False


def masklets(project: Project, filters: Filters, which: Which) -> QuerySet[MaskletFacts]:
    """The masklets behind a number, the newest first, with what is counted of them."""
    rows = MaskletFacts.objects.filter(project=project, gone=False)
    equal = {
        "phase": filters.phase,
        "model_version": filters.model,
        "person__username": filters.person,
        "type": filters.type,
        "state": which.state,
        "set_aside": which.set_aside,
    }
    rows = rows.filter(**{name: value for name, value in equal.items() if value not in (None, "")})
    if filters.first_day:
        rows = rows.filter(submitted_at__gte=datetime.combine(filters.first_day, time(), UTC))
    if filters.last_day:
        end = datetime.combine(filters.last_day, time(), UTC) + timedelta(days=1)
        rows = rows.filter(submitted_at__lt=end)
    rows = rows.filter(_BUCKETS[which.bucket]) if which.bucket else rows
    for name, condition in _FLAGS.items():
        rows = rows.filter(condition) if getattr(which, name) else rows
    return rows.select_related("masklet", "video", "person", "model_version").order_by("-masklet")
