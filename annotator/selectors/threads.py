from __future__ import annotations

from django.db.models import Exists, F, OuterRef, Prefetch, Q, QuerySet

from annotator.models import Comment, Masklet, Project, Thread, User, Video
from annotator.selectors import masklets, sight


def described() -> QuerySet[Thread]:
    """Threads with their people and comments, ready for ThreadShape."""
    comments = Comment.objects.select_related("user").order_by("id")
    people = Thread.objects.select_related("created_by", "resolved_by")
    return people.prefetch_related(Prefetch("comments", comments))


def about_shown_to(user: User) -> Q:
    """Threads about no masklet, or about one that the person may see at present."""
    return Q(masklet=None) | Q(Exists(sight.shown_to(user).filter(pk=OuterRef("masklet"))))


def unresolved(user: User | None) -> QuerySet[Thread]:
    """Unresolved threads that the person may see; for nobody in particular all but those on work on gold."""
    shown = Q(masklet=None) | Q(masklet__gold_of=None) if user is None else about_shown_to(user)
    return Thread.objects.filter(shown, masklet__deleted_at=None, resolved_at=None)


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


def in_project(
    project: Project,
    user: User,
    *,
    resolved: bool | None = None,
    mine: bool = False,
    video: int | None = None,
) -> QuerySet[Thread]:
    """The threads of all the project's videos that the person may see, that with the newest comment first,
    ready for ListedThreadShape. Those on a masklet that was deleted are left out.

    mine: only those that they began or wrote in.
    """
    about = Masklet.objects.annotate(unled=masklets.unled_for(user))
    rows = described().select_related("video").prefetch_related(Prefetch("masklet", about))
    shown = Exists(sight.shown_to(user).filter(pk=OuterRef("masklet"), deleted_at=None))
    # Within the alternatives the database looks the videos up in a set; by itself it would step to each one's row.
    there = Q(Exists(Video.objects.filter(pk=OuterRef("video"), project=project, deleted_at=None)))
    rows = rows.filter(_is_common(project, user) & there | (Q(masklet=None) | shown) & there)
    if resolved is not None:
        rows = rows.filter(resolved_at__isnull=not resolved)
    if mine:
        rows = rows.filter(Exists(Comment.objects.filter(thread=OuterRef("pk"), user=user)))
    if video is not None:
        rows = rows.filter(video=video)
    return rows.order_by("-said_at", "-id")


def _is_common(project: Project, user: User) -> Q:
    """Threads of which it is known without a look at their masklet that the person may see it, as they are many:
    it is neither deleted nor work on gold, and the person tracks nothing in its video."""
    apart = Masklet.objects.filter(
        Q(deleted_at__isnull=False) | Q(gold_of__isnull=False), pk=OuterRef("masklet")
    )
    tracked = sight.tracked_by(user).filter(project=project).values_list("video", flat=True)
    return ~Exists(apart) & ~Q(video__in=list(tracked))
