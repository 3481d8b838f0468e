"""A video made of formulas: five shapes with textures that drift over a textured ground."""

from __future__ import annotations

import numpy as np

Size = tuple[int, int]  # height, width

# Centre on frame 0, step per frame, half width and height, all in fractions of the frame; a tint.
_SHAPES = (
    ((0.30, 0.35), (0.010, 0.006), (0.14, 0.17), (0.9, 0.3, 0.2)),
    ((0.68, 0.60), (-0.008, 0.004), (0.16, 0.11), (0.2, 0.7, 0.9)),
    ((0.55, 0.20), (0.006, 0.008), (0.09, 0.09), (0.3, 0.9, 0.3)),
    ((0.22, 0.75), (0.009, -0.005), (0.12, 0.08), (0.9, 0.9, 0.3)),
    ((0.85, 0.25), (-0.010, 0.009), (0.07, 0.10), (0.8, 0.3, 0.9)),
)
_TURN = 0.25  # frames after which a shape has gone this share of the frame and comes back


def centre(obj: int, frame: int) -> tuple[float, float]:
    """(x, y) in fractions of the frame."""
    (x, y), (dx, dy), _, _ = _SHAPES[obj]
    return x + _there_and_back(dx * frame), y + _there_and_back(dy * frame)


def extent(obj: int) -> tuple[float, float]:
    """Half width and half height, in fractions of the frame."""
    return _SHAPES[obj][2]


def shape(obj: int, frame: int, size: Size) -> np.ndarray:
    """Where the shape is: bool, H x W."""
    x, y = _grid(size)
    (cx, cy), (rx, ry) = centre(obj, frame), extent(obj)
    return ((x - cx) / rx) ** 2 + ((y - cy) / ry) ** 2 <= 1


def picture(frame: int, size: Size) -> np.ndarray:
    """One frame: H x W x 3, uint8, RGB."""
    x, y = _grid(size)
    ground = 0.45 + 0.15 * np.sin(9 * x + 5 * y) + 0.1 * np.sin(31 * x - 17 * y + 0.1 * frame)
    image = np.stack([ground, 0.9 * ground, 0.8 * ground], axis=-1)
    for obj, (_, _, _, tint) in enumerate(_SHAPES):
        cx, cy = centre(obj, frame)
        texture = 0.75 + 0.25 * np.sin(60 * (x - cx) + 40 * obj) * np.cos(45 * (y - cy))
        image = np.where(shape(obj, frame, size)[..., None], texture[..., None] * np.array(tint), image)
    return np.rint(np.clip(image, 0, 1) * 255).astype(np.uint8)


def _there_and_back(way: float) -> float:
    """A share of the frame that grows to _TURN, falls to 0 and grows again."""
    return _TURN - abs(way % (2 * _TURN) - _TURN) if way >= 0 else -_there_and_back(-way)


def _grid(size: Size) -> tuple[np.ndarray, np.ndarray]:
    height, width = size
    return np.meshgrid((np.arange(width) + 0.5) / width, (np.arange(height) + 0.5) / height)
