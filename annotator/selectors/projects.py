from __future__ import annotations

from django.db.models import Count, F, IntegerField, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce

from annotator.models import Masklet, Project, User, Video


def of_user(user: User) -> QuerySet[Project]:
    """The projects that the person is in, with their role, and videos and masklets of each state counted."""
    videos = Video.objects.filter(project=OuterRef("pk"), deleted_at__isnull=True)
    masklets = Masklet.objects.filter(
        video__project=OuterRef("pk"), video__deleted_at__isnull=True, deleted_at__isnull=True
    )
    counted = {f"{state}_count": masklets.filter(state=state) for state in Masklet.State.values}
    counts = {
        "videos_count": _count(videos, "project"),
        **{name: _count(rows, "video__project") for name, rows in counted.items()},
    }
    return (
        Project.objects.filter(memberships__user=user)
        .annotate(role=F("memberships__role"), **counts)
        .order_by("name", "id")
    )


def _count(rows: QuerySet, group: str) -> Coalesce:
    found = rows.order_by().values(group).annotate(n=Count("*")).values("n")
    return Coalesce(Subquery(found, output_field=IntegerField()), 0)
