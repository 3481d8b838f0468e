from __future__ import annotations

import numpy as np

from inference_worker.protocol.clicks import next_click
from inference_worker.protocol.messages import Point


def mask(*boxes: tuple[int, int, int, int]) -> np.ndarray:
    made = np.zeros((60, 80), bool)
    for top, bottom, left, right in boxes:
        made[top:bottom, left:right] = True
    return made


def test_the_first_click_is_the_middle_of_the_object():
    assert next_click(mask((10, 31, 20, 41))) == Point(x=30.5, y=20.5, positive=True)


def test_what_is_missing_gets_a_positive_click():
    truth = mask((10, 31, 20, 41), (40, 51, 60, 71))
    assert next_click(truth, mask((10, 31, 20, 41))) == Point(x=65.5, y=45.5, positive=True)


def test_what_is_too_much_gets_a_negative_click():
    truth = mask((10, 31, 20, 41))
    assert next_click(truth, truth | mask((40, 51, 60, 71))) == Point(x=65.5, y=45.5, positive=False)


def test_the_largest_error_is_clicked_first():
    truth, found = mask((5, 10, 5, 10)), mask((30, 51, 30, 51))
    assert next_click(truth, found) == Point(x=40.5, y=40.5, positive=False)


def test_of_two_equal_errors_the_surplus_is_clicked():
    click = next_click(mask((5, 16, 5, 16)), mask((30, 41, 30, 41)))
    assert click is not None and not click.positive


def test_the_edge_of_the_frame_is_an_edge_of_the_error():
    click = next_click(mask((0, 60, 0, 21)))
    assert click is not None and click.x == 10.5


def test_a_perfect_mask_needs_no_click():
    assert next_click(mask((10, 31, 20, 41)), mask((10, 31, 20, 41))) is None
    assert next_click(mask()) is None
