"""Passes of the model over a span of frames: asked for, sent, stopped, ended."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from annotator import events, inference
from annotator.errors import Conflict, NotPossible, NotThere
from annotator.models import Change, Masklet, Project, Propagation, Session, User
from annotator.selectors import masks, prompts, recipes, sessions
from annotator.services import changes, masklets, versions
from annotator.shapes import propagations as shapes
from annotator.spans import Bounds, Run, plan
from annotator.transitions import move

MAX_MASKLETS = 64

_S = Propagation.State
TRANSITIONS: Mapping[str, frozenset[str]] = {
    _S.QUEUED: frozenset(),
    _S.RUNNING: frozenset({_S.QUEUED}),
    _S.STOPPING: frozenset({_S.QUEUED, _S.RUNNING}),
    _S.STOPPED: frozenset({_S.QUEUED, _S.RUNNING, _S.STOPPING}),
    _S.FINISHED: frozenset({_S.QUEUED, _S.RUNNING, _S.STOPPING}),
    _S.FAILED: frozenset({_S.QUEUED, _S.RUNNING, _S.STOPPING}),
}


@transaction.atomic
def start(
    *,
    session: Session,
    user: User,
    wanted: Mapping[int, int],
    start_frame: int,
    direction: str,
    bounds: Bounds,
    client_id: UUID | None = None,
) -> dict[str, Any]:
    """Begin a pass over the masklets (masklet -> base_version); it is a step of each one's history.

    Raises NotPossible `nothing_to_propagate`, `not_in_phase`, Conflict `propagation_running`,
    `stale_version`, `awaiting_model`, `in_task`.
    """
    if session.is_for_choosing:
        raise Conflict("Your task is to choose objects: somebody else tracks them.", code="in_task")
    # Held first, so that a retry which overtakes its first request waits for it and then finds it.
    list(Masklet.objects.select_for_update(no_key=True).filter(pk__in=wanted).order_by("pk").values("pk"))
    if client_id is not None:
        earlier = Propagation.objects.filter(client_id=client_id, requested_by=user).first()
        if earlier is not None:
            return shapes.propagation(earlier)
    if not wanted or len(wanted) > MAX_MASKLETS:
        raise NotPossible(f"A propagation takes 1 to {MAX_MASKLETS} masklets.", code="no_masklets")
    touched = [versions.touch(session, pk, version) for pk, version in sorted(wanted.items())]
    changes.stop_first([masklet.pk for masklet in touched])
    _check_phase(session, touched)
    runs = _plan(touched, start_frame, direction, bounds)
    tracked = {pk for run in runs for pk in run.targets}
    row = Propagation.objects.create(
        session=session,
        requested_by=user,
        client_id=client_id,
        direction=direction,
        start_frame=start_frame,
        runs=[run.as_json() for run in runs],
        frames_total=sum(run.size for run in runs),
    )
    row.masklets.set(tracked)
    for masklet in touched:
        if masklet.pk in tracked:
            changes.announce(changes.add(masklet, user, Change.Kind.PROPAGATION, propagation=row))
        else:
            masklets.announce(masklet)  # it has no part in this, but a new version
    message = recipes.propagate(row)
    if message is not None:
        transaction.on_commit(partial(inference.propagate, message))
    return announce(row)


@transaction.atomic
def stop(*, session: Session, propagation_id: int) -> dict[str, Any]:
    """Ask a pass to end; the masks that are done stay. Stopping one that has ended changes nothing."""
    rows = Propagation.objects.select_for_update(of=("self",)).filter(session__video=session.video_id)
    if session.masklet_id is not None:
        rows = rows.filter(masklets=session.masklet_id)
    row = rows.filter(pk=propagation_id).first()
    if row is None:
        raise NotThere("This propagation is not in this session's video, or not of its task's masklet.")
    if row.state not in (_S.QUEUED, _S.RUNNING):
        return shapes.propagation(row)
    move(row, _S.STOPPING, TRANSITIONS, progress_at=timezone.now())
    transaction.on_commit(partial(inference.raise_stop, row.pk))
    return announce(row)


@transaction.atomic
def end(row: Propagation, state: Propagation.State, error: str = "") -> None:
    """Close a pass as stopped, finished or failed."""
    move(row, state, TRANSITIONS, error=error, ended_at=timezone.now())
    transaction.on_commit(partial(inference.lower_stop, row.pk))
    announce(row)


@transaction.atomic
def send_again(row: Propagation) -> None:
    """Give what is left of a pass to any worker, under a new attempt that fences the earlier one."""
    fresh = Propagation.objects.filter(pk=row.pk, attempt=row.attempt, state__in=(_S.QUEUED, _S.RUNNING))
    if not fresh.update(attempt=row.attempt + 1, progress_at=timezone.now()):
        return
    row.attempt += 1
    message = recipes.propagate(row)
    if message is None:
        end(row, _S.FINISHED)
    else:
        transaction.on_commit(partial(inference.propagate, message))


def announce(row: Propagation) -> dict[str, Any]:
    """The pass's present form, also told on commit to everybody who has a masklet of it open."""
    shape = shapes.propagation(row)
    listeners = sessions.listeners(row.session.video_id, *shape["masklets"])
    events.publish_on_commit(listeners, "propagation", shape)
    return shape


def _check_phase(session: Session, touched: list[Masklet]) -> None:
    phase = session.video.project.phase
    if phase == Project.Phase.FRAMES and session.purpose == Session.Purpose.ANNOTATE:
        raise NotPossible(
            "In phase 1 of this project each frame is masked by itself: there are no passes.",
            code="not_in_phase",
        )
    if phase == Project.Phase.MASKS and prompts.owes_a_mask([masklet.pk for masklet in touched]):
        raise Conflict(
            "In phase 2 a pass goes out from masks, and the model still owes you one. Wait for it.",
            code="awaiting_model",
        )


def _plan(touched: list[Masklet], start_frame: int, direction: str, bounds: Bounds) -> list[Run]:
    video = touched[0].video
    annotated = video.annotated_indices
    if start_frame not in annotated:
        raise NotPossible(
            f"Frame {start_frame} is not an annotated frame of this video.", code="not_annotated"
        )
    human: dict[int, set[int]] = {}
    masked: dict[int, set[int]] = {}
    for masklet in touched:
        human[masklet.pk] = {frame.frame_index for frame in recipes.human_frames(masklet.pk)}
        masked[masklet.pk] = human[masklet.pk] | {row.frame_index for row in masks.current([masklet.pk])}
    runs = plan(annotated, human, masked, start_frame, direction, bounds)
    if not runs:
        raise NotPossible(
            "There is nothing to propagate: click the object first, or choose a direction with frames left to fill.",
            code="nothing_to_propagate",
        )
    return runs
