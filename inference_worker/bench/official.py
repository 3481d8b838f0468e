"""What is measured, on the published video predictor."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import numpy as np
import torch

from inference_worker.bench.published import published_module, published_predictor
from inference_worker.bench.video import Drift
from inference_worker.engines.sam2.configs import Architecture
from inference_worker.engines.sam2.images import squared

NAME = "official"
_MEAN, _STD = torch.tensor((0.485, 0.456, 0.406)), torch.tensor((0.229, 0.224, 0.225))


class Official:
    """Random weights, and the settings that keep corrections. Its frames lie ready on the device before
    anything is timed, as its own loader has them."""

    def __init__(
        self, architecture: Architecture, device: str, dtype: torch.dtype, *, compiled: bool = False
    ) -> None:
        torch.manual_seed(0)
        self._side = architecture.image_size
        self._device = torch.device(device)
        self._dtype = dtype
        predictor = published_predictor(
            architecture, compiled=compiled, add_all_frames_to_correct_as_cond=True
        )
        self._predictor = predictor.to(device).requires_grad_(False)

    def steps(self, video: Drift, objects: int, frames: int) -> Iterator[None]:
        """Each `next` tracks one more frame, encoder included, up to masks in host memory."""
        with torch.inference_mode(), self._precision():
            self.state = self._new_state(video, frames + 1)
            for number in range(objects):
                self._predictor.add_new_mask(self.state, 0, number, video.disc(number))
            passing = self._predictor.propagate_in_video(self.state)
            next(passing)  # the frame that was prompted
            for _, _, logits in passing:
                (logits > 0).cpu().numpy()
                yield

    def clicks(self, video: Drift) -> Callable[[int], None]:
        """Clicks in a state of their own, by the frame's place in the video."""
        with torch.inference_mode():
            return partial(self._click, self._new_state(video, len(video.indices)), video)

    def _click(self, state: dict[str, Any], video: Drift, place: int) -> None:
        points = np.array([[video.size[1] / 2, video.size[0] / 2]], np.float32)
        with torch.inference_mode(), self._precision():
            _, _, logits = self._predictor.add_new_points_or_box(
                state, place, 0, points=points, labels=np.array([1], np.int32)
            )
            (logits > 0).cpu().numpy()

    @property
    def nbytes(self) -> int:
        """Of the session: frames, features, and what it remembers of each."""
        return _nbytes(self.state, set())

    def _new_state(self, video: Drift, count: int) -> dict[str, Any]:
        module = published_module("sam2_video_predictor")
        images = torch.stack([self._image(video, video.indices[at]) for at in range(count)])
        module.tqdm = lambda steps, **_: steps
        module.load_video_frames = lambda **_: (images.to(self._device), *video.size)
        # init_state encodes the first frame: a session of ours does not
        state: dict[str, Any] = self._predictor.init_state(video_path="")
        state["cached_features"].clear()
        return state

    def _image(self, video: Drift, frame_index: int) -> torch.Tensor:
        return ((squared(video.rgb(frame_index), self._side) / 255 - _MEAN) / _STD).permute(2, 0, 1)

    def _precision(self) -> torch.autocast:
        return torch.autocast(self._device.type, dtype=torch.bfloat16, enabled=self._dtype == torch.bfloat16)


def _nbytes(value: Any, seen: set[int]) -> int:
    if id(value) in seen:
        return 0
    seen.add(id(value))
    if isinstance(value, torch.Tensor):
        return value.untyped_storage().nbytes()
    if isinstance(value, dict):
        return sum(_nbytes(each, seen) for each in value.values())
    if isinstance(value, list | tuple):
        return sum(_nbytes(each, seen) for each in value)
    return 0
