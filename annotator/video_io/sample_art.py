"""The shapes of the sample video: premultiplied RGBA sprites, float32, 0 to 1, at twice the frame's scale."""

from __future__ import annotations

import cv2
import numpy as np

Colour = tuple[int, int, int]

_OVERSAMPLING = 4


def backdrop(width: int, height: int) -> np.ndarray:
    """Evening sky, clouds and three rows of hills, wider than the frame so that it can drift: H x W x 3."""
    wide = width + 200
    y = np.linspace(0, 1, height, dtype=np.float32)[:, None, None]
    picture = _mix(
        np.array([0.36, 0.56, 0.80]), np.array([0.99, 0.86, 0.70]), np.broadcast_to(y, (height, wide, 1))
    )
    clouds = np.clip(_clouds(height, wide, seed=7) * 2.4 - 1.15, 0, 1)[..., None] * (1 - y) * 0.85
    picture = _mix(picture, np.array([1.0, 0.98, 0.95]), clouds)
    rows = [
        (0.58, 0.10, (0.50, 0.58, 0.70), (0.62, 0.66, 0.74)),
        (0.70, 0.09, (0.34, 0.50, 0.48), (0.52, 0.62, 0.50)),
        (0.84, 0.07, (0.20, 0.36, 0.22), (0.46, 0.54, 0.24)),
    ]
    for seed, (base, swing, dark, light) in enumerate(rows):
        picture = _with_hills(picture, base * height, swing * height, dark, light, seed)
    return picture.astype(np.float32)


def balloon(first: Colour, second: Colour, seed: int) -> np.ndarray:
    """A hot-air balloon with gores in two colours, a dark band and a basket."""
    height, width = 220, 168
    envelope = _envelope(84, 80, 74, 172)
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    across = np.clip((x - 84) / 76, -1, 1)
    gore = np.floor(np.arcsin(across) / np.pi * 10 + 0.5) % 2
    colour = _mix(_unit(first), _unit(second), gore[..., None])
    band = (np.abs(y - 92 - 8 * (1 - across**2)) < 9)[..., None]
    colour = np.where(band, _unit((44, 40, 66)), colour)
    colour = _lit(colour, across, (y - 80) / 90, seed)
    sprite = _filled(height, width, [envelope], colour)
    ropes = [
        np.array([(x0, 168), (x0 + 2.5, 168), (x1 + 2, 196), (x1, 196)]) for x0, x1 in ((70, 74), (95, 92))
    ]
    sprite = _over(sprite, _filled(height, width, ropes, _unit((70, 50, 34))))
    weave = _unit((150, 98, 52)) * (0.75 + 0.25 * (np.sin(x * 1.3) * np.sin(y * 1.3) > 0))[..., None]
    return _over(sprite, _filled(height, width, [_box(70, 194, 98, 216)], weave))


def blimp() -> np.ndarray:
    """A silver and teal airship with fins and a gondola."""
    height, width = 110, 220
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    hull = _ellipse(112, 50, 96, 36)
    fins = [np.array([(8, 14), (30, 12), (58, 42), (58, 58), (30, 88), (8, 86), (22, 50)])]
    sprite = _filled(height, width, fins, _lit(_unit((222, 120, 44)), x * 0, (y - 50) / 60, seed=11))
    patches = ((np.floor(x / 22) + np.floor((y - 3) / 13)) % 2)[..., None]
    colour = _mix(_unit((40, 150, 150)), _unit((226, 234, 230)), patches)
    sprite = _over(sprite, _filled(height, width, [hull], _lit(colour, x * 0, (y - 46) / 42, seed=12)))
    gondola = _lit(_unit((60, 62, 80)), x * 0, (y - 90) / 30, seed=13)
    return _over(sprite, _filled(height, width, [_box(88, 82, 136, 99)], gondola))


def glider() -> np.ndarray:
    """A kite-like glider with striped wings."""
    height, width = 96, 150
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    wings = [np.array([(4, 30), (74, 8), (146, 34), (104, 56), (76, 88), (48, 54)])]
    stripes = (np.floor((x + 2 * y) / 15) % 3)[..., None]
    colour = _mix(_unit((248, 196, 40)), _unit((132, 44, 150)), (stripes == 1).astype(np.float32))
    colour = _mix(colour, _unit((255, 250, 230)), (stripes == 2).astype(np.float32))
    return _filled(height, width, wings, _lit(colour, (x - 75) / 90, (y - 40) / 70, seed=21))


