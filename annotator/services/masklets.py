"""Objects' identities in a video: making, naming, deleting, handing them in and judging them again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from annotator import events
from annotator.errors import Conflict, NotPossible, NotThere
from annotator.models import Consensus, Masklet, Session, Task, User, Video
from annotator.models.masklets import PALETTE
from annotator.selectors import masklets as masklets_selector
from annotator.selectors import masks, prompts, sessions
from annotator.selectors import tasks as selector
from annotator.services import changes, copies, routing, tasks, triage, versions
from annotator.shapes import masklets as shapes
from annotator.spans import ranges_of
from annotator.transitions import move

_S = Masklet.State
TRANSITIONS: Mapping[str, frozenset[str]] = {
    _S.IN_WORK: frozenset(),
    _S.SUBMITTED: frozenset({_S.IN_WORK, _S.REFINE, _S.REJECTED, _S.SET_ASIDE}),
    _S.REFINE: frozenset({_S.SUBMITTED, _S.ACCEPTED, _S.SET_ASIDE}),
    _S.ACCEPTED: frozenset({_S.SUBMITTED}),
    _S.REJECTED: frozenset({_S.SUBMITTED, _S.ACCEPTED}),
    _S.SET_ASIDE: frozenset({_S.IN_WORK, _S.REFINE, _S.SUBMITTED, _S.ACCEPTED}),
}


@transaction.atomic
def create(*, session: Session, user: User, name: str = "", client_id: UUID | None = None) -> dict[str, Any]:
    """A new masklet in the session's video, with the next number and colour."""
    if session.masklet_id is not None:
        raise Conflict("Your task is about one masklet: finish it before you begin another.", code="in_task")
    if session.task is not None and session.task.kind == Task.Kind.EXHAUST:
        raise Conflict("Your task is to look: say what is left, and it is selected next.", code="in_task")
    video = Video.objects.select_for_update(no_key=True).get(pk=session.video_id)
    if client_id is not None:
        earlier = Masklet.objects.filter(client_id=client_id, created_by=user).first()
        if earlier is not None:
            return shapes.masklet(earlier.pk)
    number = masklets_selector.next_number(video.pk)
    masklet = Masklet.objects.create(
        video=video,
        number=number,
        name=name or f"Object {number + 1}",
        color=number % PALETTE,
        client_id=client_id,
        created_by=user,
    )
    return announce(masklet)


@transaction.atomic
def edit(
    *, session: Session, masklet_id: int, base_version: int, name: str | None = None, color: int | None = None
) -> dict[str, Any]:
    """Rename or recolour a masklet."""
    masklet = versions.touch(session, masklet_id, base_version, is_work=False)
    masklet.name = masklet.name if name is None else name
    masklet.color = masklet.color if color is None else color
    masklet.save(update_fields=["name", "color"])
    return announce(masklet)


@transaction.atomic
def delete(*, session: Session, masklet_id: int, base_version: int) -> dict[str, Any]:
    """Put a masklet away. Its prompts and masks stay, and `restore` brings it back."""
    masklet = versions.touch(session, masklet_id, base_version, is_work=False)
    changes.stop_first([masklet.pk])
    if session.masklet_id is not None:
        raise Conflict("This masklet is what your task is about: skip the task and say why.", code="in_task")
    tasks.cancel(selector.open_of([masklet.pk], Task.Kind.values), session.user, "deleted")
    masklet.deleted_at = timezone.now()
    masklet.save(update_fields=["deleted_at"])
    routing.after_loss(masklet, session.user)
    return announce(masklet)


@transaction.atomic
def restore(*, session: Session, masklet_id: int) -> dict[str, Any]:
    """Bring a deleted masklet back as it was, and to the queue that it had waited in.

    Raises Conflict `twin_accepted` when the same object, tracked by somebody else, was accepted meanwhile.
    """
    rows = Masklet.objects.filter(pk=masklet_id, video=session.video_id, gold_of=None)
    if session.task_id is not None:  # only what was begun and deleted in the selection
        mine = rows.filter(created_by=session.user, tasks=None)
        rows = mine if session.is_for_choosing else rows.none()
    was_deleted = rows.filter(deleted_at__isnull=False).update(deleted_at=None, version=F("version") + 1)
    masklet = rows.select_related("video__project").first()
    if masklet is None:
        raise NotThere("This masklet is not in this session's video.")
    if was_deleted:
        _check_twin(masklet)
        routing.after_restore(masklet, session.user)
    return announce(masklet)


def _check_twin(masklet: Masklet) -> None:
    if accepted := _twins(masklet).filter(state=_S.ACCEPTED).first():
        raise Conflict(
            f"{accepted.name} is the same object and was accepted. Have that one sent back or deleted first.",
            code="twin_accepted",
            masklet=accepted.pk,
        )


def _twins(masklet: Masklet) -> QuerySet[Masklet]:
    """The same object, tracked by somebody else; there is one at most."""
    pair = Q(consensus_first__second=masklet) | Q(consensus_second__first=masklet)
    return Masklet.objects.filter(pair, deleted_at__isnull=True)


