"""What the inference workers answered, stored. Safe to run twice with the same message."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from annotator import events, inference
from annotator.models import Change, Mask, Masklet, ModelVersion, Propagation, Session, Video
from annotator.selectors import masks, sessions, triage
from annotator.services import changes, propagations
from annotator.shapes import masklets as shapes
from annotator.shapes import propagations as propagation_shapes
from annotator.shapes import sessions as session_shapes
from annotator.spans import Run
from annotator.transitions import move
from annotator.triage import Look
from inference_worker.protocol import messages, rle

log = logging.getLogger(__name__)
MAX_ATTEMPTS = 5


@transaction.atomic
def record_segment(result: messages.SegmentResult) -> None:
    """Store the model's answer to a click: a mask on the change's frame, or why there is none."""
    # The masklet is held, as by every write on it, so that events tell of its forms in their order.
    list(Masklet.objects.select_for_update(no_key=True).filter(changes=result.change).values("pk"))
    change = Change.objects.select_related("masklet__video").filter(pk=result.change).first()
    if change is None:
        return
    if not change.pending:
        changes.announce(change)  # the recorder that stored it may have died before it could tell
        return
    change.pending = False
    change.error = result.error
    change.engine_ms = result.engine_ms
    change.save(update_fields=["pending", "error", "engine_ms"])
    if result.mask is None:
        listeners = sessions.listeners(change.masklet.video_id, change.masklet_id)
        failed = {"masklet": change.masklet_id, "change": change.pk, "message": result.error}
        events.publish_on_commit(listeners, "click_failed", failed)
    else:
        _store([result.mask], {change.masklet_id: change}, result.model)
    changes.announce(change)


@transaction.atomic
def record_chunk(result: messages.ChunkResult) -> None:
    """Store one chunk of a pass, if it belongs to the present attempt, and move the pass on."""
    row = Propagation.objects.select_for_update().filter(pk=result.propagation).first()
    if row is None:
        return
    if row.attempt != result.attempt or row.state not in Propagation.ACTIVE:
        _publish_masks(row, result.masks)  # a recorder may have stored some, and died before it could tell
        return
    steps = {change.masklet_id: change for change in row.changes.select_related("masklet__video")}
    runs = [Run.from_json(data) for data in row.runs]
    ways = {(m, f): run.way for run in runs for m, frames in run.targets.items() for f in frames}
    wanted = [mask for mask in result.masks if (mask.masklet, mask.frame_index) in ways]
    _store(wanted, steps, result.model, ways)
    _count(row, result)
    _publish_masks(row, wanted)
    _move_on(row, result)


@transaction.atomic
def record_session(result: messages.SessionState) -> None:
    """Show what the worker does with a session."""
    rows = Session.objects.filter(pk=result.session, state=Session.State.OPEN)
    if rows.update(engine_name=result.engine, engine_state=result.state, engine_notice=result.notice):
        session = rows.select_related("user").get()
        events.publish_on_commit([session.pk], "session", session_shapes.session(session))


def version_of(model: messages.ModelVersion) -> ModelVersion:
    """The row of what made a mask."""
    return ModelVersion.objects.get_or_create(
        engine=model.engine,
        weights=model.weights,
        weights_sha256=model.weights_sha256,
        thresholds=model.thresholds,
    )[0]


def _store(
    results: Sequence[messages.FrameResult],
    steps: dict[int, Change],
    model: messages.ModelVersion,
    ways: Mapping[triage.Place, int] | None = None,
) -> None:
    """ways: see triage.rated; none for the answer to a person's click."""
    version, human = version_of(model), ways is None
    seen = Mask.State.EDITED if human else Mask.State.PREDICTED
    looks = [_look(result, steps[result.masklet].masklet.video) for result in results]
    rated = {} if ways is None else triage.rated(results, looks, steps, ways)
    rows = []
    for result, look in zip(results, looks, strict=True):
        signals, suspicion = rated.get((result.masklet, result.frame_index), (None, None))
        rows.append(
            Mask(
                change=steps[result.masklet],
                masklet_id=result.masklet,
                frame_index=result.frame_index,
                state=seen if look.area else Mask.State.ABSENT,
                human=human,
                counts=look.counts,
                area=look.area,
                score=result.score,
                stability=result.stability,
                signals=signals,
                suspicion=suspicion,
                model_version=version,
            )
        )
    Mask.objects.bulk_create(rows, ignore_conflicts=True)


def _look(result: messages.FrameResult, video: Video) -> Look:
    size = video.height or 0, video.width or 0
    counts = rle.checked(result.counts, *size)
    return Look(counts, rle.area(counts, *size))


def _count(row: Propagation, result: messages.ChunkResult) -> None:
    now = timezone.now()
    row.frames_done = Mask.objects.filter(change__propagation=row).count()
    row.engine_ms = F("engine_ms") + result.engine_ms
    row.started_at = row.started_at or now
    row.progress_at = now
    row.save(update_fields=["frames_done", "engine_ms", "started_at", "progress_at"])
    row.refresh_from_db(fields=["engine_ms"])
    if row.state == Propagation.State.QUEUED:
        move(row, Propagation.State.RUNNING, propagations.TRANSITIONS)


def _publish_masks(row: Propagation, wanted: list[messages.FrameResult]) -> None:
    frames = {mask.frame_index for mask in wanted}
    current = masks.current({mask.masklet for mask in wanted}, frames=frames) if frames else []
    mine = set(row.changes.values_list("pk", flat=True))
    described = propagation_shapes.propagation(row)
    told = [shapes.mask(mask) for mask in current if mask.change_id in mine]
    listeners = sessions.listeners(row.session.video_id, *described["masklets"])
    events.publish_on_commit(listeners, "masks", {"propagation": described, "masks": told})


def _move_on(row: Propagation, result: messages.ChunkResult) -> None:
    state = Propagation.State
    if row.frames_done == row.frames_total:
        propagations.end(row, state.FINISHED)
    elif result.state == "stopped":
        propagations.end(row, state.STOPPED)
    elif result.state == "failed":
        _try_again_or_fail(row, result)
    elif result.state == "finished":
        # The worker is through, yet masks are missing: some chunk of it never arrived here.
        _try_again_or_fail(row, result)
    elif row.state == state.STOPPING:
        transaction.on_commit(lambda: inference.raise_stop(row.pk))


def _try_again_or_fail(row: Propagation, result: messages.ChunkResult) -> None:
    again = result.retryable or result.state == "finished"
    if row.state == Propagation.State.STOPPING:
        propagations.end(row, Propagation.State.STOPPED)
    elif again and row.attempt < MAX_ATTEMPTS:
        propagations.send_again(row)
    else:
        message = result.error or "The worker ended this pass with frames missing. Propagate again."
        log.error("propagation %s failed: %s", row.pk, message)
        propagations.end(row, Propagation.State.FAILED, message)
