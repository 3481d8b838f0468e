"""Each signal on small masks whose values can be counted by hand, and what they come to together."""

from __future__ import annotations

import math

import numpy as np
import pytest

from annotator import triage
from annotator.triage import Around, Look, reasons, signals, suspicion
from inference_worker.protocol import rle
from inference_worker.protocol.forms import form_of
from inference_worker.protocol.messages import MaskForm

SIZE = (48, 64)


def box(x: int, y: int, width: int, height: int) -> Look:
    mask = np.zeros(SIZE, bool)
    mask[y : y + height, x : x + width] = True
    return Look(rle.encode(mask), int(mask.sum()))


ABSENT = box(0, 0, 0, 0)
HERE = box(10, 10, 10, 10)


def measure(mask: Look, score: float | None = None, form: MaskForm | None = None, **around: Look) -> dict:
    return signals(mask, Around(**around), SIZE, score, form)


def test_a_mask_that_stands_alone_has_only_its_own_signals() -> None:
    form = MaskForm(border=0.1, components=2, holes=1)
    assert measure(HERE, 0.9, form) == {"score": 0.9, "border": 0.1, "components": 2, "holes": 1}
    assert measure(HERE) == {}


def test_temporal_iou_is_with_the_mask_behind() -> None:
    # 10 x 10 moved by 5: half overlaps, 50 of 150.
    assert measure(box(15, 10, 10, 10), behind=HERE)["temporal_iou"] == pytest.approx(1 / 3, abs=1e-4)


def test_a_persons_frame_ahead_counts_where_it_fits_worse() -> None:
    found = measure(HERE, behind=HERE, ahead=box(15, 10, 10, 10))
    assert found["temporal_iou"] == pytest.approx(1 / 3, abs=1e-4)
    found = measure(HERE, behind=box(15, 10, 10, 10), ahead=HERE)
    assert found["temporal_iou"] == pytest.approx(1 / 3, abs=1e-4)


def test_area_jump_is_the_logarithm_of_the_ratio_with_its_sign() -> None:
    assert measure(box(10, 10, 20, 20), behind=HERE)["area_jump"] == pytest.approx(math.log(4), abs=1e-4)
    assert measure(HERE, behind=box(10, 10, 20, 20))["area_jump"] == pytest.approx(-math.log(4), abs=1e-4)


def test_identity_jumps_when_the_mask_moved_and_nothing_overlaps() -> None:
    # From the middle (15, 15) to (45, 15), of a size of 10.
    assert measure(box(40, 10, 10, 10), behind=HERE)["identity_jump"] == pytest.approx(3)
    assert measure(box(15, 10, 10, 10), behind=HERE)["identity_jump"] == 0


def test_what_goes_for_one_frame_flickers() -> None:
    assert measure(HERE, behind=ABSENT, before=HERE)["flicker"] == 1
    assert measure(ABSENT, behind=HERE, before=ABSENT) == {"flicker": 1}
    assert measure(HERE, behind=HERE, before=ABSENT)["flicker"] == 0
    assert measure(ABSENT, behind=ABSENT, before=HERE) == {"flicker": 0}


def test_an_area_that_goes_up_and_down_flickers() -> None:
    small, large = box(10, 10, 10, 10), box(10, 10, 30, 10)
    assert measure(small, behind=large, before=small)["flicker"] == pytest.approx(1)
    assert measure(large, behind=large, before=small)["flicker"] == 0
    growing = measure(box(10, 10, 30, 10), behind=box(10, 10, 20, 10), before=small)
    assert growing["flicker"] == 0


def test_agreement_is_with_what_came_from_the_other_side() -> None:
    assert measure(HERE, other_way=HERE)["agreement"] == 1
    assert measure(HERE, other_way=box(40, 10, 10, 10))["agreement"] == 0
    assert measure(ABSENT, other_way=ABSENT)["agreement"] == 1


def test_the_models_score_of_an_absent_mask_is_no_signal() -> None:
    assert measure(ABSENT, 0.02, MaskForm(border=0, components=0, holes=0)) == {}


def test_a_calm_mask_is_not_suspected_and_nothing_is_said_of_it() -> None:
    found = measure(
        box(11, 10, 10, 10), 0.95, MaskForm(border=0, components=1, holes=0), behind=HERE, before=HERE
    )
    assert suspicion(found) == 0
    assert reasons(found) == []


def test_each_signal_at_its_worst_is_suspected_as_far_as_its_weight_and_says_why() -> None:
    worst = {
        "score": 0, "temporal_iou": 0, "area_jump": -3, "identity_jump": 9, "flicker": 1, "border": 1,
        "components": 40, "holes": 40, "agreement": 0,
    }  # fmt: skip
    assert set(worst) == set(triage.DOUBTS)
    for name, value in worst.items():
        assert suspicion({name: value}) == pytest.approx(triage.DOUBTS[name].weight)
        assert len(reasons({name: value})) == 1


def test_signals_add_up_and_never_take_another_back() -> None:
    jump = {"area_jump": math.log(4)}
    both = jump | {"identity_jump": 3.0}
    assert suspicion(both) == pytest.approx(1 - 0.3 * 0.2)
    assert suspicion(both | {"score": 1.0, "holes": 0}) == suspicion(both)
    assert reasons(both) == ["jumped 3.0 times its size", "area × 4.0"]


def test_the_form_of_a_mask_counts_pieces_holes_and_the_border() -> None:
    mask = np.zeros((20, 30), bool)
    mask[2:8, 2:8] = True
    mask[4, 4] = mask[6, 6] = False
    mask[15:18, 0:3] = True
    assert form_of(mask) == MaskForm(border=3 / 96, components=2, holes=2)
    mask[8, 8] = True  # touches by its corner
    assert form_of(mask).components == 2
    assert form_of(np.ones((4, 4), bool)) == MaskForm(border=1, components=1, holes=0)
    assert form_of(np.zeros((4, 4), bool)) == MaskForm(border=0, components=0, holes=0)
