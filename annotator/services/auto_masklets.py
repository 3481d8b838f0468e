"""What a run found, as masklets: begun, tracked, then handed in or put away."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from django.db import transaction
from django.utils import timezone

from annotator import inference
from annotator.models import AutoRun, Change, Masklet, MaskletFacts, Propagation, Session, Video
from annotator.models.masklets import PALETTE
from annotator.selectors import masklets as masklets_selector
from annotator.selectors import recipes
from annotator.services import changes, masklets, results, triage
from annotator.spans import Run
from annotator.transitions import move
from inference_worker.protocol import messages, rle

FRAME = 0  # where masks are proposed


def new(run: AutoRun, found: Sequence[messages.Candidate]) -> list[messages.Candidate]:
    """Those of objects that nobody began while the worker, which knew of what was there before, was at it."""
    height, width = run.video.height or 0, run.video.width or 0
    most = messages.decode(run.settings, messages.ProposeSettings).known_iou
    known = recipes.known(run.video_id, FRAME)
    return [each for each in found if not rle.overlaps_any(each.counts, known, height, width, above=most)]


def begin(run: AutoRun, found: Sequence[messages.Candidate], model: messages.ModelVersion) -> None:
    """Masklets of what was found, each with a pass over the video that sets out from its first mask.

    A pass of its own, so that a step is short where an engine takes objects one by one; an engine that
    gains by it takes passes together.
    """
    for masklet, each in zip(_masklets(run, len(found)), found, strict=True):
        _set_out(run, masklet, each, model)


def hand_in(passes: Sequence[Propagation]) -> None:
    """Have what these passes tracked verified, but for what a person took up."""
    for masklet in _untouched(passes):
        move(masklet, Masklet.State.SUBMITTED, masklets.TRANSITIONS, submitted_at=timezone.now())
        triage.add_verify_task(masklet, None, workers=[])
        masklets.announce(masklet)


def put_away(passes: Sequence[Propagation]) -> None:
    """Delete what these passes made and nobody handed in, but for what a person took up."""
    for masklet in _untouched(passes):
        masklet.deleted_at = timezone.now()
        masklet.save(update_fields=["deleted_at"])
        masklets.announce(masklet)


def _set_out(run: AutoRun, masklet: Masklet, found: messages.Candidate, model: messages.ModelVersion) -> None:
    assert run.session is not None, "a run that proposes has begun"
    frames = list(run.video.annotated_indices)
    row = Propagation.objects.create(
        session=run.session,
        requested_by=run.requested_by,
        direction=Propagation.Direction.FORWARD,
        start_frame=FRAME,
        runs=[Run(frames, {masklet.pk: frames}).as_json()],
        frames_total=len(frames),
    )
    row.masklets.set([masklet])
    step = changes.add(masklet, run.requested_by, Change.Kind.PROPAGATION, propagation=row)
    masklets.announce(masklet)
    results.record_chunk(_first_mask(row, step, found, model, run.engine_ms / run.kept))
    message = recipes.propagate(row)
    if message is not None:
        transaction.on_commit(partial(inference.propagate, message))


def _masklets(run: AutoRun, count: int) -> list[Masklet]:
    video = Video.objects.select_for_update(no_key=True).get(pk=run.video_id)
    first = masklets_selector.next_number(video.pk)
    made = Masklet.objects.bulk_create(
        Masklet(
            video=run.video,
            number=number,
            name=f"Auto {number + 1}",
            color=number % PALETTE,
            type=Masklet.Type.AUTO,
            created_by=run.requested_by,
        )
        for number in range(first, first + count)
    )
    MaskletFacts.objects.filter(masklet__in=made).update(proposed_by=run.model_version)
    return made


def _first_mask(
    row: Propagation, step: Change, found: messages.Candidate, model: messages.ModelVersion, ms: float
) -> messages.ChunkResult:
    """What was proposed, as the first mask of the pass: the model made it, and nobody prompted it.

    ms: its part of what proposing took, so that the pass has all engine time that the masklet cost."""
    mask = messages.FrameResult(
        masklet=step.masklet_id,
        change=step.pk,
        frame_index=FRAME,
        counts=found.counts,
        score=min(found.iou, 1.0),
        stability=found.stability,
    )
    return messages.ChunkResult(
        session=row.session_id,
        propagation=row.pk,
        attempt=row.attempt,
        model=model,
        engine_ms=ms,
        state="running",
        masks=[mask],
    )


def _untouched(passes: Sequence[Propagation]) -> list[Masklet]:
    """The passes' masklets that nobody has put a hand to, their rows held."""
    rows = Masklet.objects.select_for_update(of=("self",), no_key=True).select_related("video__project")
    mine = rows.filter(propagations__in=passes, state=Masklet.State.IN_WORK, deleted_at__isnull=True)
    held = list(mine.order_by("pk"))
    # Asked when they are held: somebody may just have put a hand to one.
    acts = Change.objects.filter(masklet__in=held, undone=False)
    by_people = acts.exclude(propagation__session__purpose=Session.Purpose.AUTO)
    theirs = set(by_people.values_list("masklet", flat=True))
    return [masklet for masklet in held if masklet.pk not in theirs]
