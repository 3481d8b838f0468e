"""Steps in a masklet's history: making one, and undo and redo of them."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Count, Max, Q
from django.utils import timezone

from annotator import events
from annotator.errors import Conflict, NotPossible
from annotator.models import Change, Mask, Masklet, Prompt, Propagation, Session, User
from annotator.selectors import masks, prompts, propagations, sessions
from annotator.services import versions
from annotator.shapes import masklets as shapes
from inference_worker.protocol import rle

_LONG_AGO = timedelta(hours=1)


def answered_once(act: Callable[..., dict[str, Any]]) -> Callable[..., dict[str, Any]]:
    """The act in a transaction; a client_id that was answered before gets that change again, not a second one."""

    @functools.wraps(act)
    def run(*, user: User, client_id: UUID | None = None, **facts: Any) -> dict[str, Any]:
        if earlier := _made_with(client_id, user):
            return describe(earlier)
        try:
            with transaction.atomic():
                return act(user=user, client_id=client_id, **facts)
        except Conflict:
            # The first one may still have been on its way when this one looked for it.
            if earlier := _made_with(client_id, user):
                return describe(earlier)
            raise

    return run


def add(masklet: Masklet, user: User, kind: Change.Kind, **fields: Any) -> Change:
    """A new last step of a masklet whose row the caller holds. What was undone can no more be redone."""
    steps = Change.objects.filter(masklet=masklet)
    redoable = Q(undone=True, discarded=False)
    found = steps.aggregate(newest=Max("number"), redoable=Count("pk", filter=redoable))
    if found["redoable"]:
        steps.filter(redoable).update(discarded=True)
    return Change.objects.create(
        masklet=masklet, user=user, kind=kind, number=(found["newest"] or 0) + 1, **fields
    )


def human_mask(
    change: Change, frame_index: int, state: Mask.State, counts: str, area: int, **fields: Any
) -> Mask:
    """A person's mask on one frame, not yet saved."""
    return Mask(
        change=change,
        masklet_id=change.masklet_id,
        frame_index=frame_index,
        state=state,
        human=True,
        counts=counts,
        area=area,
        **fields,
    )


def empty_counts(masklet: Masklet) -> str:
    return rle.empty(masklet.video.height or 0, masklet.video.width or 0)


@answered_once
def mark_frames(
    *,
    session: Session,
    user: User,
    masklet_id: int,
    base_version: int,
    kind: Change.Kind,
    frames: Iterable[int],
    client_id: UUID | None = None,
) -> dict[str, Any]:
    """Accept, declare absent or clear the given annotated frames of a masklet, as one step."""
    if session.is_for_choosing:
        raise Conflict("Your task is to choose objects: somebody else decides on frames.", code="in_task")
    masklet = versions.touch(session, masklet_id, base_version)
    wanted = sorted(set(frames) & set(masklet.video.annotated_indices))
    if not wanted:
        raise NotPossible("None of these is an annotated frame of this video.", code="no_frames")
    change = add(masklet, user, kind, client_id=client_id)
    if kind == Change.Kind.ACCEPT:
        rows = _accepted(change, wanted)
        if not rows:
            raise NotPossible("There is no mask on these frames to accept.", code="no_masks")
    elif kind == Change.Kind.ABSENT:
        rows = _absent(change, masklet, wanted)
    else:
        rows = [human_mask(change, frame, Mask.State.UNKNOWN, "", 0) for frame in wanted]
        change.replaced_prompts.set(prompts.active([masklet.pk], frames=wanted))
    Mask.objects.bulk_create(rows)
    return announce(change)


@transaction.atomic
def undo(*, session: Session, user: User, masklet_id: int, base_version: int) -> dict[str, Any]:
    """Take back the newest step that stands; a whole pass is one step."""
    masklet = versions.touch(session, masklet_id, base_version)
    change = Change.objects.filter(masklet=masklet, undone=False).order_by("-number").first()
    if change is None:
        raise Conflict("There is nothing to undo.", code="nothing_to_undo")
    if (
        change.propagation_id
        and propagations.active_of([masklet.pk]).filter(pk=change.propagation_id).exists()
    ):
        raise Conflict("Stop the propagation first, then undo it.", code="propagation_running")
    return _flip(change, undone=True)


