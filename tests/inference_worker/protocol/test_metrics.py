from __future__ import annotations

import numpy as np
import pytest

from inference_worker.protocol.metrics import alignment, boundary_f, jaccard, object_scores


def square(left: int, *, top: int = 20, side: int = 30, size: tuple[int, int] = (100, 150)) -> np.ndarray:
    mask = np.zeros(size, bool)
    mask[top : top + side, left : left + side] = True
    return mask


NOTHING = np.zeros((100, 150), bool)


def test_j_is_intersection_over_union():
    assert jaccard(square(40), square(50)) == pytest.approx(20 / 40)
    assert jaccard(square(40), NOTHING) == 0
    assert jaccard(NOTHING, NOTHING) == 1


def test_f_forgives_a_boundary_within_the_tolerance():
    # the diagonal of 100 x 150 is 180.3: 0.008 of it is 1.44, rounded up to 2 pixels
    assert boundary_f(square(42), square(40)) == 1
    assert boundary_f(square(43), square(40)) < 1


def test_f_counts_one_empty_mask_as_all_wrong():
    assert boundary_f(NOTHING, square(40)) == 0
    assert boundary_f(square(40), NOTHING) == 0
    assert boundary_f(NOTHING, NOTHING) == 1


# Figures of the SA-V benchmark's own evaluator for the same pairs, from sav_benchmark.py of SAM 2.
@pytest.mark.parametrize(
    ("mask", "truth", "f"),
    [
        pytest.param(square(45), square(40), 0.5, id="shifted"),
        pytest.param(square(0, top=0), square(2, top=3, side=33), 0.10123734, id="in the corner"),
        pytest.param(square(130, top=80), square(127, top=79), 0.51162791, id="cut by the far corner"),
    ],
)
def test_f_is_the_sav_evaluators(mask, truth, f):
    assert boundary_f(mask, truth) == pytest.approx(f, abs=1e-6)


def test_the_first_and_the_last_frame_are_not_scored():
    wrong, right = square(100), square(40)
    scores = object_scores([wrong, right, right, wrong], [right] * 4)
    assert scores is not None
    assert (scores.j, scores.f, scores.jf) == (1, 1, 1)


def test_frames_before_the_first_appearance_are_not_scored():
    truths = [NOTHING, NOTHING, NOTHING, square(40), square(40), NOTHING]
    scores = object_scores([NOTHING, NOTHING, NOTHING, NOTHING, square(40), NOTHING], truths)
    assert scores is not None and scores.j == pytest.approx(0.5)


def test_a_mask_before_the_first_appearance_is_scored_from_there_on():
    truths = [NOTHING, NOTHING, NOTHING, square(40), NOTHING]
    scores = object_scores([NOTHING, NOTHING, square(0), square(40), NOTHING], truths)
    assert scores is not None and scores.j == pytest.approx(0.5)


def test_agreeing_that_the_object_is_gone_counts_as_right():
    truths = [square(40), square(40), NOTHING, NOTHING]
    scores = object_scores(truths, truths)
    assert scores is not None and scores.j == 1


def test_an_object_that_shows_on_no_scored_frame_has_no_scores():
    assert object_scores([square(40), NOTHING, NOTHING], [square(40), NOTHING, square(40)]) is None
    assert object_scores([square(40)], [square(40)]) is None


def test_alignment_is_the_share_of_masks_above_three_quarters():
    assert alignment([square(40), square(41), square(55)], [square(40)] * 3) == pytest.approx(2 / 3)
