"""A video of any length that needs no disk: a textured scene that drifts, with discs to follow."""

from __future__ import annotations

from itertools import count as counting

import numpy as np

PERIOD = 64  # frames until the scene repeats
_numbers = counting()


class Drift:
    """`count` annotated frames of size (height, width), stride 4."""

    def __init__(self, count: int, size: tuple[int, int]) -> None:
        self.indices = range(0, 4 * count, 4)
        self.size = size
        self.key = str(next(_numbers))  # each is a video of its own, whose features nobody has seen
        noise = np.random.default_rng(3).integers(0, 255, (size[0] // 8 + 1, size[1] // 8 + 1, 3), np.uint8)
        self._scene = np.ascontiguousarray(noise.repeat(8, 0).repeat(8, 1)[: size[0], : size[1]])

    def rgb(self, frame_index: int) -> np.ndarray:
        return np.roll(self._scene, frame_index % PERIOD, axis=1)

    def disc(self, number: int) -> np.ndarray:
        """An object's mask on the first frame, bool, H x W."""
        height, width = self.size
        y, x = np.ogrid[:height, :width]
        column, row = number % 4, number // 4 % 4
        centre = (row + 0.5) * height / 4, (column + 0.5) * width / 4
        return np.asarray((y - centre[0]) ** 2 + (x - centre[1]) ** 2 < (height / 10) ** 2)
