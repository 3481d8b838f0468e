"""One chunk of a propagation: as many frames as fit in a slice of time, at least one."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from functools import cached_property
from typing import Literal

import msgspec
import numpy as np

from inference_worker.engines import EngineError, Known, Segmented
from inference_worker.protocol import rle
from inference_worker.protocol.messages import FrameResult, Frames, KnownFrame, ObjectRecipe, Propagate
from inference_worker.session_pool import Held, Track
from inference_worker.signs import Asked

WARM_UP_FRAMES = 7  # newest masks per object that go with the next chunk: SAM 2 attends to as many
ChunkState = Literal["running", "finished", "stopped", "superseded"]


class Chunk:
    """Works off a message's runs. `masks`, `runs` and `objects` are right at any moment, also after a failure.

    runs: what is still to be done. objects: the recipes with what another worker needs to go on.
    engine_ms: time spent in the engine.
    """

    def __init__(self, message: Propagate, asked: Callable[[], Asked]) -> None:
        self.masks: list[FrameResult] = []
        self.runs = [list(run) for run in message.runs if run]
        self.objects = list(message.objects)
        self.engine_ms = 0.0
        self._message = message
        self._asked = asked

    def work(self, held: Held, seconds: float) -> ChunkState:
        """Track until the time is over or somebody asks to end. Raises EngineError."""
        deadline = time.monotonic() + seconds
        while self.runs:
            track = self._track(held)
            while track.rest:
                asked = self._asked()
                if asked:
                    return "stopped" if asked == "stop" else "superseded"
                self._step(track)
                if track.rest and time.monotonic() >= deadline:
                    return "running"
            del held.tracks[self._message.propagation]
            self._begin_next_run()
            if self.runs and time.monotonic() >= deadline:
                return "running"
        return "finished"

    def _track(self, held: Held) -> Track:
        message, run = self._message, self.runs[0]
        track = held.tracks.get(message.propagation)
        if track is None or track.attempt != message.attempt or track.rest != run:
            known = {recipe.masklet: self._known(held, at) for at, recipe in enumerate(self.objects)}
            track = Track(message.attempt, list(run), held.tracker.track(tuple(run), known))
            held.tracks[message.propagation] = track
        return track

    def _known(self, held: Held, at: int) -> dict[int, Known]:
        recipe, frames = self.objects[at], self._message.frames
        given = [self._answered(held, recipe, frame) for frame in recipe.known]
        self.objects[at] = msgspec.structs.replace(recipe, known=given)
        return known_frames(given, frames)

    def _answered(self, held: Held, recipe: ObjectRecipe, frame: KnownFrame) -> KnownFrame:
        if frame.counts is not None:
            return frame
        started = time.perf_counter()
        others = known_frames((other for other in recipe.known if other != frame), self._message.frames)
        found = held.tracker.segment(recipe.masklet, frame.frame_index, frame.prompts, None, others)
        self.engine_ms += (time.perf_counter() - started) * 1000
        return msgspec.structs.replace(frame, counts=rle.encode(found.mask))

    def _step(self, track: Track) -> None:
        started = time.perf_counter()
        frame_index, found = next(track.frames, (None, {}))
        self.engine_ms += (time.perf_counter() - started) * 1000
        if frame_index != track.rest[0]:
            raise EngineError(f"The engine did not track frame {track.rest[0]}.")
        del track.rest[0], self.runs[0][0]
        self.objects = [
            self._done(recipe, frame_index, found[recipe.masklet]) if recipe.masklet in found else recipe
            for recipe in self.objects
        ]

    def _done(self, recipe: ObjectRecipe, frame_index: int, found: Segmented) -> ObjectRecipe:
        counts = rle.encode(found.mask)
        self.masks.append(
            FrameResult(
                masklet=recipe.masklet,
                change=recipe.change,
                frame_index=frame_index,
                counts=counts,
                score=found.score,
                stability=found.stability,
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
