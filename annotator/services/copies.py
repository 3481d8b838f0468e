"""Work that begins anew where another masklet's selection did: twins, and copies of gold."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from annotator import queue
from annotator.models import Change, GoldScore, Mask, Masklet, Membership, Prompt, Task, User, Video
from annotator.models.masklets import PALETTE
from annotator.selectors import gold, masks, prompts
from annotator.selectors import masklets as masklets_selector
from annotator.selectors.masks import MaskRow
from annotator.services import scores, tasks
from annotator.services.chance import drawn, place

MOST_FORESEEN = 1000  # waiting tasks


@transaction.atomic
def copy_of_selection(masklet: Masklet, **fields: Any) -> Masklet:
    """Another masklet of the video that begins as this one did: with the object's mask in the frame that it
    was selected in, and the prompts behind that mask. It looks like any selection that awaits tracking."""
    video = Video.objects.select_for_update(no_key=True).get(pk=masklet.video_id)
    number = masklets_selector.next_number(video.pk)
    has_own_name = masklet.name != f"Object {masklet.number + 1}"
    steps = _steps_of_selection(masklet)
    copy = Masklet.objects.create(
        video=video,
        number=number,
        name=masklet.name if has_own_name else f"Object {number + 1}",
        color=number % PALETTE,
        version=len(steps),
        created_by=masklet.created_by,
        **fields,
    )
    for place_in_order, step in enumerate(steps, 1):
        _repeat(step, copy, place_in_order)
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
    if membership.project.gold_share == 0 or not _draws(membership)(0):
        return None
    return gold_for(membership.user, membership.project_id)


def gold_between(membership: Membership, waiting: int) -> int:
    """How many gold masklets the person will be given before the last of so many track tasks that wait for
    them; what they are told of the queue counts these, so that each one that they take lowers it by one."""
    if membership.project.gold_share == 0 or waiting == 0:
        return 0
    is_drawn, left = _draws(membership), gold.new_to(membership.user_id, membership.project_id).count()
    found = pulled = 0
    while pulled < min(waiting, MOST_FORESEEN) and found < left:
        if is_drawn(found + pulled):
            found += 1
        else:
            pulled += 1
    return found


def _draws(membership: Membership) -> Callable[[int], bool]:
    """Whether gold is drawn for the person's next track task but so many."""
    theirs = Q(holder=membership.user_id) | Q(for_user=membership.user_id)
    had = Task.objects.filter(theirs, project=membership.project_id, kind=Task.Kind.TRACK).count()
    share = membership.project.gold_share
    return lambda later: drawn(f"gold/{membership.pk}", had + later, share)


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


@dataclass(frozen=True)
class _Step:
    """One act of a selection, and the mask that it left; none where the model never answered."""

    frame: int
    asked: list[tuple[str, Any]]
    mask: MaskRow | None


def _steps_of_selection(masklet: Masklet) -> list[_Step]:
    """The acts on the frame that a person worked on first, or of an auto masklet its first mask, as far as
    they count now. The last of them leaves what the frame shows now."""
    visible = {row.frame_index: row for row in masks.current([masklet.pk]) if row.area}
    by_people = Mask.objects.filter(
        masklet=masklet, human=True, change__undone=False, frame_index__in=visible
    )
    first = by_people.order_by("change").values_list("frame_index", flat=True).first()
    frame = min(visible, default=0) if first is None else first
    if frame not in visible:
        return []
    asked: dict[int, list[tuple[str, Any]]] = {}
    for prompt in prompts.active([masklet.pk], frames=[frame]):
        asked.setdefault(prompt.change_id, []).append((prompt.kind, prompt.data))
    if not asked:
        return [_Step(frame, [(Prompt.Kind.MASK, {"counts": visible[frame].counts})], visible[frame])]
    left = masks.left_by(asked, frame) | {max(asked): visible[frame]}
    return [_Step(frame, acts, left.get(change)) for change, acts in sorted(asked.items())]


def _repeat(step: _Step, copy: Masklet, number: int) -> None:
    change = Change.objects.create(
        masklet=copy, user=copy.created_by, kind=Change.Kind.PROMPT, number=number, frame_index=step.frame,
        copied=True,
    )  # fmt: skip
    Prompt.objects.bulk_create(
        Prompt(change=change, masklet=copy, frame_index=step.frame, kind=kind, data=data)
        for kind, data in step.asked
    )
    if mask := step.mask:
        Mask.objects.create(
            change=change, masklet=copy, frame_index=step.frame, state=Mask.State.EDITED, human=True,
            counts=mask.counts, area=mask.area, score=mask.score, suspicion=mask.suspicion,
        )  # fmt: skip
