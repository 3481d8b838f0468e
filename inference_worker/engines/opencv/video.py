"""What all trackers of a video share: its frames at working size, and the flow between them."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from typing import TypeVar

import cv2
import numpy as np

from inference_worker.engines import FrameSource

WORKING_SIDE = 480  # pixels of the longer side
CACHE_BYTES = 256 << 20


@dataclass(frozen=True)
class Picture:
    """A frame at working size. rgb: uint8 H x W x 3. grey: uint8 H x W."""

    rgb: np.ndarray
    grey: np.ndarray

    @property
    def nbytes(self) -> int:
        return self.rgb.nbytes + self.grey.nbytes


Kept = TypeVar("Kept", Picture, np.ndarray)


class Video:
    """Pictures and flows of one video, made when asked for and kept within CACHE_BYTES, newest use last."""

    def __init__(self, frames: FrameSource) -> None:
        self.frames = frames
        height, width = frames.size
        self.scale = min(1.0, WORKING_SIDE / max(height, width))
        self.size = max(round(height * self.scale), 1), max(round(width * self.scale), 1)
        self._kept: OrderedDict[tuple[int, ...], Picture | np.ndarray] = OrderedDict()
        self._flow = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)
        self.nbytes = 0

    def picture(self, frame_index: int) -> Picture:
        kept = self._recall((frame_index,))
        if isinstance(kept, Picture):
            return kept
        rgb = cv2.resize(self.frames.rgb(frame_index), self.size[::-1], interpolation=cv2.INTER_AREA)
        return self._keep((frame_index,), Picture(rgb, cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY)))

    def flow(self, source: int, target: int) -> np.ndarray:
        """Where each pixel of `source` has gone in `target`: float32 H x W x (dx, dy), working pixels."""
        kept = self._recall((source, target))
        if isinstance(kept, np.ndarray):
            return kept.astype(np.float32)
        first, second = self.picture(source).grey, self.picture(target).grey
        still = np.zeros((*self.size, 2), np.float32)
        if min(self.size) < 16:  # smaller than the flow's patches
            return still
        flow = np.asarray(self._flow.calc(first, second, still), np.float32)
        self._keep((source, target), flow.astype(np.float16))
        return flow

    def shrink(self, mask: np.ndarray) -> np.ndarray:
        """A mask of the video's size at working size: float32, the share of object in each pixel."""
        return cv2.resize(mask.astype(np.float32), self.size[::-1], interpolation=cv2.INTER_AREA)

    def enlarge(self, probability: np.ndarray) -> np.ndarray:
        """Where a working-size probability is above one half: bool at the video's size."""
        if not (probability > 0.5).any():
            return np.zeros(self.frames.size, bool)
        height, width = self.frames.size
        return cv2.resize(probability, (width, height), interpolation=cv2.INTER_LINEAR) > 0.5

    def _recall(self, key: tuple[int, ...]) -> Picture | np.ndarray | None:
        if key in self._kept:
            self._kept.move_to_end(key)
        return self._kept.get(key)

    def _keep(self, key: tuple[int, ...], made: Kept) -> Kept:
        self._kept[key] = made
        self.nbytes += made.nbytes
        while self.nbytes > CACHE_BYTES and len(self._kept) > 1:
            self.nbytes -= self._kept.popitem(last=False)[1].nbytes
        return made
