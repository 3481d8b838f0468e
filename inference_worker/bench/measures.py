"""The measurements: each gives rows of one table, with a column for each side."""

from __future__ import annotations

import resource
import statistics
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import torch

from inference_worker.bench.official import NAME as OFFICIAL
from inference_worker.bench.official import Official
from inference_worker.bench.ours import NAME, Ours
from inference_worker.bench.published import take_checkout
from inference_worker.bench.video import Drift
from inference_worker.engines.sam2.configs import Architecture

SIZE = (720, 1280)  # of the video
WARM_UP = 16  # frames until memory maps and object pointers are as many as they get
SMALL = {  # for lengths
    "embed_dim": 32,
    "blocks": (1, 2, 3, 2),
    "global_blocks": (4,),
    "image_size": 128,
    "hidden_size": 64,
}
SMALL_SIZE = (128, 128)  # of its video
LONG, MANY, EVERY = 3600, 20, 300  # frames (ten minutes at 24 fps, every fourth), objects, frames a row
MIB = 2**20
FEATURES = 128 * MIB

Row = dict[str, Any]


class Bench:
    """repository: a checkout of the published code, or None for our side alone. frames: timed of each pass.

    compiled: whether passes and clicks are measured on compiled models as well.
    """

    def __init__(
        self, architecture: Architecture, device: str, repository: Path | None, frames: int, *, compiled: bool
    ) -> None:
        self._architecture = architecture
        self._device = device
        self._frames = frames
        self._published = repository is not None
        if repository is not None:
            take_checkout(repository)
        self._ours = Ours(architecture, device, None)
        self.dtype = self._ours.dtype
        self._sides = dict(self._pair("", compiled=False))
        if compiled:
            self._sides |= self._pair(" compiled", compiled=True)

    def frames(self, objects: Iterable[int]) -> Iterator[Row]:
        """Median milliseconds a frame of a pass."""
        for count in objects:
            video = Drift(WARM_UP + self._frames + 1, SIZE)
            found = {name: self._pass(side, video, count) for name, side in self._sides.items()}
            yield _row({"objects": count}, found, "ms a frame")

    def click(self) -> Iterator[Row]:
        """Milliseconds of a first click, on a frame never seen and on one whose features are known."""
        found = {name: self._clicks(side) for name, side in self._sides.items()}
        for at, frame in enumerate(("fresh", "known")):
            yield _row({"frame": frame}, {name: times[at] for name, times in found.items()}, "ms")

    def memory(self, lengths: Iterable[int]) -> Iterator[Row]:
        """MiB that a session with two objects holds at the end of a pass, at a small size of the model.

        Of ours, image features are apart: they belong to the worker, within FEATURES.
        """
        ours = self._small()
        official = Official(self._small_architecture, self._device, self.dtype) if self._published else None
        for length in lengths:
            video = Drift(length, SMALL_SIZE)
            _exhaust(ours.steps(video, 2, length - 1))
            found = {NAME: ours.tracker.nbytes / MIB}
            if official is not None:
                _exhaust(official.steps(video, 2, length - 1))
                found[OFFICIAL] = official.nbytes / MIB
            yield {**_row({"frames": length}, found, "MiB"), "features, MiB": ours.feature_nbytes / MIB}

    def long(self) -> Iterator[Row]:
        """MiB held on the way through ten minutes of video with many objects, at a small size of the model.
        process: the most it ever held."""
        ours = self._small()
        for frame, _ in enumerate(ours.steps(Drift(LONG + 1, SMALL_SIZE), MANY, LONG), 1):
            if frame % EVERY == 0:
                yield {
                    "frames": frame,
                    "session, MiB": ours.tracker.nbytes / MIB,
                    "features, MiB": ours.feature_nbytes / MIB,
                    "process, MiB": _peak_bytes() / MIB,
                }

    def tokens(self, corrections: Iterable[int]) -> Iterator[Row]:
        """Memory tokens that a frame attends to after so many corrected frames behind it."""
        for count in corrections:
            uncapped = self._ours.tokens(count, capped=False)
            yield {"corrections": count, NAME: self._ours.tokens(count), "uncapped": uncapped}

    def phases(self, objects: Iterable[int]) -> Iterator[Row]:
        """Our milliseconds a frame by part."""
        for count in objects:
            video = Drift(WARM_UP + self._frames + 1, SIZE)
            yield {"objects": count, **self._ours.phases(video, count, WARM_UP, self._frames)}

    def _pair(self, mark: str, *, compiled: bool) -> Iterator[tuple[str, Ours | Official]]:
        ours = Ours(self._architecture, self._device, None, compiled=True) if compiled else self._ours
        yield NAME + mark, ours
        if self._published:
            official = Official(self._architecture, self._device, self.dtype, compiled=compiled)
            yield OFFICIAL + mark, official

    @property
    def _small_architecture(self) -> Architecture:
        return replace(self._architecture, **SMALL)  # type: ignore[arg-type]

    def _small(self) -> Ours:
        return Ours(self._small_architecture, self._device, None, device_feature_bytes=FEATURES)

    def _clicks(self, side: Ours | Official) -> tuple[float, float]:
        rounds = max(3, self._frames // 2)
        click = side.clicks(Drift(rounds + 1, SIZE))
        click(rounds)
        fresh = [self._time(partial(click, at)) for at in range(rounds)]
        known = [self._time(partial(click, rounds - 1)) for _ in range(rounds)]
        return statistics.median(fresh), statistics.median(known)

    def _pass(self, side: Ours | Official, video: Drift, objects: int) -> float:
        running = side.steps(video, objects, WARM_UP + self._frames)
        for _ in range(WARM_UP):
            next(running)
        return statistics.median(self._time(lambda: next(running)) for _ in range(self._frames))

    def _time(self, act: Callable[[], object]) -> float:
        self._wait()
        began = time.perf_counter()
        act()
        self._wait()
        return 1000 * (time.perf_counter() - began)

    def _wait(self) -> None:
        if self._device.startswith("cuda"):
            torch.cuda.synchronize()


def _exhaust(steps: Iterator[None]) -> None:
    for _ in steps:
        pass


def _row(head: Row, found: dict[str, float], unit: str) -> Row:
    row = {**head, **{f"{name}, {unit}": value for name, value in found.items()}}
    for mark in ("", " compiled"):
        if OFFICIAL + mark in found:
            row[f"ratio{mark}"] = found[NAME + mark] / found[OFFICIAL + mark]
    return row


def _peak_bytes() -> int:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else 1024 * peak
