"""A clip whose objects are told apart by colour alone, on any frame."""

from __future__ import annotations

from pathlib import Path

import av
import numpy as np

HEIGHT, WIDTH, FRAMES = 240, 426, 49
SIDE = 44
ORANGE, BLUE = (250, 150, 20), (40, 80, 240)


def write_squares(path: Path, frames: int = FRAMES) -> Path:
    """An orange square that goes right and back, and a blue one against it, over dark noise; 24 frames a second."""
    noise = np.random.default_rng(3).integers(20, 60, (HEIGHT, WIDTH, 1), np.uint8).repeat(3, axis=2)
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=24, options={"crf": "12"})
        stream.height, stream.width, stream.pix_fmt = HEIGHT, WIDTH, "yuv420p"
        for index in range(frames):
            picture = noise.copy()
            for color, (x, y) in ((ORANGE, orange_at(index)), (BLUE, blue_at(index))):
                picture[y : y + SIDE, x : x + SIDE] = color
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        container.mux(stream.encode())
    return path


def orange_at(frame: int) -> tuple[int, int]:
    """x, y of its upper left corner."""
    return 30 + 4 * _folded(frame), 40


def blue_at(frame: int) -> tuple[int, int]:
    return 330 - 4 * _folded(frame), 140


def orange_in(picture: np.ndarray) -> np.ndarray:
    """bool, height x width: where a picture (uint8, RGB) shows the orange square."""
    red, _, blue = picture.astype(int).transpose(2, 0, 1)
    return (red > 150) & (blue < 110)


def _folded(frame: int) -> int:
    return abs((frame + FRAMES - 1) % (2 * FRAMES - 2) - FRAMES + 1)
