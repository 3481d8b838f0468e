from __future__ import annotations

from django.db.models import F, Prefetch, QuerySet

from annotator.models import Comment, Thread, Video


def described() -> QuerySet[Thread]:
    """Threads with their people and comments, ready for ThreadShape."""
    comments = Comment.objects.select_related("user").order_by("id")
    people = Thread.objects.select_related("created_by", "resolved_by")
    return people.prefetch_related(Prefetch("comments", comments))


def in_video(video: Video, masklet: int | None = None) -> QuerySet[Thread]:
    """The video's threads, unresolved ones first, then by frame; those on no frame before the others.

    masklet: only those that are pinned to it. Those on a masklet that was deleted are left out.
    """
    rows = described().filter(video=video, masklet__deleted_at=None)
    if masklet is not None:
        rows = rows.filter(masklet=masklet)
    unresolved_first = F("resolved_at").asc(nulls_first=True)
    return rows.order_by(unresolved_first, F("first_frame").asc(nulls_first=True), "id")
