"""From prompts on one frame to a mask: GrabCut inside, and never beyond, what the prompts speak of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np

from inference_worker.engines import EngineError, Segmented
from inference_worker.engines.opencv.imaging import signed_distance
from inference_worker.engines.opencv.video import Video
from inference_worker.protocol import rle
from inference_worker.protocol.messages import Absent, Box, MaskPrompt, Point, Prompt

ITERATIONS = 2
SCALES = (0.06, 0.12, 0.24)  # radii tried around a first point, in diagonals of the frame
CLICK_RADIUS = 0.008  # of the diagonal: what a click surely speaks of
CORRECTION_RADIUS = 0.06  # of the diagonal, at least
PIECE_OVER_SPOT = 4  # times the clicked spot that a correction should change
CORRECTION_SHARE = 0.8  # of the object's size: how far a click on it reaches
NO, YES, MAYBE_NO, MAYBE = cv2.GC_BGD, cv2.GC_FGD, cv2.GC_PR_BGD, cv2.GC_PR_FGD


@dataclass(frozen=True)
class Canvas:
    """A frame at working size, and its points in working pixels, (x, y, positive), oldest first."""

    rgb: np.ndarray
    points: list[tuple[float, float, bool]]
    scale: float

    @property
    def diagonal(self) -> float:
        return float(np.hypot(*self.rgb.shape[:2]))

    def near(self, x: float, y: float, radius: float) -> np.ndarray:
        rows, columns = np.ogrid[: self.rgb.shape[0], : self.rgb.shape[1]]
        return (columns + 0.5 - x) ** 2 + (rows + 0.5 - y) ** 2 <= max(radius, 0.75) ** 2

    def spots(self, *, positive: bool) -> np.ndarray:
        """What the points of one sign surely speak of; of two overlapping ones the newer wins."""
        spots = np.zeros(self.rgb.shape[:2], bool)
        for x, y, sign in self.points:
            near = self.near(x, y, CLICK_RADIUS * self.diagonal)
            spots = spots | near if sign == positive else spots & ~near
        return spots


def prompted(
    video: Video, frame_index: int, prompts: Sequence[Prompt], previous: np.ndarray | None
) -> Segmented:
    """The mask that the prompts ask for, see Tracker.segment."""
    start = max(
        (i for i, prompt in enumerate(prompts) if isinstance(prompt, MaskPrompt | Absent)), default=-1
    )
    rest = prompts[start + 1 :]
    points = [prompt for prompt in rest if isinstance(prompt, Point)]
    boxes = [prompt for prompt in rest if isinstance(prompt, Box)]
    _check(points, boxes, video.frames.size)
    drawn = _drawn(prompts[start], video.frames.size) if start >= 0 else None
    if drawn is not None and not rest:
        return Segmented(drawn, float(drawn.any()))
    canvas = _canvas(video, frame_index, points)
    if boxes:
        return _answer(video, _from_box(canvas, boxes[-1]))
    base, fresh = (previous, points[-1:]) if previous is not None else (drawn, points)
    if base is not None and base.any():
        return Segmented(_corrected(video, canvas, base, len(fresh)), 0.9)
    return _answer(video, _from_points(canvas))


def _check(points: list[Point], boxes: list[Box], size: tuple[int, int]) -> None:
    height, width = size
    for point in points:
        if not (0 <= point.x <= width and 0 <= point.y <= height):
            raise EngineError(
                f"The point ({point.x:g}, {point.y:g}) lies outside the {width} x {height} frame."
            )
    for box in boxes:
        if min(box.x1, width) <= max(box.x0, 0) or min(box.y1, height) <= max(box.y0, 0):
            raise EngineError(f"The box encloses no part of the {width} x {height} frame. Draw it again.")


def _drawn(prompt: Prompt, size: tuple[int, int]) -> np.ndarray:
    if not isinstance(prompt, MaskPrompt):
        return np.zeros(size, bool)
    try:
        return rle.decode(prompt.counts, *size)
    except ValueError as error:
        raise EngineError(f"The drawn mask cannot be used: {error}.") from error


def _canvas(video: Video, frame_index: int, points: list[Point]) -> Canvas:
    scaled = [(point.x * video.scale, point.y * video.scale, point.positive) for point in points]
    return Canvas(video.picture(frame_index).rgb, scaled, video.scale)


def _answer(video: Video, found: np.ndarray) -> Segmented:
    mask = video.enlarge(found.astype(np.float32))
    return Segmented(mask, 0.8 if mask.any() else 0.0)


def _from_box(canvas: Canvas, box: Box) -> np.ndarray:
    height, width = canvas.rgb.shape[:2]
    x0, x1 = np.clip([int(box.x0 * canvas.scale), int(np.ceil(box.x1 * canvas.scale))], 0, width)
    y0, y1 = np.clip([int(box.y0 * canvas.scale), int(np.ceil(box.y1 * canvas.scale))], 0, height)
    inside = np.zeros((height, width), bool)
    inside[y0:y1, x0:x1] = True
    found = _cut(
        canvas, np.where(inside, MAYBE, NO).astype(np.uint8), margin=0.5 * float(x1 - x0 + y1 - y0) / 2
    )
    # a cut that finds next to nothing has taken the object for background
    return found if found.sum() > 0.05 * inside.sum() else inside & ~canvas.spots(positive=False)


def _from_points(canvas: Canvas) -> np.ndarray:
    """The best of several cuts around the positive points: the one whose edge the picture shows most."""
    seeds = canvas.spots(positive=True)
    if not seeds.any():
        return np.zeros(seeds.shape, bool)
    away = -signed_distance(seeds)
    edges = _edges(canvas.rgb)
    best, best_contrast = seeds, -1.0
    for radius in (scale * canvas.diagonal for scale in SCALES):
        labels = np.where(away < radius, MAYBE_NO, NO).astype(np.uint8)
        labels[away < radius / 2] = MAYBE
        found = _touching(_cut(canvas, labels, margin=radius / 2), seeds)
        outline = cv2.morphologyEx(found.astype(np.uint8), cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8)) > 0
        # an edge that is only the limit of the search is no edge
        contrast = float(np.where(away > radius - 2, 0, edges)[outline].mean()) if outline.any() else 0.0
        if contrast > best_contrast:
            best, best_contrast = found, contrast
    return best


def _corrected(video: Video, canvas: Canvas, base: np.ndarray, fresh: int) -> np.ndarray:
    """The mask with the newest clicks' neighbourhoods decided anew: nothing else is touched."""
    mask = base
    for at in range(len(canvas.points) - fresh, len(canvas.points)):
        so_far = replace(canvas, points=canvas.points[: at + 1])
        before = video.shrink(mask) > 0.5
        after = _decided_anew(so_far, before)
        changed = video.enlarge((before != after).astype(np.float32))
        positive = so_far.points[-1][2]
        mask = mask | changed if positive else mask & ~changed
        mask = _spot(so_far, mask)
    return mask


