"""Chunks of propagations: as many frames as fit in a slice of time, at least one each."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from functools import cached_property
from typing import Literal

import msgspec
import numpy as np

from inference_worker.auto_masklets import cleaned
from inference_worker.engines import EngineError, Known, Segmented, Step
from inference_worker.protocol import forms, rle
from inference_worker.protocol.messages import (
    WARM_UP_FRAMES,
    FrameResult,
    Frames,
    KnownFrame,
    ObjectRecipe,
    Propagate,
)
from inference_worker.session_pool import Held, Track
from inference_worker.signs import Asked

ChunkState = Literal["running", "finished", "stopped", "superseded", "failed"]
Advance = Callable[[Sequence[Iterator[Step]]], list[Step | None]]


class Chunk:
    """Works off a message's runs. What it holds is right at any moment, also after a failure.

    masks: what was made. runs: what is still to be done. objects: the recipes with what another
    worker needs to go on. engine_ms: time spent in the engine. failure: why it failed, if it did.
    """

    def __init__(self, message: Propagate, asked: Callable[[], Asked]) -> None:
        self.message = message
        self.masks: list[FrameResult] = []
        self.runs = [list(run) for run in message.runs if run]
        self.objects = list(message.objects)
        self.engine_ms = 0.0
        self.state: ChunkState = "running" if self.runs else "finished"
        self.failure: Exception | None = None
        self._asked = asked

    def fail(self, failure: Exception) -> None:
        self.state, self.failure = "failed", failure

    def track(self, held: Held) -> Track | None:
        """The track whose next frame is due; None when this chunk is over, as its state then says."""
        if self.state == "running" and (asked := self._asked()):
            self.state = "stopped" if asked == "stop" else "superseded"
        if self.state == "running":
            try:
                return self._track(held)
            except Exception as failure:
                self.fail(failure)
        held.tracks.pop(self.message.propagation, None)
        return None

    def take(self, held: Held, track: Track, step: Step | None) -> None:
        """Keep what the engine made of the track's next frame."""
        frame_index, found = step or (None, {})
        if frame_index != track.rest[0]:
            return self.fail(EngineError(f"The engine did not track frame {track.rest[0]}."))
        del track.rest[0], self.runs[0][0]
        self.objects = [
            self._done(recipe, frame_index, found[recipe.masklet]) if recipe.masklet in found else recipe
            for recipe in self.objects
        ]
        if not track.rest:
            del held.tracks[self.message.propagation]
            self._begin_next_run()
        if not self.runs:
            self.state = "finished"
        return None

    def _track(self, held: Held) -> Track:
        message, run = self.message, self.runs[0]
        track = held.tracks.get(message.propagation)
        if track is None or track.attempt != message.attempt or track.rest != run:
            known = {recipe.masklet: self._known(held, at) for at, recipe in enumerate(self.objects)}
            track = Track(message.attempt, list(run), held.tracker.track(tuple(run), known))
            held.tracks[message.propagation] = track
        return track

    def _known(self, held: Held, at: int) -> dict[int, Known]:
        recipe, frames = self.objects[at], self.message.frames
        given = [self._answered(held, recipe, frame) for frame in recipe.known]
        self.objects[at] = msgspec.structs.replace(recipe, known=given)
        return known_frames(given, frames)

    def _answered(self, held: Held, recipe: ObjectRecipe, frame: KnownFrame) -> KnownFrame:
        if frame.counts is not None:
            return frame
        started = time.perf_counter()
        others = known_frames((other for other in recipe.known if other != frame), self.message.frames)
        found = held.tracker.segment(recipe.masklet, frame.frame_index, frame.prompts, None, others)
        self.engine_ms += (time.perf_counter() - started) * 1000
        return msgspec.structs.replace(frame, counts=rle.encode(found.mask))

    def _done(self, recipe: ObjectRecipe, frame_index: int, found: Segmented) -> ObjectRecipe:
        if self.message.small_area:
            found = replace(found, mask=cleaned(found.mask, self.message.small_area))
        counts = rle.encode(found.mask)
        self.masks.append(
            FrameResult(
                masklet=recipe.masklet,
                change=recipe.change,
                frame_index=frame_index,
                counts=counts,
                score=found.score,
                stability=found.stability,
                form=forms.form_of(found.mask),
            )
        )
        human = [frame for frame in recipe.known if frame.human]
        guessed = [frame for frame in recipe.known if not frame.human]
        guessed.append(KnownFrame(frame_index=frame_index, human=False, counts=counts))
        starts = self._starts_of_next_run(recipe)
        old = [frame for frame in guessed[:-WARM_UP_FRAMES] if frame in starts]
        return msgspec.structs.replace(recipe, known=human + old + guessed[-WARM_UP_FRAMES:])

    def _begin_next_run(self) -> None:
        starts = [self._starts_of_next_run(recipe) for recipe in self.objects]
        del self.runs[0]
        self.objects = [
            msgspec.structs.replace(recipe, known=[f for f in recipe.known if f.human or f in start])
            for recipe, start in zip(self.objects, starts, strict=True)
        ]

    def _starts_of_next_run(self, recipe: ObjectRecipe) -> list[KnownFrame]:
        return nearest_start(recipe.known, self.runs[1]) if len(self.runs) > 1 else []


