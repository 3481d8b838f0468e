"""Prompts of one frame, read as SAM 2 takes them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from inference_worker.engines import EngineError
from inference_worker.protocol import rle
from inference_worker.protocol.messages import Absent, Box, MaskPrompt, Point, Prompt

NEGATIVE, POSITIVE, TOP_LEFT, BOTTOM_RIGHT = 0, 1, 2, 3


@dataclass(frozen=True)
class Clicks:
    """Points of the video's frame: a box's two corners first, as SAM 2 was trained, then clicks in order.

    drawn: the mask that a human drew on this frame before clicking, bool H x W, or None.
    """

    points: tuple[tuple[float, float], ...]
    labels: tuple[int, ...]
    drawn: np.ndarray | None = None

    @property
    def can_begin(self) -> bool:
        """False for negative clicks alone: they find nothing where nothing was found before."""
        return any(label != NEGATIVE for label in self.labels)


def read(prompts: Sequence[Prompt], size: tuple[int, int]) -> np.ndarray | Clicks:
    """A drawn mask (bool H x W, all False for absent) where that came last, else the clicks after it.

    Raises EngineError for prompts that do not fit the frame.
    """
    drawn: np.ndarray | None = None
    box: Box | None = None
    clicks: list[Point] = []
    for prompt in prompts:
        match prompt:
            case MaskPrompt(counts=counts):
                drawn, box, clicks = _mask(counts, size), None, []
            case Absent():
                drawn, box, clicks = np.zeros(size, bool), None, []
            case Box():
                box = _checked_box(prompt, size)
            case Point():
                clicks.append(_checked_point(prompt, size))
    if box is None and not clicks:
        if drawn is None:
            raise EngineError("There is no prompt on this frame.")
        return drawn
    corners = [] if box is None else [(box.x0, box.y0), (box.x1, box.y1)]
    labels = [] if box is None else [TOP_LEFT, BOTTOM_RIGHT]
    return Clicks(
        points=(*corners, *((click.x, click.y) for click in clicks)),
        labels=(*labels, *(POSITIVE if click.positive else NEGATIVE for click in clicks)),
        drawn=drawn if drawn is not None and drawn.any() else None,
    )


def is_clicked(prompts: Sequence[Prompt]) -> bool:
    """Whether points or a box came last, so that the model made the mask."""
    return bool(prompts) and isinstance(prompts[-1], Point | Box)


def _mask(counts: str, size: tuple[int, int]) -> np.ndarray:
    try:
        return rle.decode(counts, *size)
    except ValueError as error:
        raise EngineError(f"The drawn mask cannot be used: {error}.") from None


def _checked_point(point: Point, size: tuple[int, int]) -> Point:
    height, width = size
    if not (0 <= point.x <= width and 0 <= point.y <= height):
        raise EngineError(f"The point ({point.x:g}, {point.y:g}) lies outside the {width} x {height} frame.")
    return point


def _checked_box(box: Box, size: tuple[int, int]) -> Box:
    height, width = size
    if not (0 <= box.x0 < box.x1 <= width and 0 <= box.y0 < box.y1 <= height):
        raise EngineError(f"The box is empty or lies outside the {width} x {height} frame.")
    return box
