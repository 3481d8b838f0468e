from __future__ import annotations

from django.db.models import QuerySet

from annotator.models import Masklet, Propagation


def active_of(masklets: list[int]) -> QuerySet[Propagation]:
    """Propagations that are still to bring masks to any of the masklets."""
    return Propagation.objects.filter(masklets__in=masklets, state__in=Propagation.ACTIVE).distinct()


def to_show(masklets: QuerySet[Masklet]) -> list[Propagation]:
    """Those of a session's snapshot: the active ones and the one that ended last, oldest first."""
    rows = Propagation.objects.filter(masklets__in=masklets).distinct().prefetch_related("masklets")
    # Read first: one that ends in between is then in both, and not in neither.
    active = list(rows.filter(state__in=Propagation.ACTIVE))
    newest_ended = rows.exclude(state__in=Propagation.ACTIVE).order_by("-ended_at", "-id")[:1]
    shown = {row.pk: row for row in [*active, *newest_ended]}
    return [shown[pk] for pk in sorted(shown)]
