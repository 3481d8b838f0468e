"""What is measured, on the engine of this package."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import torch
from transformers import Sam2VideoModel

from inference_worker.bench.video import Drift
from inference_worker.engines import Known
from inference_worker.engines.sam2.configs import Architecture, video_config
from inference_worker.engines.sam2.memory import reach
from inference_worker.engines.sam2.segmenter import Sam2Segmenter
from inference_worker.protocol import rle
from inference_worker.protocol.messages import MaskPrompt, ModelVersion, Point

NAME = "maskloom"
STAGES = {"encode": "encoder", "attend": "attention", "decode_tracked": "decoder", "remember": "memory"}


class Ours:
    """Random weights: how long a step takes does not depend on them."""

    def __init__(
        self,
        architecture: Architecture,
        device: str,
        dtype: torch.dtype | None,
        *,
        compiled: bool = False,
        **bounds: int,
    ) -> None:
        torch.manual_seed(0)
        modules = Sam2VideoModel(video_config(architecture))
        modules.to(torch.device(device))  # type: ignore[arg-type]
        self._segmenter = Sam2Segmenter(modules, ModelVersion(engine="sam2"), dtype=dtype, **bounds)
        if compiled and (notice := self._segmenter.warm_up()):
            raise SystemExit(notice)
        self.dtype = self._segmenter._engine.model.dtype

    def steps(self, video: Drift, objects: int, frames: int) -> Iterator[None]:
        """Each `next` tracks one more frame, encoder included, up to masks in host memory."""
        known = {
            number: {0: Known(video.disc(number), True, (MaskPrompt(counts=rle.encode(video.disc(number))),))}
            for number in range(objects)
        }
        self.tracker = self._segmenter.open(video)
        for _ in self.tracker.track(video.indices[1 : frames + 1], known):
            yield

    def clicks(self, video: Drift) -> Callable[[int], None]:
        """Clicks in sessions of their own, by the frame's place in the video."""
        point = Point(x=video.size[1] / 2, y=video.size[0] / 2, positive=True)

        def click(place: int) -> None:
            self._segmenter.open(video).segment(1, video.indices[place], [point], None)

        return click

    @property
    def feature_nbytes(self) -> int:
        return self._segmenter._engine.features.nbytes

    def tokens(self, corrections: int, *, capped: bool = True) -> int:
        """What one frame attends to after so many corrections on the frames before it."""
        engine = self._segmenter._engine
        bounds = engine.bounds if capped else replace(engine.bounds, conditioning=-1)
        within = reach(
            200,
            forward=True,
            conditioning=range(0, 4 * corrections, 4),
            passed=range(190, 200),
            bounds=bounds,
        )
        side, pointer = engine.model.low_side, engine.model.modules.hidden_dim // engine.model.channels
        return len(within.maps) * side**2 + len(within.pointers) * pointer

    def phases(self, video: Drift, objects: int, warm_up: int, frames: int) -> dict[str, float]:
        """Milliseconds a frame by part, each waited for: their sum is more than an undisturbed frame takes."""
        spent: dict[str, float] = defaultdict(float)
        steps = self.steps(video, objects, warm_up + frames)
        for _ in range(warm_up):
            next(steps)
        model: Any = self._segmenter._engine.model
        with _timed(model, spent):
            began = _now(model.device)
            for _ in range(frames):
                next(steps)
            spent["all"] = _now(model.device) - began
        spent["other"] = spent["all"] - sum(value for name, value in spent.items() if name != "all")
        return {name: 1000 * value / frames for name, value in spent.items()} | _rle(video)


@contextmanager
def _timed(model: Any, spent: dict[str, float]) -> Iterator[None]:
    places: list[tuple[Any, str, str]] = [(model, name, label) for name, label in STAGES.items()]
    usual = [getattr(owner, name) for owner, name, _ in places]
    for (owner, name, label), call in zip(places, usual, strict=True):
        setattr(owner, name, _watched(call, label, model.device, spent))
    try:
        yield
    finally:
        for owner, name, _ in places:
            delattr(owner, name)


def _watched(
    call: Callable[..., Any], label: str, device: torch.device, spent: dict[str, float]
) -> Callable[..., Any]:
    def run(*arguments: Any, **named: Any) -> Any:
        began = _now(device)
        answer = call(*arguments, **named)
        spent[label] += _now(device) - began
        return answer

    return run


def _rle(video: Drift) -> dict[str, float]:
    mask = video.disc(0)
    began = time.perf_counter()
    for _ in range(20):
        rle.encode(mask)
    return {"one mask to RLE": 1000 * (time.perf_counter() - began) / 20}


def _now(device: torch.device) -> float:
    if device.type == "cuda":
        torch.cuda.synchronize()
    return time.perf_counter()
