"""The filmstrip of a timeline and the poster of a video library."""

from __future__ import annotations

from dataclasses import dataclass, field

import cv2
import numpy as np

THUMB_HEIGHT = 48
_MAX_THUMBS = 64
_MAX_THUMB_WIDTH = 1000  # a JPEG is at most 65535 wide
_POSTER_WIDTH = 640


@dataclass(frozen=True)
class Filmstrip:
    """Thumbnails side by side in one picture, equal in size, in the order of frame_indices."""

    thumb_width: int
    thumb_height: int
    frame_indices: list[int]


@dataclass
class Thumbnails:
    """Collects, from annotated frames shown to it in order, what a filmstrip and a poster need.

    expected: the annotated frames to come; should there be fewer, the filmstrip is shorter.
    """

    expected: range
    _thumbs: dict[int, np.ndarray] = field(default_factory=dict)
    _poster: np.ndarray | None = None

    def __post_init__(self) -> None:
        count = min(_MAX_THUMBS, len(self.expected))
        self._wanted = {self.expected[i * len(self.expected) // count] for i in range(count)}
        self._middle = self.expected[len(self.expected) // 2]

    def see(self, frame_index: int, picture: np.ndarray) -> None:
        """picture: uint8, H x W x 3."""
        height, width = picture.shape[:2]
        if frame_index in self._wanted:
            thumb_width = min(_MAX_THUMB_WIDTH, max(1, round(width * THUMB_HEIGHT / height)))
            self._thumbs[frame_index] = _shrunk(picture, thumb_width, THUMB_HEIGHT)
        if frame_index <= self._middle:
            self._poster = picture

    def filmstrip(self) -> tuple[Filmstrip, np.ndarray]:
        """What the filmstrip shows, and its picture."""
        thumbs = list(self._thumbs.values())
        return Filmstrip(thumbs[0].shape[1], THUMB_HEIGHT, list(self._thumbs)), np.hstack(thumbs)

    def poster(self) -> np.ndarray:
        """The picture of the middle of the video, at most 640 wide."""
        assert self._poster is not None
        height, width = self._poster.shape[:2]
        scale = min(1.0, _POSTER_WIDTH / width)
        return _shrunk(self._poster, round(width * scale), max(1, round(height * scale)))


def _shrunk(picture: np.ndarray, width: int, height: int) -> np.ndarray:
    return cv2.resize(picture, (width, height), interpolation=cv2.INTER_AREA)
