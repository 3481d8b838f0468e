"""How well masks agree with the truth: J, F and mask alignment, as the SA-V benchmark counts them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

BOUNDARY_TOLERANCE = 0.008  # of the frame's diagonal
ALIGNED_ABOVE = 0.75


@dataclass(frozen=True)
class Scores:
    """Mean J and F of one object over its scored frames, 0 to 1."""

    j: float
    f: float

    @property
    def jf(self) -> float:
        return (self.j + self.f) / 2


def jaccard(mask: np.ndarray, truth: np.ndarray) -> float:
    """J: intersection over union of two bool masks of one size, 1.0 when both are empty."""
    union = np.count_nonzero(mask | truth)
    return np.count_nonzero(mask & truth) / union if union else 1.0


def boundary_f(mask: np.ndarray, truth: np.ndarray) -> float:
    """F: how much of each boundary lies close to the other, 1.0 when both masks are empty.

    Close is within ceil(0.008 x the frame's diagonal) pixels. Source: DAVIS 2016, section 4,
    in the form of the SA-V evaluator (SAM 2, arXiv 2408.00714).
    """
    if not mask.any() or not truth.any():
        return float(mask.any() == truth.any())
    radius = math.ceil(BOUNDARY_TOLERANCE * math.hypot(*mask.shape))
    window = _window(mask | truth, radius + 2)
    edge, true_edge = _boundary(mask[window]), _boundary(truth[window])
    disk = _disk(radius)
    precision = _share(edge, cv2.dilate(true_edge, disk))
    recall = _share(true_edge, cv2.dilate(edge, disk))
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0


def object_scores(masks: Sequence[np.ndarray], truths: Sequence[np.ndarray]) -> Scores | None:
    """One object's J and F over a video, from its masks on the frames that have a true one.

    masks, truths: bool H x W, in frame order. The first and the last frame are not scored, nor
    are frames before the object first appears in either. None when the truth shows it on no
    scored frame.
    """
    pairs = list(zip(masks, truths, strict=True))[1:-1]
    if not any(truth.any() for _, truth in pairs):
        return None
    start = next(i for i, (mask, truth) in enumerate(pairs) if mask.any() or truth.any())
    scored = pairs[start:]
    return Scores(
        j=float(np.mean([jaccard(mask, truth) for mask, truth in scored])),
        f=float(np.mean([boundary_f(mask, truth) for mask, truth in scored])),
    )


def alignment(masks: Sequence[np.ndarray], references: Sequence[np.ndarray]) -> float:
    """Mask alignment score: the share of masks whose J against their reference is above 0.75."""
    return float(np.mean([jaccard(m, r) > ALIGNED_ABOVE for m, r in zip(masks, references, strict=True)]))


def _boundary(mask: np.ndarray) -> np.ndarray:
    """1 where a pixel differs from its right, lower or lower right neighbour; the frame's edge is none."""
    padded = np.pad(mask, ((0, 1), (0, 1)), mode="edge")
    right, lower, corner = padded[:-1, 1:], padded[1:, :-1], padded[1:, 1:]
    return ((mask != right) | (mask != lower) | (mask != corner)).astype(np.uint8)


def _disk(radius: int) -> np.ndarray:
    y, x = np.ogrid[-radius : radius + 1, -radius : radius + 1]
    return (x * x + y * y <= radius * radius).astype(np.uint8)


def _window(mask: np.ndarray, margin: int) -> tuple[slice, slice]:
    x, y, width, height = cv2.boundingRect(mask.astype(np.uint8))
    return slice(max(y - margin, 0), y + height + margin), slice(max(x - margin, 0), x + width + margin)


def _share(edge: np.ndarray, near: np.ndarray) -> float:
    total = np.count_nonzero(edge)
    return np.count_nonzero(edge & near) / total if total else 0.0
