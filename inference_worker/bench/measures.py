"""The measurements: each gives rows of one table, with a column for each side."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import torch

from inference_worker.bench.official import Official
from inference_worker.bench.ours import Ours
from inference_worker.bench.published import take_checkout
from inference_worker.bench.video import Drift
from inference_worker.engines.sam2.configs import Architecture

SIZE = (720, 1280)  # of the video
WARM_UP = 16  # frames until memory maps and object pointers are as many as they get
SMALL = {"embed_dim": 32, "blocks": (1, 2, 3, 2), "global_blocks": (4,), "image_size": 256}  # for lengths
MIB = 2**20
FEATURES = 128 * MIB

Row = dict[str, Any]


class Bench:
    """repository: a checkout of the published code, or None for our side alone. frames: timed of each pass."""

    def __init__(self, architecture: Architecture, device: str, repository: Path | None, frames: int) -> None:
        self._architecture = architecture
        self._device = device
        self._frames = frames
        self._published = repository is not None
        if repository is not None:
            take_checkout(repository)
        self._ours = Ours(architecture, device, None)
        self.dtype = self._ours.dtype
        self._official = Official(architecture, device, self.dtype) if self._published else None

    def frames(self, objects: Iterable[int]) -> list[Row]:
        """Median milliseconds a frame of a pass."""
        rows = []
        for count in objects:
            video = Drift(WARM_UP + self._frames + 1, SIZE)
            ours = self._pass(self._ours, video, count)
            theirs = None if self._official is None else self._pass(self._official, video, count)
            rows.append(_row({"objects": count}, ours, theirs, "ms a frame"))
        return rows

    def click(self) -> list[Row]:
        """Milliseconds of a first click, on a frame never seen and on one whose features are known."""
        rounds = max(3, self._frames // 2)
        video = Drift(rounds + 1, SIZE)
        self._ours.click(video, video.indices[-1])
        fresh = [self._time(partial(self._ours.click, video, at)) for at in video.indices[:rounds]]
        known = [self._time(partial(self._ours.click, video, at)) for at in video.indices[:rounds]]
        official_fresh = official_known = None
        if self._official is not None:
            official, state = self._official, self._official.new_state(video)
            official.click(state, video, rounds)
            first = [self._time(partial(official.click, state, video, at)) for at in range(rounds)]
            again = [self._time(lambda: official.click(state, video, rounds - 1)) for _ in range(rounds)]
            official_fresh, official_known = statistics.median(first), statistics.median(again)
        return [
            _row({"frame": "fresh"}, statistics.median(fresh), official_fresh, "ms"),
            _row({"frame": "known"}, statistics.median(known), official_known, "ms"),
        ]

    def memory(self, lengths: Iterable[int]) -> list[Row]:
        """MiB that a session with two objects holds at the end of a pass, at a small size of the model.

        Of ours, image features are apart: they belong to the worker, within FEATURES.
        """
        small = replace(self._architecture, **SMALL)  # type: ignore[arg-type]
        ours = Ours(small, self._device, None, device_feature_bytes=FEATURES)
        official = Official(small, self._device, self.dtype) if self._published else None
        rows = []
        for length in lengths:
            video = Drift(length, (256, 256))
            _exhaust(ours.steps(video, 2, length - 1))
            theirs = None
            if official is not None:
                _exhaust(official.steps(video, 2, length - 1))
                theirs = official.nbytes / MIB
            row = _row({"frames": length}, ours.tracker.nbytes / MIB, theirs, "MiB")
            rows.append({**row, "features, MiB": ours.feature_nbytes / MIB})
        return rows

    def tokens(self, corrections: Iterable[int]) -> list[Row]:
        """Memory tokens that a frame attends to after so many corrected frames behind it."""
        return [
            {
                "corrections": count,
                "maskloom": self._ours.tokens(count),
                "uncapped": self._ours.tokens(count, capped=False),
            }
            for count in corrections
        ]

    def phases(self, objects: Iterable[int]) -> list[Row]:
        """Our milliseconds a frame by part."""
        return [
            {
                "objects": count,
                **self._ours.phases(Drift(WARM_UP + self._frames + 1, SIZE), count, WARM_UP, self._frames),
            }
            for count in objects
        ]

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


def _row(head: Row, ours: float, theirs: float | None, unit: str) -> Row:
    row = {**head, f"maskloom, {unit}": ours}
    return row if theirs is None else {**row, f"official, {unit}": theirs, "ratio": ours / theirs}
