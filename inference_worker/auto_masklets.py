"""Proposing masks from grids of points on one frame, and choosing among them: plain functions.

Source: SAM 2 paper, section D.1, for the grids; Kirillov et al., Segment Anything, section B, "Automatic
mask generation", for how masks are chosen. Boxes are (x0, y0, x1, y1), outer edges, in pixels of the frame.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from inference_worker.engines import Proposals, Window
from inference_worker.protocol import rle
from inference_worker.protocol.messages import Candidate, ProposeSettings

Box = tuple[int, int, int, int]
Point = tuple[float, float]


@dataclass(frozen=True)
class Raw:
    """A mask that is good enough on its own. mask: bool, of the box. row: see Grid."""

    box: Box
    mask: np.ndarray
    iou: float
    stability: float
    row: int


@dataclass(frozen=True)
class Grid:
    """A window with the points to ask about in it, (x, y) in pixels of the frame, row by row.
    row: of how many windows in a row it is one: 1 is the whole frame."""

    window: Window
    points: list[Point]
    row: int


def grids(size: tuple[int, int], settings: ProposeSettings) -> list[Grid]:
    """The grids of a frame of (height, width), the whole frame's first."""
    found = []
    for layer, per_side in enumerate(settings.points_per_side):
        row = 2**layer
        found += [
            Grid(window, list(_points(window, per_side)), row)
            for window in windows(size, row, settings.overlap)
        ]
    return found


def windows(size: tuple[int, int], row: int, overlap: float) -> list[Window]:
    """row x row windows that cover a frame of (height, width) and overlap their neighbours."""
    shared = int(overlap * min(size) * 2 / row) if row > 1 else 0
    high, wide = (math.ceil((side + shared * (row - 1)) / row) for side in size)
    tops, lefts = ([(length - shared) * at for at in range(row)] for length in (high, wide))
    return [
        Window(left, top, min(left + wide, size[1]), min(top + high, size[0]))
        for top in tops
        for left in lefts
    ]


def worthy(
    proposals: Proposals, grid: Grid, size: tuple[int, int], settings: ProposeSettings
) -> Iterator[Raw]:
    """Those of a window's proposals that are good enough and lie whole within it."""
    with np.errstate(invalid="ignore"):
        good = (proposals.iou >= settings.min_iou) & (proposals.stability >= settings.min_stability)
    numbers = zip(proposals.iou[good].tolist(), proposals.stability[good].tolist(), strict=True)
    for mask, (iou, stability) in zip(proposals.masks(good), numbers, strict=True):
        x, y, wide, high = cv2.boundingRect(mask.astype(np.uint8))
        left, top = grid.window.x0 + x, grid.window.y0 + y
        box = (left, top, left + wide, top + high)
        if wide and not is_cut_off(box, grid.window, size, settings.edge_px):
            yield Raw(box, mask[y : y + high, x : x + wide].copy(), iou, stability, grid.row)


def is_cut_off(box: Box, window: Window, size: tuple[int, int], margin: int) -> bool:
    """Whether a box comes near to an edge of its window where the frame goes on."""
    edges = (window.x0, window.y0, window.x1, window.y1)
    ends = (0, 0, size[1], size[0])
    return any(
        abs(side - edge) <= margin and abs(side - end) > margin
        for side, edge, end in zip(box, edges, ends, strict=True)
    )


def best_of_window(raw: Sequence[Raw], size: tuple[int, int], settings: ProposeSettings) -> list[Candidate]:
    """A window's masks, cleaned, of each that overlap the one that the engine trusts most."""
    kept = distinct([each.box for each in raw], [each.iou for each in raw], settings.within_iou)
    found = (_candidate(raw[at], size, settings) for at in kept)
    return [each for each in found if each is not None]


def best_of_all(
    found: Sequence[Candidate], known: Sequence[str], size: tuple[int, int], settings: ProposeSettings
) -> list[Candidate]:
    """What is left of all windows' masks, by falling area: of each that overlap the one of the smallest
    window, and none of an object whose mask is known."""
    scores = [each.window + min(each.iou, 0.999) for each in found]
    kept = [found[at] for at in distinct([each.box for each in found], scores, settings.across_iou)]
    fresh = [
        each for each in kept if not rle.overlaps_any(each.counts, known, *size, above=settings.known_iou)
    ]
    return sorted(fresh, key=lambda each: -rle.area(each.counts, *size))[: settings.most]


def distinct(boxes: Sequence[Box], scores: Sequence[float], most: float) -> list[int]:
    """Indices, by falling score, of the boxes that overlap no better one by an IoU of more than `most`."""
    if not boxes:
        return []
    sides = np.asarray(boxes, np.float64)
    areas = (sides[:, 2] - sides[:, 0]) * (sides[:, 3] - sides[:, 1])
    left = np.argsort(-np.asarray(scores), kind="stable")
    kept = []
    while len(left):
        best, left = left[0], left[1:]
        kept.append(int(best))
        wide, high = (
            np.minimum(sides[best, 2:], sides[left, 2:]).T - np.maximum(sides[best, :2], sides[left, :2]).T
        )
        shared = np.maximum(wide, 0) * np.maximum(high, 0)
        left = left[shared / (areas[best] + areas[left] - shared) <= most]
    return kept


def cleaned(mask: np.ndarray, area: int) -> np.ndarray:
    """A bool mask without 8-connected parts and holes of fewer pixels than `area`."""
    x, y, wide, high = cv2.boundingRect(mask.astype(np.uint8))
    if not wide or area < 2:
        return mask
    inner = np.pad(mask[y : y + high, x : x + wide], 1)
    inner = inner & ~_small(inner, area)
    inner = inner | _small(~inner, area)
    clean = np.zeros_like(mask)
    clean[y : y + high, x : x + wide] = inner[1:-1, 1:-1]
    return clean


def _small(inside: np.ndarray, area: int) -> np.ndarray:
    _, labels, stats, _ = cv2.connectedComponentsWithStats(inside.astype(np.uint8), connectivity=8)
    small = stats[:, cv2.CC_STAT_AREA] < area
    small[[0, labels[0, 0]]] = False  # neither what was not asked about, nor what lies around it all
    return small[labels]


def _points(window: Window, per_side: int) -> Iterator[Point]:
    steps = [(at + 0.5) / per_side for at in range(per_side)]
    height, width = window.size
    for down in steps:
        for across in steps:
            yield window.x0 + across * width, window.y0 + down * height


def _candidate(raw: Raw, size: tuple[int, int], settings: ProposeSettings) -> Candidate | None:
    x0, y0, x1, y1 = raw.box
    whole = np.zeros(size, bool)
    whole[y0:y1, x0:x1] = raw.mask
    whole = cleaned(whole, settings.small_area(size))
    x, y, wide, high = cv2.boundingRect(whole.astype(np.uint8))
    if not wide:
        return None
    box = (x, y, x + wide, y + high)
    return Candidate(counts=rle.encode(whole), box=box, iou=raw.iou, stability=raw.stability, window=raw.row)
