from __future__ import annotations

from django.db.models import Count, Exists, IntegerField, OuterRef, Prefetch, QuerySet, Subquery
from django.db.models.functions import Coalesce

from annotator.models import Change, Masklet, Prompt, Verification, Video


def described() -> QuerySet[Masklet]:
    """Masklets with can_undo, can_redo, edited_frame_count, people and verdicts, ready for MaskletShape.

    All of it changes with human acts only, so that two forms of one version are equal, whichever
    process tells of them first. edited_frame_count: frames that a person clicked, drew on or declared
    absent, whether the model has answered or not.
    """
    changes = Change.objects.filter(masklet=OuterRef("pk"))
    edited = (
        Prompt.objects.filter(masklet=OuterRef("pk"), change__undone=False)
        .order_by()
        .values("masklet")
        .annotate(frames=Count("frame_index", distinct=True))
        .values("frames")
    )
    return (
        Masklet.objects.select_related("created_by", "tracked_by")
        .annotate(
            can_undo=Exists(changes.filter(undone=False)),
            can_redo=Exists(changes.filter(undone=True, discarded=False)),
            edited_frame_count=Coalesce(Subquery(edited, output_field=IntegerField()), 0),
        )
        .prefetch_related(
            Prefetch(
                "verifications",
                Verification.objects.select_related("reviewer").prefetch_related("marks").order_by("-id"),
            )
        )
    )


def in_video(video: Video) -> QuerySet[Masklet]:
    """The video's masklets that are not deleted, in the order they were made."""
    return described().filter(video=video, deleted_at__isnull=True).order_by("number")


def version(masklet: int) -> int:
    """The version that the next write on the masklet has to name."""
    return Masklet.objects.values_list("version", flat=True).get(pk=masklet)