def _decided_anew(canvas: Canvas, before: np.ndarray) -> np.ndarray:
    """The mask after the newest click: what it adds or takes away is one piece around it.

    The piece is first what looks like its new side (the object for a positive click, the scene for
    a negative one); where that is next to nothing, what looks like the clicked spot itself.
    """
    x, y, positive = canvas.points[-1]
    radius = max(CORRECTION_SHARE * float(before.sum()) ** 0.5, CORRECTION_RADIUS * canvas.diagonal)
    spot = canvas.near(x, y, CLICK_RADIUS * canvas.diagonal)
    open_to_change = canvas.near(x, y, radius) & (before != positive)
    likely = open_to_change & canvas.near(x, y, radius / 2)
    side = before if positive else ~before
    alone = replace(
        canvas, points=[point for point in canvas.points[:-1] if point[2] != positive] + canvas.points[-1:]
    )
    for seen, sure in ((canvas, side), (alone, np.zeros_like(side))):
        labels = np.where(sure, YES, NO).astype(np.uint8)
        labels[open_to_change] = MAYBE_NO
        labels[likely] = MAYBE
        piece = _touching(_cut(seen, labels, radius, flipped=not positive) & open_to_change, spot)
        if piece.sum() > PIECE_OVER_SPOT * spot.sum():
            break
    return before | piece if positive else before & ~piece


def _spot(canvas: Canvas, mask: np.ndarray) -> np.ndarray:
    """The mask with the newest click's own spot as the click says, at the video's size."""
    x, y, positive = canvas.points[-1]
    rows, columns = np.ogrid[: mask.shape[0], : mask.shape[1]]
    distance = (columns + 0.5 - x / canvas.scale) ** 2 + (rows + 0.5 - y / canvas.scale) ** 2
    spot = distance <= max(0.5 * CLICK_RADIUS * canvas.diagonal / canvas.scale, 0.75) ** 2
    return mask | spot if positive else mask & ~spot


def _cut(canvas: Canvas, labels: np.ndarray, margin: float, *, flipped: bool = False) -> np.ndarray:
    """GrabCut from these labels and the points, bool; looks no farther than `margin` around what is undecided.

    flipped: YES means what the negative points speak of.
    """
    labels = labels.copy()
    labels[canvas.spots(positive=True)] = NO if flipped else YES
    labels[canvas.spots(positive=False)] = YES if flipped else NO
    area = _area(np.isin(labels, (MAYBE, MAYBE_NO)), margin + 4)
    cropped, found = np.ascontiguousarray(labels[area]), np.isin(labels, (YES, MAYBE))
    is_object = np.isin(cropped, (YES, MAYBE))
    if is_object.sum() < 5 or (~is_object).sum() < 5:  # a colour model has five components
        return found
    cv2.setRNGSeed(0)
    models = np.zeros((1, 65)), np.zeros((1, 65))
    rgb = np.ascontiguousarray(canvas.rgb[area])
    cv2.grabCut(rgb, cropped, (0, 0, 0, 0), *models, ITERATIONS, cv2.GC_INIT_WITH_MASK)
    found[area] = np.isin(cropped, (YES, MAYBE))
    return found


def _touching(region: np.ndarray, seeds: np.ndarray) -> np.ndarray:
    """The connected pieces of a region that meet the seeds."""
    _, pieces = cv2.connectedComponents(region.astype(np.uint8), connectivity=8)
    return np.isin(pieces, np.setdiff1d(pieces[seeds], [0]))


def _edges(rgb: np.ndarray) -> np.ndarray:
    lab = cv2.GaussianBlur(cv2.cvtColor(rgb, cv2.COLOR_RGB2LAB).astype(np.float32), (0, 0), 1.0)
    return np.hypot(cv2.Sobel(lab, -1, 1, 0), cv2.Sobel(lab, -1, 0, 1)).max(axis=2)


def _area(mask: np.ndarray, margin: float) -> tuple[slice, slice]:
    x, y, width, height = cv2.boundingRect(mask.astype(np.uint8))
    grow = int(np.ceil(margin))
    return slice(max(y - grow, 0), y + height + grow), slice(max(x - grow, 0), x + width + grow)
