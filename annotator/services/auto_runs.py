"""Making auto masklets of videos: begun, worked off behind people's backs, handed to verification, stopped."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from datetime import timedelta
from functools import partial

import msgspec
from django.db import transaction
from django.utils import timezone

from annotator import inference
from annotator.errors import Conflict, NotPossible
from annotator.models import AutoRun, Project, Propagation, Session, User, Video
from annotator.selectors import auto_runs as selector
from annotator.selectors import recipes
from annotator.services import auto_masklets, propagations, results, sessions
from annotator.transitions import move
from inference_worker.protocol import messages

log = logging.getLogger(__name__)

AT_ONCE = 4  # runs that workers are at; the others wait their turn as rows
SETTINGS = messages.ProposeSettings()  # what no project changes of them
MOST_NAMES = 3  # of videos in one sentence
LATE = timedelta(seconds=5)  # without progress a run is looked at
MAX_ATTEMPTS = 10
_FOREVER = timedelta(days=3650)  # nobody sits at the session of a run, so that no heartbeat can be missed
_GIVEN_UP = "The inference worker was lost again and again while it proposed masks. Its log says why."

_S, _P = AutoRun.State, Propagation.State
TRANSITIONS: Mapping[str, frozenset[str]] = {
    _S.QUEUED: frozenset(),
    _S.PROPOSING: frozenset({_S.QUEUED}),
    _S.TRACKING: frozenset({_S.PROPOSING}),
    _S.FINISHED: frozenset({_S.PROPOSING, _S.TRACKING}),
    _S.STOPPED: frozenset({_S.QUEUED, _S.PROPOSING, _S.TRACKING}),
    _S.FAILED: frozenset({_S.QUEUED, _S.PROPOSING, _S.TRACKING}),
}


def settings_of(project: Project) -> messages.ProposeSettings:
    """The grids and thresholds of the runs that the project begins from now on."""
    return msgspec.structs.replace(
        SETTINGS,
        min_iou=project.auto_min_iou,
        min_stability=project.auto_min_stability,
        most=project.auto_most,
    )


def engines() -> list[messages.ModelVersion]:
    """What the workers that are there run, each once."""
    models = [worker.model for worker in inference.workers()]
    return list({(model.engine, model.weights): model for model in models}.values())


@transaction.atomic
def start(*, project: Project, user: User, videos: Sequence[int] | None = None) -> list[AutoRun]:
    """A run of each of the videos, also of those that had one; None is all that none was finished of.

    Raises NotPossible `no_video` when one is not there or not ready, or there is none to run on; Conflict
    `running` with the ids of the `videos` that are in a run already.
    """
    # One start after the other: two people who press at once do not both begin on a video.
    project = Project.objects.select_for_update(no_key=True).get(pk=project.pk)
    if videos is None:
        chosen = list(selector.without_run(selector.videos(project)).order_by("id"))
    else:
        chosen = list(selector.videos(project).filter(pk__in=videos).order_by("id"))
    _check(chosen, videos)
    settings = settings_of(project)
    return AutoRun.objects.bulk_create(
        AutoRun(
            video=video,
            requested_by=user,
            settings=msgspec.to_builtins(settings),
            prompts_total=settings.points,
        )
        for video in chosen
    )


def _check(chosen: Sequence[Video], asked: Sequence[int] | None) -> None:
    if asked is None and not chosen:
        raise NotPossible("Every video that is ready had a run, or is in one.", code="no_video")
    missing = len(set(asked or ())) - len(chosen)
    if asked is not None and missing:
        raise NotPossible(
            f"{missing} of these videos cannot be run on: not there, or not ready.", code="no_video"
        )
    active = AutoRun.objects.filter(video__in=chosen, state__in=AutoRun.ACTIVE).order_by("video")
    busy = dict(active.values_list("video", "video__name"))
    if busy:
        names = ", ".join([*busy.values()][:MOST_NAMES]) + (", ..." if len(busy) > MOST_NAMES else "")
        raise Conflict(
            f"In a run already: {names}. Wait for it, or stop it first.", code="running", videos=list(busy)
        )


@transaction.atomic
def stop(*, run: AutoRun) -> None:
    """End a run. What it has made so far is put away. Stopping one that has ended changes nothing."""
    run = AutoRun.objects.select_for_update(of=("self",)).select_related("session").get(pk=run.pk)
    if run.state not in AutoRun.ACTIVE:
        return
    for row in selector.passes_of(run):
        propagations.stop(session=row.session, propagation_id=row.pk)
    transaction.on_commit(partial(inference.raise_run_stop, run.pk))
    _end(run, _S.STOPPED)


def stop_all(*, project: Project) -> int:
    """End all runs of a project that are under way or wait; how many there were."""
    runs = AutoRun.objects.filter(video__in=Video.objects.filter(project=project))
    waiting = runs.filter(state=_S.QUEUED).update(state=_S.STOPPED, finished_at=timezone.now())
    begun = list(runs.filter(state__in=AutoRun.ACTIVE))
    for run in begun:
        stop(run=run)
    return waiting + len(begun)


@transaction.atomic
def record(result: messages.ProposeResult) -> None:
    """Store what one unit of proposing gave, if it belongs to the present attempt, and move the run on."""
    rows = AutoRun.objects.select_for_update(of=("self",)).select_related("video__project", "session")
    run = rows.filter(pk=result.run, attempt=result.attempt, state=_S.PROPOSING).first()
    if run is None:
        return
    run.prompts_done = result.points
    run.engine_ms += result.engine_ms
    run.progress_at = timezone.now()
    run.model_version = results.version_of(result.model)
    if result.done is not None:
        run.found, run.candidates = msgspec.to_builtins(result.done), result.done.candidates
    run.save(
        update_fields=["prompts_done", "engine_ms", "progress_at", "model_version", "found", "candidates"]
    )
    if result.state == "finished" and result.done is not None:
        _track(run, result.done.found, result.model)
    elif result.state == "failed" and result.retryable and run.attempt < MAX_ATTEMPTS:
        _send_again(run)
    elif result.state == "failed":
        _end(run, _S.FAILED, result.error)
    elif result.state == "stopped":
        _end(run, _S.STOPPED)


def advance() -> None:
    """Begin runs whose turn it is, send again what no worker has, hand in what is tracked, and stop what is
    done on deleted videos. For the sweep."""
    for run in AutoRun.objects.filter(state__in=AutoRun.ACTIVE, video__deleted_at__isnull=False):
        stop(run=run)
    for pk in AutoRun.objects.filter(state=_S.TRACKING).values_list("pk", flat=True):
        _settle(pk)
    if not inference.workers():
        return
    _find_lost()
    busy = AutoRun.objects.filter(state__in=(_S.PROPOSING, _S.TRACKING)).count()
    waiting = AutoRun.objects.filter(state=_S.QUEUED).select_related("video", "requested_by").order_by("pk")
    for run in waiting[: max(AT_ONCE - busy, 0)]:
        _begin(run)


@transaction.atomic
def _begin(run: AutoRun) -> None:
    now = timezone.now()
    session = Session.objects.create(
        purpose=Session.Purpose.AUTO, video=run.video, user=run.requested_by, lease_until=now + _FOREVER
    )
    move(run, _S.PROPOSING, TRANSITIONS, session=session, progress_at=now)
    _send(run)


def _find_lost() -> None:
    late = AutoRun.objects.filter(state=_S.PROPOSING, progress_at__lt=timezone.now() - LATE)
    rows = list(late.select_related("video", "session"))
    if not rows or inference.bulk_waits() or inference.answers_wait(messages.PROPAGATE_PRIORITY):
        return  # nobody has begun on it, or what was done is not recorded yet: it is not lost
    in_hand = inference.runs_in_hand([run.pk for run in rows])
    for run in rows:
        if run.pk not in in_hand:
            log.info("sending auto run %s again, attempt %s", run.pk, run.attempt + 1)
            _send_again(run)


@transaction.atomic
def _send_again(run: AutoRun) -> None:
    """Give what is left of it to any worker, under a new attempt that fences the earlier one."""
    if run.attempt >= MAX_ATTEMPTS:
        return _end(run, _S.FAILED, _GIVEN_UP)
    fresh = AutoRun.objects.filter(pk=run.pk, attempt=run.attempt, state=_S.PROPOSING)
    if fresh.update(attempt=run.attempt + 1, progress_at=timezone.now()):
        run.attempt += 1
        _send(run)
    return None


def _send(run: AutoRun) -> None:
    message = recipes.propose(run, auto_masklets.FRAME)
    transaction.on_commit(partial(inference.lower_run_stop, run.pk))
    transaction.on_commit(partial(inference.propose, message))


@transaction.atomic
def _settle(pk: int) -> None:
    """Hand in what passes have tracked to their end, once all have ended; put away what they have not."""
    runs = AutoRun.objects.select_for_update(of=("self",)).select_related("session")
    run = runs.filter(pk=pk, state=_S.TRACKING).first()
    rows = list(selector.passes_of(run)) if run else []
    if run is None or any(row.state in Propagation.ACTIVE for row in rows):
        return
    through = [row for row in rows if row.state == _P.FINISHED]
    auto_masklets.hand_in(through)
    errors = [row.error for row in rows if row.state == _P.FAILED]
    if through and errors:
        _end(run, _S.FINISHED, f"{len(errors)} of {len(rows)} masklets could not be tracked: {errors[0]}")
    elif through:
        _end(run, _S.FINISHED)
    else:
        _end(run, _S.FAILED if errors else _S.STOPPED, "".join(errors[:1]))


def _track(run: AutoRun, found: Sequence[messages.Candidate], model: messages.ModelVersion) -> None:
    found = auto_masklets.new(run, found)
    if found:
        move(run, _S.TRACKING, TRANSITIONS, kept=len(found), found={}, progress_at=timezone.now())
        auto_masklets.begin(run, found, model)
    else:
        _end(run, _S.FINISHED)


def _end(run: AutoRun, state: str, error: str = "") -> None:
    """Close a run. What it made and did not hand in is put away, unless a person took it up."""
    move(run, state, TRANSITIONS, error=error, found={}, finished_at=timezone.now())
    auto_masklets.put_away(list(selector.passes_of(run)))
    if run.session is not None:
        sessions.close(session=run.session)
