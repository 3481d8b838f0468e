from __future__ import annotations

from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet
from django.utils import timezone

from annotator.models import Masklet, Project, Session, User
from annotator.selectors import masklets, videos


def waiting(project: Project, user: User) -> QuerySet[Masklet]:
    """Submitted masklets, oldest first, with their videos described, who holds them for verifying,
    and whether they are the person's own_work."""
    holds = Session.objects.filter(state=Session.State.OPEN, lease_until__gt=timezone.now()).select_related(
        "user"
    )
    return (
        _of(project, Masklet.State.SUBMITTED)
        .annotate(own_work=own_work(user))
        .prefetch_related(Prefetch("sessions", holds, to_attr="holds"))
        .order_by("submitted_at", "pk")
    )


def to_refine(project: Project) -> QuerySet[Masklet]:
    """Masklets that a reviewer sent back, oldest first, and their videos described."""
    return _of(project, Masklet.State.REFINE).order_by("submitted_at", "pk")


def own_work(user: User) -> Exists:
    """Whether the person tracked the masklet, or changed anything of it at any time."""
    return Exists(Masklet.objects.filter(Q(tracked_by=user) | Q(changes__user=user), pk=OuterRef("pk")))


def _of(project: Project, state: str) -> QuerySet[Masklet]:
    rows = masklets.described().filter(
        video__project=project, state=state, deleted_at__isnull=True, video__deleted_at__isnull=True
    )
    return rows.prefetch_related(Prefetch("video", videos.described()))
