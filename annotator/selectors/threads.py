from __future__ import annotations

from django.db.models import F, Prefetch, Q, QuerySet

from annotator.models import Comment, Thread, User, Video
from annotator.selectors import sight


def described() -> QuerySet[Thread]:
    """Threads with their people and comments, ready for ThreadShape."""
    comments = Comment.objects.select_related("user").order_by("id")
    people = Thread.objects.select_related("created_by", "resolved_by")
    return people.prefetch_related(Prefetch("comments", comments))


def about_shown_to(user: User) -> Q:
    """Threads about no masklet, or about one that the person may see at present."""
    return Q(masklet=None) | Q(masklet__in=sight.shown_to(user))


def in_video(video: Video, user: User, masklet: int | None = None) -> QuerySet[Thread]:
    """The video's threads that the person may see, unresolved ones first, then by frame; those on no frame
    before the others.

    masklet: only those that are pinned to it. Those on a masklet that was deleted are left out.
    """
    rows = described().filter(about_shown_to(user), video=video, masklet__deleted_at=None)
    if masklet is not None:
        rows = rows.filter(masklet=masklet)
    unresolved_first = F("resolved_at").asc(nulls_first=True)
    return rows.order_by(unresolved_first, F("first_frame").asc(nulls_first=True), "id")
