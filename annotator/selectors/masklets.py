from __future__ import annotations

from django.db.models import Count, Exists, IntegerField, OuterRef, Prefetch, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from annotator.models import Change, Mask, Masklet, Verification, Video


def described() -> QuerySet[Masklet]:
    """Masklets with can_undo, can_redo, edited_frame_count, people and verdicts, ready for MaskletShape."""
    changes = Change.objects.filter(masklet=OuterRef("pk"))
    edited = (
        Mask.objects.filter(masklet=OuterRef("pk"), human=True, change__undone=False)
        .filter(Q(state=Mask.State.EDITED) | Q(state=Mask.State.ABSENT))
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