def rock() -> np.ndarray:
    """A tall sandstone needle with layers, wide enough to hide the airship."""
    height, width = 680, 360
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    rng = np.random.default_rng(31)
    ys = np.linspace(30, height, 18)
    lean = rng.uniform(-7, 7, len(ys))
    half = np.interp(ys, [30, 62, 110, height], [66, 118, 142, 168]) + lean
    left = np.stack([180 - half, ys], 1)
    right = np.stack([180 + half, ys], 1)[::-1]
    layers = 0.5 + 0.5 * np.sin((y + 26 * _clouds(height, width, seed=32)) / 9)
    colour = _mix(_unit((126, 66, 50)), _unit((214, 144, 92)), layers[..., None])
    return _filled(
        height, width, [np.concatenate([left, right])], _lit(colour, (x - 180) / 170, (y - 200) / 600, 33)
    )


def _with_hills(
    picture: np.ndarray, base: float, swing: float, dark: tuple, light: tuple, seed: int
) -> np.ndarray:
    height, width = picture.shape[:2]
    rng = np.random.default_rng(100 + seed)
    x = np.arange(width) / width
    ridge = base + sum(
        swing / (k + 1) * np.sin(2 * np.pi * (rng.uniform(0.6, 1.4) * (k + 1) * x + rng.uniform()))
        for k in range(5)
    )
    y = np.arange(height)[:, None]
    inside = np.clip(y - ridge[None] + 0.5, 0, 1)[..., None]
    texture = _clouds(height, width, seed=200 + seed, octaves=6)
    depth = np.clip((y - ridge[None]) / 80, 0, 1)
    colour = _mix(
        np.array(light), np.array(dark), np.clip(0.7 * texture * 1.2 + 0.5 * depth - 0.1, 0, 1)[..., None]
    )
    return _mix(picture, colour, inside)


def _filled(height: int, width: int, outlines: list[np.ndarray], colour: np.ndarray) -> np.ndarray:
    big = np.zeros((height * _OVERSAMPLING, width * _OVERSAMPLING), np.uint8)
    for outline in outlines:
        cv2.fillPoly(big, [np.round(outline * _OVERSAMPLING).astype(np.int32)], 255)
    alpha = cv2.resize(big, (width, height), interpolation=cv2.INTER_AREA).astype(np.float32)[..., None] / 255
    opaque = np.broadcast_to(colour, (height, width, 3)).astype(np.float32)
    return np.concatenate([opaque * alpha, alpha], 2)


def _over(back: np.ndarray, front: np.ndarray) -> np.ndarray:
    return front + back * (1 - front[..., 3:])


def _lit(colour: np.ndarray, across: np.ndarray, down: np.ndarray, seed: int) -> np.ndarray:
    """Shaded from the upper left, with a cloth-like grain."""
    height, width = across.shape
    shade = 1.06 - 0.30 * np.clip(across * 0.8 + down * 0.6, -1, 1) - 0.18 * across**2
    grain = 0.88 + 0.24 * _clouds(height, width, seed, octaves=6)
    return np.clip(colour * (shade * grain)[..., None], 0, 1)


def _envelope(middle: float, top_y: float, radius: float, bottom: float) -> np.ndarray:
    round_part = np.linspace(np.pi * 0.86, np.pi * 2.14, 60)
    dome = np.stack([middle + radius * np.cos(round_part), top_y + radius * np.sin(round_part)], 1)
    return np.concatenate([[(middle - 15, bottom)], dome, [(middle + 15, bottom)]])


def _ellipse(x: float, y: float, a: float, b: float) -> np.ndarray:
    turn = np.linspace(0, 2 * np.pi, 90, endpoint=False)
    return np.stack([x + a * np.cos(turn), y + b * np.sin(turn)], 1)


def _box(x0: float, y0: float, x1: float, y1: float) -> np.ndarray:
    return np.array([(x0, y0), (x1, y0), (x1, y1), (x0, y1)])


def _clouds(height: int, width: int, seed: int, octaves: int = 5) -> np.ndarray:
    rng = np.random.default_rng(seed)
    total = np.zeros((height, width), np.float32)
    for octave in range(octaves):
        cells = 2 ** (octave + 2)
        coarse = rng.random((cells, max(2, cells * width // height)), dtype=np.float32)
        total += cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC) / 2**octave
    return np.clip(total / 2, 0, 1)


def _mix(first: np.ndarray, second: np.ndarray, share: np.ndarray) -> np.ndarray:
    return first * (1 - share) + second * share


def _unit(colour: Colour) -> np.ndarray:
    return np.array(colour, np.float32) / 255