def work(chunks: Sequence[tuple[Chunk, Held]], seconds: float, advance: Advance) -> None:
    """Advance the chunks side by side, frame by frame, until all are over or the time is."""
    deadline = time.monotonic() + seconds
    while due := [(chunk, held, track) for chunk, held in chunks if (track := chunk.track(held))]:
        _step(due, advance)
        if time.monotonic() >= deadline:
            return


def _step(due: Sequence[tuple[Chunk, Held, Track]], advance: Advance) -> None:
    started = time.perf_counter()
    try:
        steps = advance([track.frames for _, _, track in due])
    except Exception as failure:
        for chunk, held, _ in due:
            del held.tracks[chunk.message.propagation]
        if len(due) == 1:
            return due[0][0].fail(failure)
        # Each by itself: one that cannot go on must not keep the others from it.
        for chunk, held, _ in due:
            if track := chunk.track(held):
                _step([(chunk, held, track)], advance)
        return None
    share_ms = (time.perf_counter() - started) * 1000 / len(due)
    for (chunk, held, track), step in zip(due, steps, strict=True):
        chunk.engine_ms += share_ms
        chunk.take(held, track, step)
    return None


def nearest_start(known: list[KnownFrame], run: list[int]) -> list[KnownFrame]:
    """The guessed frame a later run starts from, in a list; none where a human frame lies nearer.

    known: newest guess last. A run of one frame goes away from the newest guess.
    """
    guessed = [frame.frame_index for frame in known if not frame.human]
    beyond = run[1] if len(run) > 1 else 2 * run[0] - guessed[-1] if guessed else run[0]
    sign = 1 if beyond > run[0] else -1
    before = [frame for frame in known if (run[0] - frame.frame_index) * sign >= 0]
    nearest = min(before, key=lambda frame: (abs(run[0] - frame.frame_index), not frame.human), default=None)
    return [nearest] if nearest is not None and not nearest.human else []


class StoredKnown(Known):
    """A known frame of a message. Its mask is read when it is first looked at: most never are."""

    _frame: KnownFrame
    _frames: Frames

    def __init__(self, frame: KnownFrame, frames: Frames) -> None:
        self.__dict__.update(_frame=frame, _frames=frames, human=frame.human, prompts=tuple(frame.prompts))

    @cached_property
    def mask(self) -> np.ndarray:
        return stored_mask(self._frame, self._frames)


def known_frames(given: Iterable[KnownFrame], frames: Frames) -> dict[int, Known]:
    """What engines are told of the frames whose mask is known, by frame index."""
    return {frame.frame_index: StoredKnown(frame, frames) for frame in given if frame.counts is not None}


def stored_mask(frame: KnownFrame, frames: Frames) -> np.ndarray:
    """The mask of a known frame, bool, H x W. Raises EngineError when it does not fit the video."""
    try:
        return rle.decode(frame.counts or "", frames.height, frames.width)
    except ValueError as error:
        raise EngineError(f"The stored mask of frame {frame.frame_index} cannot be read: {error}.") from None
