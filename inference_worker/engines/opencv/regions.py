"""A coarse substitute for proposals of a model: regions of one colour around a point, whose edge the
picture shows. It finds what is plain and stands out, and takes things of several colours apart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from inference_worker.engines import Window
from inference_worker.engines.opencv.video import WORKING_SIDE, Video

TOLERANCES = (6, 12, 20)  # steps of 8-bit Lab that a region's colours may lie from the point's
LAXER = 1.25  # times the tolerance: a region that hardly grows by it has an edge
EDGE = 16.0  # Lab steps from one side of the outline to the other that make an edge of it
LARGEST = 0.4  # of the window: what is larger, or meets several of its sides, is not an object in it


@dataclass(frozen=True)
class Regions:
    """See engines.Proposals. iou: the share of the outline that is an edge, for want of an estimate.
    stability: the region's area over that with a laxer tolerance. found: N x M x h x w, working size."""

    window: Window
    found: np.ndarray
    iou: np.ndarray
    stability: np.ndarray

    def masks(self, chosen: np.ndarray) -> np.ndarray:
        height, width = self.window.size
        masks = np.zeros((int(chosen.sum()), height, width), bool)
        for mask, region in zip(masks, self.found[chosen], strict=True):
            mask[:] = cv2.resize(region.astype(np.float32), (width, height)) > 0.5
        return masks


def regions(lab: np.ndarray, window: Window, points: Sequence[tuple[float, float]]) -> Regions:
    """Three regions for each point, one for each tolerance. lab: see `smoothed`."""
    scale = lab.shape[1] / window.size[1]
    found = np.zeros((len(points), len(TOLERANCES), *lab.shape[:2]), bool)
    iou, stability = np.zeros(found.shape[:2]), np.zeros(found.shape[:2])
    for n, (x, y) in enumerate(points):
        seed = int((x - window.x0) * scale), int((y - window.y0) * scale)
        for m, tolerance in enumerate(TOLERANCES):
            region = _closed(_flooded(lab, seed, tolerance))
            lax = _closed(_flooded(lab, seed, tolerance * LAXER))
            found[n, m] = region
            stability[n, m] = region.sum() / max(lax.sum(), 1)
            iou[n, m] = _edge_share(lab, region)
    return Regions(window, found, iou, stability)


def smoothed(video: Video, frame_index: int, window: Window) -> np.ndarray:
    """The window at working size in Lab, 8 bits, fine texture gone."""
    rgb = video.frames.rgb(frame_index)[window.y0 : window.y1, window.x0 : window.x1]
    scale = min(1.0, WORKING_SIDE / max(window.size))
    size = max(round(window.size[1] * scale), 1), max(round(window.size[0] * scale), 1)
    small = cv2.resize(rgb, size, interpolation=cv2.INTER_AREA)
    return cv2.cvtColor(cv2.pyrMeanShiftFiltering(small, 6, 12), cv2.COLOR_RGB2LAB)


def _flooded(lab: np.ndarray, seed: tuple[int, int], tolerance: float) -> np.ndarray:
    height, width = lab.shape[:2]
    mask = np.zeros((height + 2, width + 2), np.uint8)
    at = min(max(seed[0], 0), width - 1), min(max(seed[1], 0), height - 1)
    flags = 8 | cv2.FLOODFILL_MASK_ONLY | cv2.FLOODFILL_FIXED_RANGE
    cv2.floodFill(lab, mask, at, 0, (tolerance,) * 3, (tolerance,) * 3, flags)
    return mask[1:-1, 1:-1] > 0


def _closed(region: np.ndarray) -> np.ndarray:
    return cv2.morphologyEx(region.astype(np.uint8), cv2.MORPH_CLOSE, np.ones((3, 3), np.uint8)) > 0


def _edge_share(lab: np.ndarray, region: np.ndarray) -> float:
    x, y, wide, high = cv2.boundingRect(region.astype(np.uint8))
    height, width = region.shape
    sides = (x == 0) + (y == 0) + (x + wide == width) + (y + high == height)
    if not wide or region.sum() > LARGEST * region.size or sides > 1:
        return 0.0
    part = slice(max(y - 3, 0), y + high + 3), slice(max(x - 3, 0), x + wide + 3)
    inside, colours = region[part].astype(np.uint8), lab[part].astype(np.float32)
    kernel = np.ones((5, 5), np.uint8)
    outer = cv2.dilate(inside, kernel) > inside
    if not outer.any():
        return 0.0
    mean = colours[inside > 0].mean(axis=0)
    return float((np.abs(colours[outer] - mean).max(axis=1) > EDGE).mean())
