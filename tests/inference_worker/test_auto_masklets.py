"""The grids of the paper, and what is left of the masks that points on them give."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from inference_worker import auto_masklets
from inference_worker.auto_masklets import Grid, cleaned, distinct, is_cut_off
from inference_worker.engines import Window
from inference_worker.protocol import rle
from inference_worker.protocol.messages import Candidate, ProposeSettings

SIZE = (848, 480)
PAPER = ProposeSettings()


def test_the_grids_are_those_of_the_paper() -> None:
    grids = auto_masklets.grids(SIZE, PAPER)
    assert Counter((grid.row, len(grid.points)) for grid in grids) == {(1, 1024): 1, (2, 256): 4, (4, 16): 16}
    assert sum(len(grid.points) for grid in grids) == PAPER.points == 2304


def test_the_windows_overlap_as_the_released_generator_s_do() -> None:
    sizes = {row: auto_masklets.windows(SIZE, row, PAPER.overlap)[0].size for row in (1, 2, 4)}
    assert sizes == {1: (848, 480), 2: (506, 322), 4: (273, 181)}
    second = auto_masklets.windows(SIZE, 2, PAPER.overlap)
    assert (second[0].x1 - second[1].x0, second[0].y1 - second[2].y0) == (163, 163)


@pytest.mark.parametrize("size", [(848, 480), (480, 848), (1080, 1920), (48, 64), (241, 427)])
def test_the_windows_of_each_layer_cover_the_frame_and_end_with_it(size: tuple[int, int]) -> None:
    for row in (1, 2, 4):
        seen = np.zeros(size, bool)
        for window in auto_masklets.windows(size, row, PAPER.overlap):
            assert 0 <= window.x0 < window.x1 <= size[1] and 0 <= window.y0 < window.y1 <= size[0]
            seen[window.y0 : window.y1, window.x0 : window.x1] = True
        assert seen.all()


def test_points_lie_evenly_within_their_window() -> None:
    grid = auto_masklets.grids((100, 200), ProposeSettings(points_per_side=(2,)))[0]
    assert grid.points == [(50, 25), (150, 25), (50, 75), (150, 75)]


@pytest.mark.parametrize(
    ("box", "cut"),
    [
        ((60, 60, 90, 90), False),
        ((25, 60, 90, 90), True),  # near the window's left edge
        ((60, 60, 115, 90), True),  # near its right edge
        ((60, 0, 90, 90), False),  # at the frame's own upper edge
        ((60, 60, 90, 130), True),
    ],
)
def test_a_mask_at_an_edge_where_the_frame_goes_on_is_cut_off(
    box: tuple[int, int, int, int], cut: bool
) -> None:
    assert is_cut_off(box, Window(20, 0, 120, 140), (200, 200), margin=10) is cut


def test_of_boxes_that_overlap_the_better_one_stays() -> None:
    boxes = [(0, 0, 10, 10), (0, 0, 10, 9), (5, 5, 15, 15), (0, 0, 10, 7)]
    assert distinct(boxes, [0.8, 0.9, 0.7, 0.5], 0.7) == [1, 2]
    assert distinct(boxes, [0.8, 0.9, 0.7, 0.5], 0.95) == [1, 0, 2, 3]
    assert distinct([], [], 0.7) == []


class Given:
    """Proposals that are all squares, 20 pixels wide, in the middle of the window."""

    def __init__(self, iou: list[float], stability: list[float], size: tuple[int, int]) -> None:
        self.iou, self.stability = np.array([iou]), np.array([stability])
        self._mask = np.zeros(size, bool)
        self._mask[40:60, 40:60] = True

    def masks(self, chosen: np.ndarray) -> np.ndarray:
        return np.stack([self._mask] * int(chosen.sum())) if chosen.any() else np.zeros((0, 1, 1), bool)


def test_what_falls_below_a_threshold_or_has_no_mask_goes() -> None:
    grid = Grid(Window(100, 50, 200, 150), [(150, 100)], row=2)
    given = Given([0.9, 0.79, 0.9, 0.95], [0.96, 0.99, 0.94, np.nan], (100, 100))
    found = list(auto_masklets.worthy(given, grid, (300, 400), PAPER))
    assert [(each.box, each.iou, each.stability) for each in found] == [((140, 90, 160, 110), 0.9, 0.96)]


def candidate(x: int, y: int, side: int, *, iou: float = 0.9, window: int = 1) -> Candidate:
    mask = np.zeros(SIZE, bool)
    mask[y : y + side, x : x + side] = True
    box = (x, y, x + side, y + side)
    return Candidate(counts=rle.encode(mask), box=box, iou=iou, stability=0.97, window=window)


def test_across_windows_the_mask_of_the_smaller_window_stays_and_the_largest_comes_first() -> None:
    wide, close = candidate(100, 100, 40, iou=0.99), candidate(101, 101, 40, window=4)
    large = candidate(200, 200, 90)
    assert auto_masklets.best_of_all([wide, close, large], [], SIZE, PAPER) == [large, close]


def test_a_mask_of_an_object_that_the_video_has_already_goes() -> None:
    known = candidate(102, 102, 40)
    fresh, again = candidate(300, 300, 40), candidate(100, 100, 40)
    assert auto_masklets.best_of_all([again, fresh], [known.counts], SIZE, PAPER) == [fresh]


def test_no_more_than_were_asked_for_are_kept() -> None:
    many = [candidate(10 + 60 * at, 10, 40 - at) for at in range(7)]
    kept = auto_masklets.best_of_all(many, [], SIZE, ProposeSettings(most=3))
    assert kept == many[:3]


def test_specks_and_holes_go_and_what_is_larger_stays() -> None:
    mask = np.zeros((100, 100), bool)
    mask[20:60, 20:60] = True
    whole = mask.copy()
    mask[30:35, 30:35] = False  # a hole
    mask[80:84, 80:84] = True  # a speck
    assert (cleaned(mask, 30) == whole).all()
    assert (cleaned(mask, 10) == mask).all()
    assert not cleaned(mask & ~whole, 30).any()


def test_a_bay_that_opens_to_the_outside_is_no_hole() -> None:
    mask = np.zeros((60, 60), bool)
    mask[20:40, 20:40] = True
    mask[20:24, 28:31] = False
    assert (cleaned(mask, 50) == mask).all()


def test_small_means_what_it_means_in_sa_v_s_example() -> None:
    assert PAPER.small_area(SIZE) == 100
