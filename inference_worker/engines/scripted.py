"""The deterministic engine for tests: squares around points that drift one pixel a frame."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np

from inference_worker.engines import (
    NOTHING_KNOWN,
    EngineError,
    FrameSource,
    Known,
    Segmented,
    Step,
    Window,
    one_by_one,
)
from inference_worker.engines.order import is_forward
from inference_worker.protocol import rle
from inference_worker.protocol.messages import Absent, Box, MaskPrompt, ModelVersion, Point, Prompt

SIDE = 40  # pixels of a point's square
CELL, MARGIN = 16, 2  # pixels: what is proposed are squares, this far within the cells of a chessboard


class ScriptedSegmenter:
    """MASKLOOM_SCRIPTED_FRAME_MS makes every mask cost that long, MASKLOOM_SCRIPTED_WARM_UP the warm-up last
    until that file is there, for tests of load and of faults."""

    version = ModelVersion(engine="scripted")
    together = 1
    advance = staticmethod(one_by_one)

    def __init__(self) -> None:
        self._seconds = float(os.environ.get("MASKLOOM_SCRIPTED_FRAME_MS", "0")) / 1000

    def warm_up(self) -> str:
        awaited = os.environ.get("MASKLOOM_SCRIPTED_WARM_UP")
        while awaited and not Path(awaited).exists():
            time.sleep(0.05)
        return ""

    def open(self, frames: FrameSource) -> ScriptedTracker:
        return ScriptedTracker(frames, self._seconds)


class ScriptedTracker:
    """Remembers nothing: what it answers depends on its arguments alone."""

    nbytes = 0

    def __init__(self, frames: FrameSource, seconds_per_mask: float) -> None:
        self._frames = frames
        self._seconds = seconds_per_mask

    def segment(
        self,
        object_id: int,
        frame_index: int,
        prompts: Sequence[Prompt],
        previous: np.ndarray | None,
        known: Mapping[int, Known] = NOTHING_KNOWN,
    ) -> Segmented:
        time.sleep(self._seconds)
        return _visible(self._draw(prompts, previous))

    def track(self, frames: Sequence[int], known: Mapping[int, Mapping[int, Known]]) -> Iterator[Step]:
        forward = is_forward(frames, known)
        for frame in frames:
            results = {}
            for obj, given in known.items():
                source = _source(given, frame, forward)
                if source is None or (frame in given and given[frame].human):
                    continue
                time.sleep(self._seconds)
                results[obj] = _visible(_shifted(given[source].mask, self._steps(source, frame)))
            yield frame, results

    def propose(
        self, frame_index: int, window: Window, points: Sequence[tuple[float, float]], offset: float
    ) -> Squares:
        time.sleep(self._seconds)
        return Squares(window, points)

    def _steps(self, source: int, frame: int) -> int:
        indices = self._frames.indices
        return indices.index(frame) - indices.index(source)

    def _draw(self, prompts: Sequence[Prompt], previous: np.ndarray | None) -> np.ndarray:
        height, width = self._frames.size
        points_only = all(isinstance(prompt, Point) for prompt in prompts)
        mask = np.zeros((height, width), bool)
        if points_only and previous is not None:
            mask |= previous
        for prompt in prompts:
            match prompt:
                case Absent():
                    mask[:] = False
                case MaskPrompt(counts=counts):
                    mask = rle.decode(counts, height, width)
                case Box(x0=x0, y0=y0, x1=x1, y1=y1):
                    mask[_rows_and_columns(x0, y0, x1, y1)] = True
                case Point(x=x, y=y, positive=positive):
                    _check_inside(x, y, height, width)
                    half = SIDE / 2
                    mask[_rows_and_columns(x - half, y - half, x + half, y + half)] = positive
        return mask


class Squares:
    """For each point the square of its cell, and two that no threshold lets through."""

    def __init__(self, window: Window, points: Sequence[tuple[float, float]]) -> None:
        self._window, self._points = window, points
        self.iou = np.tile([0.9, 0.3, 0.9], (len(points), 1))
        self.stability = np.tile([0.98, 0.98, np.nan], (len(points), 1))

    def masks(self, chosen: np.ndarray) -> np.ndarray:
        found = np.zeros((int(chosen.sum()), *self._window.size), bool)
        for mask, at in zip(found, np.nonzero(chosen)[0].tolist(), strict=True):
            x, y = (int(side // CELL) * CELL + MARGIN for side in self._points[at])
            left, top = x - self._window.x0, y - self._window.y0
            inner = CELL - 2 * MARGIN
            mask[max(top, 0) : max(top + inner, 0), max(left, 0) : max(left + inner, 0)] = True
        return found


def _source(given: Mapping[int, Known], frame: int, forward: bool) -> int | None:
    """The frame whose mask moves to this one: the nearest known one at or before it in the run's order."""
    if forward:
        return max((i for i in given if i <= frame), default=None)
    return min((i for i in given if i >= frame), default=None)


def _shifted(mask: np.ndarray, steps: int) -> np.ndarray:
    moved = np.zeros_like(mask)
    if steps >= 0:
        moved[:, steps:] = mask[:, : mask.shape[1] - steps] if steps < mask.shape[1] else False
    else:
        moved[:, :steps] = mask[:, -steps:]
    return moved


def _rows_and_columns(x0: float, y0: float, x1: float, y1: float) -> tuple[slice, slice]:
    return slice(max(round(y0), 0), max(round(y1), 0)), slice(max(round(x0), 0), max(round(x1), 0))


def _check_inside(x: float, y: float, height: int, width: int) -> None:
    if not (0 <= x <= width and 0 <= y <= height):
        raise EngineError(f"The point ({x:g}, {y:g}) lies outside the {width} x {height} frame.")


def _visible(mask: np.ndarray) -> Segmented:
    return Segmented(mask, score=float(mask.any()))
