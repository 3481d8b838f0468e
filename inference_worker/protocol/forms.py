"""A mask's form: pieces, holes, and how much of the frame's border it covers."""

from __future__ import annotations

import cv2
import numpy as np

from inference_worker.protocol.messages import MaskForm

_NOTHING = MaskForm(border=0.0, components=0, holes=0)
_OUTER = -1  # OpenCV's "no parent": such a contour runs around a piece, any other around a hole


def form_of(mask: np.ndarray) -> MaskForm:
    """The form of a bool H x W mask. See MaskForm."""
    pixels = np.ascontiguousarray(mask).view(np.uint8)
    x, y, width, height = cv2.boundingRect(pixels)
    if not width:
        return _NOTHING
    inside = pixels[y : y + height, x : x + width]
    _, tree = cv2.findContours(inside, cv2.RETR_CCOMP, cv2.CHAIN_APPROX_SIMPLE)
    pieces = int(np.count_nonzero(tree[0][:, 3] == _OUTER))
    return MaskForm(border=_border(mask), components=pieces, holes=len(tree[0]) - pieces)


def _border(mask: np.ndarray) -> float:
    edge = (mask[0], mask[-1], mask[1:-1, 0], mask[1:-1, -1])
    covered = sum(int(np.count_nonzero(side)) for side in edge)
    return covered / sum(side.size for side in edge)
