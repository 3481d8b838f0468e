"""The masklets behind a number."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from django.db.models import Q, QuerySet

from annotator.models import MaskletFacts, Project
from annotator.selectors.numbers.filters import Filters

_BUCKETS = {
    "small": Q(mean_area__lt=32**2),
    "medium": Q(mean_area__gte=32**2, mean_area__lt=96**2),
    "large": Q(mean_area__gte=96**2),
}
_COLUMNS = {
    "phase": "phase", "model": "model_version", "person": "person__username", "type": "type",
    "state": "state", "set_aside": "set_aside",
}  # fmt: skip
_FLAGS = {
    "tracked": Q(submitted_at__isnull=False),
    "verified": Q(verdicts__gt=0),
    "returned": Q(returns__gt=0),
    "disappears": Q(visibility_changes__gte=2),
}


@dataclass(frozen=True)
class Which:
    """More to ask of masklets. bucket: small, medium or large by mean area. tracked: handed in at least once.
    copies: with work on gold masklets."""

    state: str = ""
    set_aside: str = ""
    bucket: str = ""
    tracked: bool = False
    verified: bool = False
    returned: bool = False
    disappears: bool = False
    copies: bool = False


def masklets(project: Project, filters: Filters, which: Which) -> QuerySet[MaskletFacts]:
    """The masklets behind a number, the newest first, with what is counted of them."""
    asked = Q(project=project, gone=False)
    for name, value in (filters.wanted | asdict(which)).items():
        asked &= Q(**{_COLUMNS[name]: value}) if name in _COLUMNS and value else Q()
        asked &= _FLAGS[name] if name in _FLAGS and value else Q()
    asked &= Q(submitted_at__gte=filters.begin) if filters.begin else Q()
    asked &= Q(submitted_at__lt=filters.end) if filters.end else Q()
    asked &= _BUCKETS[which.bucket] if which.bucket else Q()
    asked &= Q() if which.copies else Q(copy=False)
    rows = MaskletFacts.objects.filter(asked)
    return rows.select_related("masklet", "video", "person", "model_version").order_by("-masklet")
