"""Where a person would click next: the simulated annotator of evaluations, demos and tests."""

from __future__ import annotations

import cv2
import numpy as np

from inference_worker.protocol.messages import Point


def next_click(truth: np.ndarray, mask: np.ndarray | None = None) -> Point | None:
    """The click at the centre of the largest error: positive on what is missing, negative on what is too much.

    truth, mask: bool H x W; no mask yet is the same as an empty one. The centre is the pixel
    farthest from the region's edge, and the frame's edge counts as one. None when nothing is wrong.
    Source: the "center" sampling of SAM 2's evaluation (arXiv 2408.00714, section E.1.2), after RITM.
    """
    mask = np.zeros_like(truth) if mask is None else mask
    missing, surplus = _depth(truth & ~mask), _depth(mask & ~truth)
    positive = bool(missing.max() > surplus.max())
    depth = missing if positive else surplus
    if not depth.any():
        return None
    y, x = np.unravel_index(int(depth.argmax()), depth.shape)
    return Point(x=float(x) + 0.5, y=float(y) + 0.5, positive=positive)


def _depth(region: np.ndarray) -> np.ndarray:
    padded = np.pad(region.astype(np.uint8), 1)
    return cv2.distanceTransform(padded, cv2.DIST_L2, cv2.DIST_MASK_PRECISE)[1:-1, 1:-1]
