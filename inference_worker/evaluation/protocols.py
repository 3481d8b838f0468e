"""The ways to drive an engine over a labelled sequence: from the first mask, or by simulated clicks.

Source of the interactive ones: SAM 2, arXiv 2408.00714, section E.1.2. Each object is on its own there.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

import numpy as np

from inference_worker.engines import Known, Segmenter, Tracker
from inference_worker.evaluation.sequences import LabelledSequence
from inference_worker.protocol import rle
from inference_worker.protocol.clicks import next_click
from inference_worker.protocol.messages import WARM_UP_FRAMES, MaskPrompt, Prompt
from inference_worker.protocol.metrics import Scores, jaccard, object_scores

CLICKS_PER_FRAME = 3
CLICKED_FRAMES = 8
ONLINE_PAUSES_BELOW = 0.75  # J

T = TypeVar("T")


@dataclass
class Run:
    """What one object's labelling cost and gave. seconds: the engine's own time, for `frames` masks."""

    scores: Scores | None = None
    clicks: int = 0
    edited_frames: int = 0
    seconds: float = 0.0
    frames: int = 0
    masks: dict[int, np.ndarray] = field(default_factory=dict)


def semi_supervised(segmenter: Segmenter, sequence: LabelledSequence) -> list[Run]:
    """Each object's first true mask is given, all objects are tracked forward together."""
    tracker = segmenter.open(sequence.frames)
    given = {obj: _first_seen(truth) for obj, truth in sequence.truth.items()}
    known = {obj: {i: _drawn(sequence.truth[obj][i])} for obj, i in given.items()}
    runs = {obj: Run(masks={i: sequence.truth[obj][i]}, edited_frames=1) for obj, i in given.items()}
    frames = list(sequence.frames.indices)[min(given.values()) :]
    tracked = _timed(tracker.track(frames, known))
    for seconds, (frame, results) in tracked:
        for obj, result in results.items():
            runs[obj].masks[frame] = result.mask
            runs[obj].seconds += seconds / len(results)
            runs[obj].frames += 1
    for obj, run in runs.items():
        run.scores = _score(sequence, obj, run)
    return list(runs.values())


def offline(segmenter: Segmenter, sequence: LabelledSequence) -> list[Run]:
    """Whole passes: each next one clicks on the worst frame of the last, and tracks again both ways."""
    return [_offline(segmenter.open(sequence.frames), sequence, obj) for obj in sequence.truth]


def online(segmenter: Segmenter, sequence: LabelledSequence) -> list[Run]:
    """One forward pass, paused for clicks on the first frame with J below 0.75, which change later frames only."""
    return [_online(segmenter.open(sequence.frames), sequence, obj) for obj in sequence.truth]


PROTOCOLS: dict[str, Callable[[Segmenter, LabelledSequence], list[Run]]] = {
    "semi-supervised": semi_supervised,
    "offline": offline,
    "online": online,
}


def _offline(tracker: Tracker, sequence: LabelledSequence, obj: int) -> Run:
    truth, run, known = sequence.truth[obj], Run(), dict[int, Known]()
    frames = list(sequence.frames.indices)
    worst: int | None = _first_seen(truth)
    while worst is not None and run.edited_frames < CLICKED_FRAMES:
        around = _around(run, known, worst, forward=not known or worst > min(known))
        known[worst] = _click(tracker, run, obj, worst, truth[worst], around)
        first = frames.index(min(known))
        _track(tracker, run, frames[first:], obj, known)
        _track(tracker, run, frames[:first][::-1], obj, known)
        worst = _worst(run, truth, known)
    run.scores = _score(sequence, obj, run)
    return run


def _online(tracker: Tracker, sequence: LabelledSequence, obj: int) -> Run:
    truth, run, known = sequence.truth[obj], Run(), dict[int, Known]()
    frames = list(sequence.frames.indices)
    paused: int | None = _first_seen(truth)
    while paused is not None:
        around = _around(run, known, paused, forward=True)
        known[paused] = _click(tracker, run, obj, paused, truth[paused], around)
        rest = frames[frames.index(paused) + 1 :]
        may_pause = run.edited_frames < CLICKED_FRAMES
        paused = _track(tracker, run, rest, obj, known, truth if may_pause else {})
    run.scores = _score(sequence, obj, run)
    return run


def _around(run: Run, known: Mapping[int, Known], frame: int, *, forward: bool) -> dict[int, Known]:
    """What a click on a frame may look at: the human frames, and the masks of the pass that came to it."""
    step = -1 if forward else 1
    passed = [frame + step * age for age in range(WARM_UP_FRAMES + 1)]
    return {i: Known(run.masks[i], human=False) for i in passed if i in run.masks} | dict(known)


def _click(
    tracker: Tracker, run: Run, obj: int, frame: int, truth: np.ndarray, around: Mapping[int, Known]
) -> Known:
    prompts: list[Prompt] = []
    mask = run.masks.get(frame)
    for _ in range(CLICKS_PER_FRAME):
        click = next_click(truth, mask)
        if click is None:
            break
        prompts.append(click)
        started = time.perf_counter()
        mask = tracker.segment(obj, frame, prompts, mask, around).mask
        run.seconds += time.perf_counter() - started
    run.clicks += len(prompts)
    run.edited_frames += 1
    run.masks[frame] = np.zeros_like(truth) if mask is None else mask
    return Known(run.masks[frame], human=True, prompts=tuple(prompts))


def _track(
    tracker: Tracker,
    run: Run,
    frames: list[int],
    obj: int,
    known: dict[int, Known],
    watched: Mapping[int, np.ndarray] | None = None,
) -> int | None:
    """The first watched frame whose mask came out too bad, where tracking ended; None if all were done."""
    for seconds, (frame, results) in _timed(tracker.track(frames, {obj: known})):
        run.seconds += seconds
        if obj not in results:
            continue
        run.frames += 1
        run.masks[frame] = results[obj].mask
        if watched and frame in watched and jaccard(run.masks[frame], watched[frame]) < ONLINE_PAUSES_BELOW:
            return frame
    return None


def _worst(run: Run, truth: Mapping[int, np.ndarray], known: dict[int, Known]) -> int | None:
    scored = {i: jaccard(run.masks[i], truth[i]) for i in truth if i in run.masks and i not in known}
    worst = min(scored, key=lambda i: scored[i], default=None)
    return worst if worst is not None and scored[worst] < 1 else None


def _timed(results: Iterable[T]) -> Iterator[tuple[float, T]]:
    iterator = iter(results)
    while True:
        started = time.perf_counter()
        try:
            result = next(iterator)
        except StopIteration:
            return
        yield time.perf_counter() - started, result


def _first_seen(truth: Mapping[int, np.ndarray]) -> int:
    return next(i for i in sorted(truth) if truth[i].any())


def _drawn(mask: np.ndarray) -> Known:
    return Known(mask, human=True, prompts=(MaskPrompt(counts=rle.encode(mask)),))


def _score(sequence: LabelledSequence, obj: int, run: Run) -> Scores | None:
    truth = sequence.truth[obj]
    nothing = np.zeros(sequence.frames.size, bool)
    return object_scores(
        [run.masks.get(i, nothing) for i in sorted(truth)], [truth[i] for i in sorted(truth)]
    )