@transaction.atomic
def redo(*, session: Session, user: User, masklet_id: int, base_version: int) -> dict[str, Any]:
    """Bring back the step that was undone last, while nothing new has been done."""
    masklet = versions.touch(session, masklet_id, base_version)
    change = Change.objects.filter(masklet=masklet, undone=True, discarded=False).order_by("number").first()
    if change is None:
        raise Conflict("There is nothing to redo.", code="nothing_to_redo")
    return _flip(change, undone=False)


@dataclass(frozen=True)
class Left:
    """What a change left on the frames that it touched. gone: ids of the prompts of these frames that it
    took away, or that were its own and no longer count."""

    frames: Sequence[int]
    masks: Sequence[masks.MaskRow]
    prompts: Sequence[Prompt]
    gone: Sequence[int]


def describe(change: Change, left: Left | None = None) -> dict[str, Any]:
    """What the change left, in docs/api.md's form of a Change. left: where the caller knows it already."""
    left = left or _left_by(change)
    return {
        "masklet": shapes.masklet(change.masklet_id),
        "change": {
            "id": change.pk,
            "number": change.number,
            "kind": change.kind,
            "frame_indices": list(left.frames),
            "undone": change.undone,
        },
        "masks": [shapes.mask(row) for row in left.masks],
        "cleared": sorted(set(left.frames) - {row.frame_index for row in left.masks}),
        "prompts": [shapes.prompt(row) for row in left.prompts],
        "removed_prompts": list(left.gone),
        "pending": change.pending,
    }


def announce(change: Change, left: Left | None = None) -> dict[str, Any]:
    """describe(), also told to everybody who has the masklet open, on commit."""
    described = describe(change, left)
    video = change.masklet.video_id
    events.publish_on_commit(sessions.listeners(video, change.masklet_id), "change", described)
    return described


def _left_by(change: Change) -> Left:
    touched = _touched(change)
    active, gone = prompts.of_change(change, touched)
    return Left(touched, masks.current([change.masklet_id], frames=touched), active, gone)


def _made_with(client_id: UUID | None, user: User) -> Change | None:
    if client_id is None:
        return None
    return Change.objects.select_related("masklet").filter(client_id=client_id, user=user).first()


def _touched(change: Change) -> list[int]:
    if change.frame_index is not None:  # a prompt, with or without its mask
        return [change.frame_index]
    return sorted(change.masks.values_list("frame_index", flat=True))


def _accepted(change: Change, frames: list[int]) -> list[Mask]:
    return [
        human_mask(
            change,
            row.frame_index,
            Mask.State.ACCEPTED if row.area else Mask.State.ABSENT,
            row.counts,
            row.area,
            score=row.score,
        )
        for row in masks.current([change.masklet_id], frames=frames)
    ]


def _absent(change: Change, masklet: Masklet, frames: list[int]) -> list[Mask]:
    change.replaced_prompts.set(prompts.active([masklet.pk], frames=frames))
    Prompt.objects.bulk_create(
        Prompt(change=change, masklet=masklet, frame_index=frame, kind=Prompt.Kind.ABSENT) for frame in frames
    )
    counts = empty_counts(masklet)
    return [human_mask(change, frame, Mask.State.ABSENT, counts, 0) for frame in frames]


def _flip(change: Change, *, undone: bool) -> dict[str, Any]:
    Change.objects.filter(pk=change.pk).update(undone=undone)
    change.undone = undone
    if change.pending and undone:
        Change.objects.filter(pk=change.pk).update(pending=False)
        change.pending = False
    elif not undone and change.kind in (Change.Kind.PROMPT, Change.Kind.REMOVE_PROMPT):
        _ask_again_if_unanswered(change)
    return announce(change)


def _ask_again_if_unanswered(change: Change) -> None:
    """An undo may have come before the model's answer; the sweep sends what is pending and unsent."""
    if change.frame_index is not None and not change.masks.exists():
        Change.objects.filter(pk=change.pk).update(pending=True, sent_at=timezone.now() - _LONG_AGO)
        change.pending = True


def stop_first(masklets: list[int]) -> None:
    """Raises Conflict when a propagation is still to bring masks to any of the masklets."""
    running: Propagation | None = propagations.active_of(masklets).first()
    if running is not None:
        raise Conflict(
            "A propagation of this masklet is running. Wait for it, or stop it first.",
            code="propagation_running",
            propagation=running.pk,
        )
