"""Work that begins anew where another masklet's selection did: twins, and copies of gold."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from annotator import queue
from annotator.models import Change, GoldScore, Mask, Masklet, Membership, Prompt, Task, User, Video
from annotator.models.masklets import PALETTE
from annotator.selectors import gold, masks, prompts
from annotator.selectors import masklets as masklets_selector
from annotator.selectors.masks import MaskRow
from annotator.services import scores, tasks
from annotator.services.chance import drawn, place


@transaction.atomic
def copy_of_selection(masklet: Masklet, **fields: Any) -> Masklet:
    """Another masklet of the video that begins as this one did: with the object's mask in the frame that it
    was selected in, and the prompts behind that mask. It looks like any selection that awaits tracking."""
    video = Video.objects.select_for_update(no_key=True).get(pk=masklet.video_id)
    number = masklets_selector.next_number(video.pk)
    has_own_name = masklet.name != f"Object {masklet.number + 1}"
    copy = Masklet.objects.create(
        video=video,
        number=number,
        name=masklet.name if has_own_name else f"Object {number + 1}",
        color=number % PALETTE,
        version=1,
        created_by=masklet.created_by,
        **fields,
    )
    if first := _selection_of(masklet):
        _begin(copy, masklet, first)
    return copy


def gold_for(user: User, project: int) -> Masklet | None:
    """A gold masklet of the project that is new to this person; None when they have had them all.

    Each person meets them in another order.
    """
    new = gold.new_to(user.pk, project).values_list("pk", flat=True)
    chosen = min(new, key=lambda pk: place(f"gold/{user.pk}/{pk}"), default=None)
    return None if chosen is None else Masklet.objects.select_related("video__project").get(pk=chosen)


def gold_drawn(membership: Membership) -> Masklet | None:
    """The gold masklet that takes the place of this person's next track task, if it is drawn for one."""
    share = membership.project.gold_share
    if share == 0:
        return None
    had = Task.objects.filter(project=membership.project_id, holder=membership.user_id, kind=Task.Kind.TRACK)
    if not drawn(f"gold/{membership.pk}", had.count(), share):
        return None
    return gold_for(membership.user, membership.project_id)


def handed_in(copy: Masklet, user: User) -> None:
    """Have a person's work on a gold masklet scored."""
    given = Task.objects.filter(masklet=copy).order_by("-pk").values_list("queue", flat=True).first()
    score = GoldScore.objects.create(masklet=copy, user=user, queue=given or Membership.Queue.PRODUCTION)
    queue.wake_on_commit(scores.GOLD_TASK, score.pk)


def call_off(given: QuerySet[Task], by: User | None, reason: str) -> None:
    """Take back work on gold that is not handed in. given: its tasks."""
    # Masklets first, as handing in does: of two who meet, one waits, and then finds what the other left.
    held = Masklet.objects.select_for_update(no_key=True).filter(pk__in=given.values("masklet"))
    list(held.order_by("pk").values("pk"))
    found = list(given.select_for_update(of=("self",)))
    tasks.cancel(found, by, reason)
    put_away([task.masklet_id for task in found])


def put_away(copies: Any) -> int:
    """Work on gold that nobody will go on with is out of sight. The number of these."""
    rows = Masklet.objects.filter(pk__in=copies, gold_of__isnull=False, state=Masklet.State.IN_WORK)
    return rows.update(deleted_at=timezone.now())


def _selection_of(masklet: Masklet) -> MaskRow | None:
    """The present mask of the frame that a person worked on first; of an auto masklet, its first mask."""
    visible = {row.frame_index: row for row in masks.current([masklet.pk]) if row.area}
    by_people = Mask.objects.filter(
        masklet=masklet, human=True, change__undone=False, frame_index__in=visible
    )
    first = by_people.order_by("change").values_list("frame_index", flat=True).first()
    return visible.get(min(visible, default=0) if first is None else first)


def _begin(copy: Masklet, masklet: Masklet, first: MaskRow) -> None:
    frame = first.frame_index
    change = Change.objects.create(
        masklet=copy, user=masklet.created_by, kind=Change.Kind.PROMPT, number=1, frame_index=frame
    )
    behind = prompts.active([masklet.pk], frames=[frame])
    asked = [(row.kind, row.data) for row in behind] or [(Prompt.Kind.MASK, {"counts": first.counts})]
    Prompt.objects.bulk_create(
        Prompt(change=change, masklet=copy, frame_index=frame, kind=kind, data=data) for kind, data in asked
    )
    Mask.objects.create(
        change=change, masklet=copy, frame_index=frame, state=Mask.State.EDITED, human=True,
        counts=first.counts, area=first.area, score=first.score,
        suspicion=first.suspicion,
    )  # fmt: skip