@transaction.atomic
def submit(*, session: Session, user: User, wanted: Mapping[int, int]) -> list[dict[str, Any]]:
    """Hand masklets in for verification, all or none.

    wanted: masklet -> base_version. Raises NotPossible `unknown_frames` with the ranges of annotated
    frames that nobody and nothing has looked at, `empty_masklet` when the object is never visible,
    Conflict `awaiting_model` while a click has no mask yet, `held` when the queue gave one of them to
    somebody else. Under a task, this finishes it.
    """
    if not wanted:
        raise NotPossible("Choose at least one masklet to submit.", code="no_masklets")
    if session.is_for_choosing:
        raise Conflict(
            "Your task is to choose objects: somebody else tracks and submits them.", code="in_task"
        )
    changes.stop_first(list(wanted))
    submitted = []
    for pk, base_version in sorted(wanted.items()):
        masklet = versions.touch(session, pk, base_version)
        _check_complete(masklet)
        if task := tasks.of_masklet(masklet, (Task.Kind.TRACK, Task.Kind.REFINE)):
            tasks.finish(task=task, user=user, outcome="submitted")
        submitted.append(_hand_in(masklet, user))
    return submitted


def _hand_in(masklet: Masklet, user: User) -> dict[str, Any]:
    phase = masklet.phase or masklet.video.project.phase
    facts: dict[str, Any] = {"tracked_by": user, "submitted_at": timezone.now(), "phase": phase}
    facts["type"] = Masklet.Type.MANUAL  # also one that began as a model's: people answer for it now
    if routing.is_too_easy(masklet):
        put_aside(masklet, Masklet.SetAside.TOO_EASY, **facts)
        routing.after_loss(masklet, user)
    elif masklet.gold_of_id is not None:
        put_aside(masklet, Masklet.SetAside.GOLD, **facts)
        triage.measure(masklet)  # as of any work, and told like it
    else:
        move(masklet, _S.SUBMITTED, TRANSITIONS, **facts)
        routing.after_submit(masklet, user)
    if masklet.gold_of_id is not None:
        copies.handed_in(masklet, user)
    return announce(masklet)


@transaction.atomic
def reopen(*, masklet: Masklet, user: User, **fields: Any) -> Task:
    """Have a masklet judged again that was rejected, or set aside as too easy or as a model's failure. What was
    said of it stays. fields: of the task to verify it.

    Raises NotPossible `not_closed`, `not_chosen` or `is_gold`, Conflict `twin_goes_on` while the same object,
    tracked by somebody else, is on its way or accepted.
    """
    # Held, as whoever takes a decision back holds it: one of two goes on.
    mine = Q(first=masklet) | Q(second=masklet)
    list(Consensus.objects.select_for_update(no_key=True).filter(mine))
    _check_closed(masklet)
    if twin := _twins(masklet).exclude(state__in=Masklet.LEFT_OUT).first():
        raise Conflict(
            f"{twin.name} is the same object, tracked by somebody else, and is {_words(twin)}: only one of the two "
            "can go on.",
            code="twin_goes_on",
            masklet=twin.pk,
        )
    move(masklet, _S.SUBMITTED, TRANSITIONS, set_aside="", version=F("version") + 1)
    masklet.refresh_from_db(fields=["version"])
    announce(masklet)
    return routing.after_reopening(masklet, user, **fields)


def _check_closed(masklet: Masklet) -> None:
    if masklet.gold_of_id is not None:
        raise NotPossible("This is somebody's work on a gold masklet: nobody judges it.", code="is_gold")
    if masklet.deleted_at is not None or masklet.state not in Masklet.LEFT_OUT:
        stands = "deleted" if masklet.deleted_at else _words(masklet)
        raise NotPossible(
            f"This masklet is {stands}: only one that was rejected or set aside is looked at again.",
            code="not_closed",
        )
    if masklet.set_aside == Masklet.SetAside.NOT_CHOSEN:
        raise NotPossible(
            "Of two who tracked this object, the other one's work goes on. Reverse that decision, on the page "
            "Consensus, to have this one verified.",
            code="not_chosen",
        )


def _words(masklet: Masklet) -> str:
    return masklet.state.replace("_", " ")


def put_aside(masklet: Masklet, reason: str, **fields: Any) -> None:
    """Out of the dataset, and kept: why is said with it."""
    move(masklet, _S.SET_ASIDE, TRANSITIONS, set_aside=reason, **fields)


def announce(masklet: Masklet) -> dict[str, Any]:
    """The masklet's present form, also told on commit to everybody who has it open."""
    shape = shapes.masklet(masklet.pk)
    events.publish_on_commit(sessions.listeners(masklet.video_id, masklet.pk), "masklet", shape)
    return shape


def _check_complete(masklet: Masklet) -> None:
    if prompts.owes_a_mask([masklet.pk]):
        raise Conflict(
            f"{masklet.name}: the model still owes you a mask. Wait for it, or undo the click.",
            code="awaiting_model",
        )
    areas = {row.frame_index: row.area for row in masks.current([masklet.pk])}
    annotated = masklet.video.annotated_indices
    ranges = ranges_of([frame for frame in annotated if frame not in areas], masklet.video.stride)
    if ranges:
        count = sum(1 for frame in annotated if frame not in areas)
        raise NotPossible(
            f"{masklet.name}: {count} of {len(annotated)} frames have not been looked at. "
            "Propagate over them, or mark them absent.",
            code="unknown_frames",
            masklet=masklet.pk,
            ranges=ranges,
        )
    if not any(areas.values()):
        raise NotPossible(
            f"{masklet.name} is not visible in any frame. Delete it, or give it a mask.",
            code="empty_masklet",
            masklet=masklet.pk,
        )
