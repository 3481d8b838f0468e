from __future__ import annotations

from django.db.models import BooleanField, ExpressionWrapper, F, OrderBy, Prefetch, Q, QuerySet
from django.utils import timezone

from annotator.models import Project, Session, Task, User
from annotator.selectors import masklets, videos

JUDGING = (Task.Kind.VERIFY, Task.Kind.AUDIT, Task.Kind.DECIDE)
# What the queue may be read by; ties go to what has waited longest.
ORDERS: dict[str, OrderBy] = {
    "oldest": F("waiting_since").asc(),
    "priority": F("priority").desc(),
    "suspicion": F("suspicion").desc(nulls_last=True),
}


def waiting(project: Project, user: User, kind: str = "", order: str = "oldest") -> QuerySet[Task]:
    """Open tasks to verify, audit or decide (those of what is deleted were cancelled), with their masklets
    and videos described, who holds them, and whether an earlier stage is the person's own_work.

    kind: only that one. order: one of ORDERS.
    """
    holds = Session.objects.filter(state=Session.State.OPEN, lease_until__gt=timezone.now())
    own_work = ExpressionWrapper(Q(workers__contains=[user.pk]), output_field=BooleanField())
    rows = Task.objects.filter(
        Q(for_user=None) | Q(for_user=user),
        project=project,
        kind__in=[kind] if kind else JUDGING,
        state__in=Task.OPEN,
    )
    return (
        rows.annotate(own_work=own_work)
        .select_related("holder")
        .prefetch_related(
            Prefetch("masklet", masklets.described(user)),
            Prefetch("video", videos.described(user)),
            Prefetch("sessions", holds, to_attr="holds"),
        )
        .order_by(ORDERS[order], "waiting_since", "pk")
    )
