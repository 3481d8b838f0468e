from __future__ import annotations

from django.db.models import Prefetch, QuerySet
from django.utils import timezone

from annotator.models import Masklet, Project, Session
from annotator.selectors import masklets


def waiting(project: Project) -> QuerySet[Masklet]:
    """Submitted masklets, oldest first, with who holds them for verifying."""
    holds = Session.objects.filter(state=Session.State.OPEN, lease_until__gt=timezone.now()).select_related(
        "user"
    )
    return (
        _of(project, Masklet.State.SUBMITTED)
        .prefetch_related(Prefetch("sessions", holds, to_attr="holds"))
        .order_by("submitted_at", "pk")
    )


def to_refine(project: Project) -> QuerySet[Masklet]:
    """Masklets that a reviewer sent back, oldest first."""
    return _of(project, Masklet.State.REFINE).order_by("submitted_at", "pk")


def _of(project: Project, state: str) -> QuerySet[Masklet]:
    return masklets.described().filter(
        video__project=project, state=state, deleted_at__isnull=True, video__deleted_at__isnull=True
    )
