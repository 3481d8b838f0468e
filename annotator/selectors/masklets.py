from __future__ import annotations

from django.db.models import BooleanField, CharField, IntegerField, Max, Prefetch, QuerySet, Value
from django.db.models.expressions import RawSQL

from annotator.models import Masklet, User, Verification, Video
from annotator.selectors import prompts, sight

# Written out, like the current masks: one masklet is described several times for each click.
_CAN_UNDO = (
    "EXISTS(SELECT FROM annotator_change c WHERE c.masklet_id = annotator_masklet.id AND NOT c.undone)"
)
_CAN_REDO = """EXISTS(SELECT FROM annotator_change c
    WHERE c.masklet_id = annotator_masklet.id AND c.undone AND NOT c.discarded)"""
_EDITED_FRAMES = f"""(SELECT count(DISTINCT prompt.frame_index)
    FROM annotator_prompt prompt JOIN annotator_change change ON change.id = prompt.change_id
    WHERE prompt.masklet_id = annotator_masklet.id AND {prompts.COUNTS})"""  # noqa: S608 - constants
# Of two masklets of one object the task to decide is on the first.
_UNLED = """(SELECT t.kind FROM annotator_task t
    WHERE t.masklet_id IN (annotator_masklet.id,
            (SELECT c.first_id FROM annotator_consensus c WHERE c.second_id = annotator_masklet.id))
        AND (t.kind = 'decide' OR t.kind = 'audit' AND t.masklet_id = annotator_masklet.id)
        AND t.state IN ('waiting', 'claimed', 'on_hold')
        AND (t.holder_id = %s OR NOT %s = ANY(t.workers))
    LIMIT 1)"""


def described(viewer: User | None = None) -> QuerySet[Masklet]:
    """Masklets with can_undo, can_redo, edited_frame_count, people, verdicts and unled, ready for MaskletShape.

    All but unled changes with human acts only, so that two forms of one version are equal, whichever
    process tells of them first. edited_frame_count: as the function of that name, whether the model has
    answered or not. unled: the task, audit or decide, that the viewer is at or could be given, and that is to
    be judged without knowing what others said or who they are; else None.
    """
    return (
        Masklet.objects.select_related("created_by", "tracked_by")
        .annotate(
            can_undo=RawSQL(_CAN_UNDO, (), BooleanField()),  # noqa: S611 - constants
            can_redo=RawSQL(_CAN_REDO, (), BooleanField()),  # noqa: S611 - constants
            edited_frame_count=RawSQL(_EDITED_FRAMES, (), IntegerField()),  # noqa: S611 - constants
            unled=Value(None, output_field=CharField()) if viewer is None else unled_for(viewer),
        )
        .prefetch_related(
            Prefetch(
                "verifications",
                Verification.objects.select_related("reviewer").prefetch_related("marks").order_by("-id"),
            )
        )
    )


def unled_for(viewer: User) -> RawSQL:
    """Of a masklet: what described() says of it under unled."""
    return RawSQL(_UNLED, (viewer.pk, viewer.pk), CharField())  # noqa: S611 - a constant


def in_video(video: Video, viewer: User | None = None) -> QuerySet[Masklet]:
    """The video's masklets that are not deleted, in the order they were made."""
    return described(viewer).filter(video=video, deleted_at__isnull=True).order_by("number")


def shown_to(user: User, video: Video) -> QuerySet[Masklet]:
    """The same, as far as this person may see them at present, without what other people made of gold."""
    return in_video(video, user).filter(~sight.of_others(user), ~sight.beside_own_work(user))


def next_number(video: int) -> int:
    """The number of the video's next masklet, for a caller that holds the video's row."""
    newest = Masklet.objects.filter(video=video).aggregate(newest=Max("number"))["newest"]
    return 0 if newest is None else int(newest) + 1


def edited_frame_count(masklet: int) -> int:
    """Frames of the masklet that a person clicked, drew on or declared absent, and has not taken all of it back."""
    counted = RawSQL(_EDITED_FRAMES, (), IntegerField())  # noqa: S611 - a constant
    return Masklet.objects.annotate(edited=counted).values_list("edited", flat=True).get(pk=masklet)


def version(masklet: int) -> int:
    """The version that the next write on the masklet has to name."""
    return Masklet.objects.values_list("version", flat=True).get(pk=masklet)
