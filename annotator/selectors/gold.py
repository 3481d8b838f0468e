from __future__ import annotations

from django.db.models import Avg, Count, Exists, OuterRef, Q, QuerySet

from annotator.models import Change, Masklet, Project, Task


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


def new_to(user: int, project: int) -> QuerySet[Masklet]:
    """Gold masklets of the project that the person neither worked on nor was given before."""
    changed = Change.objects.filter(masklet=OuterRef("pk"), user=user)
    had = Task.objects.filter(masklet__gold_of=OuterRef("pk"), for_user=user)
    rows = Masklet.objects.filter(is_gold=True, video__project=project, video__deleted_at__isnull=True)
    others = rows.exclude(created_by=user).filter(~Q(tracked_by=user) | Q(tracked_by=None))
    return others.filter(~Exists(changed), ~Exists(had), deleted_at__isnull=True)
