"""What an object and its surroundings look like, as samples of pixels, and how a pixel compares."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

POSITION_WEIGHT = 0.25
BLOCK = 128  # pixels compared at a time, so that their distances stay in the processor's cache
TIE = 0.03  # feature distance below which two neighbours are equally near


@dataclass(frozen=True)
class Samples:
    """Pixels of one frame, n x 9: features, then the position from the object's centre in object sizes."""

    inside: np.ndarray
    outside: np.ndarray

    @property
    def nbytes(self) -> int:
        return self.inside.nbytes + self.outside.nbytes


def placed(features: np.ndarray, origin: tuple[int, int], centre: np.ndarray, size: float) -> np.ndarray:
    """Features with positions appended, H x W x 9. origin: (x, y) of the array's first pixel in the frame."""
    height, width = features.shape[:2]
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    scale = POSITION_WEIGHT / size
    return np.dstack(
        [features, (x + origin[0] - centre[0]) * scale, (y + origin[1] - centre[1]) * scale]
    ).astype(np.float32)


def sampled(described: np.ndarray, probability: np.ndarray, count: int) -> Samples:
    """At most `count` pixels that are surely object, and as many that surely are not."""
    pixels, flat = described.reshape(-1, described.shape[-1]), probability.ravel()
    return Samples(_pick(pixels[flat > 0.8], count), _pick(pixels[flat < 0.2], count))


def likeness(described: np.ndarray, memory: list[Samples]) -> np.ndarray:
    """How much nearer each pixel's nearest neighbour inside is than the one outside, H x W, -1 to 1."""
    height, width, depth = described.shape
    pixels = described.reshape(-1, depth)
    inside = _nearest(pixels, np.concatenate([samples.inside for samples in memory]))
    outside = _nearest(pixels, np.concatenate([samples.outside for samples in memory]))
    return ((outside - inside) / (outside + inside + TIE)).reshape(height, width).astype(np.float32)


def _pick(pixels: np.ndarray, count: int) -> np.ndarray:
    if len(pixels) <= count:
        return pixels
    return pixels[np.random.default_rng(0).choice(len(pixels), count, replace=False)]


def _nearest(pixels: np.ndarray, samples: np.ndarray) -> np.ndarray:
    if not len(samples):
        return np.ones(len(pixels), np.float32)
    # the squared distance without the pixel's own share, which does not move the minimum
    weights = np.vstack([-2 * samples.T, (samples * samples).sum(1)])
    padded = np.hstack([pixels, np.ones((len(pixels), 1), np.float32)])
    blocks = (padded[at : at + BLOCK] @ weights for at in range(0, len(padded), BLOCK))
    least = np.concatenate([block.min(1) for block in blocks])
    return np.sqrt(np.maximum(least + (pixels * pixels).sum(1), 0))
