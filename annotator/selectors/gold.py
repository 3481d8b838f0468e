from __future__ import annotations

from django.db.models import Avg, Count, Q, QuerySet

from annotator.models import Masklet, Project


def in_project(project: Project, video: int | None = None) -> QuerySet[Masklet]:
    """The project's gold masklets, newest first, with how often each was given and how it was met; video: only its."""
    rows = Masklet.objects.filter(is_gold=True, video__project=project, deleted_at__isnull=True)
    if video is not None:
        rows = rows.filter(video=video)
    given = Q(copies__deleted_at__isnull=True, copies__isnull=False)
    return (
        rows.select_related("video", "tracked_by")
        .annotate(
            given=Count("copies", filter=given), scored=Count("copies__gold_score__j"),
            mean_j=Avg("copies__gold_score__j"), mean_f=Avg("copies__gold_score__f"),
        )
        .order_by("-pk")
    )  # fmt: skip
