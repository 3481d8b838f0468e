from __future__ import annotations

import json
import os
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from pycocotools import mask as coco

from inference_worker.protocol import rle

SIZES = st.tuples(st.integers(1, 24), st.integers(1, 24))
MASKS = hnp.arrays(bool, SIZES)


@given(MASKS)
def test_decoding_gives_back_what_was_encoded(mask):
    assert np.array_equal(rle.decode(rle.encode(mask), *mask.shape), mask)


@given(MASKS)
def test_counts_are_what_pycocotools_writes(mask):
    expected = coco.encode(np.asfortranarray(mask, dtype=np.uint8))["counts"].decode()
    assert rle.encode(mask) == expected
    assert rle.checked(expected, *mask.shape) == expected


@given(MASKS)
def test_area_counts_the_pixels_of_object(mask):
    assert rle.area(rle.encode(mask), *mask.shape) == mask.sum()


@given(SIZES.flatmap(lambda size: st.tuples(hnp.arrays(bool, size), hnp.arrays(bool, size))))
def test_iou_is_that_of_the_pixels(pair):
    first, second = pair
    union = (first | second).sum()
    expected = (first & second).sum() / union if union else 1.0
    assert rle.iou(rle.encode(first), rle.encode(second), *first.shape) == pytest.approx(expected)


def test_counts_run_down_the_columns():
    mask = np.zeros((3, 2), bool)
    mask[:, 0] = True
    assert rle.encode(mask) == "033"


def test_no_object_is_what_sav_writes_for_an_absent_frame():
    assert rle.empty(848, 480) == "P`]<"


@given(MASKS, st.integers(1, 5))
def test_counts_of_another_size_are_refused(mask, more):
    height, width = mask.shape
    with pytest.raises(ValueError, match="do not add up"):
        rle.checked(rle.encode(mask), height + more, width)


@pytest.mark.parametrize(
    ("counts", "why"),
    [
        ("", "do not add up"),
        ("T", "cut off"),
        ("PPPPPPPPo", "cut off"),
        ("0 33", "not COCO"),
        ("0é33", "not COCO"),
        ("0\x0033", "not COCO"),
        ("O7", "negative"),
        ("o" * 40 + "7", "impossible length"),
    ],
)
def test_hostile_counts_are_refused(counts, why):
    with pytest.raises(ValueError, match=why):
        rle.decode(counts, 3, 2)


@given(st.text(max_size=40))
def test_any_text_is_decoded_to_the_size_or_refused(counts):
    try:
        mask = rle.decode(counts, 5, 7)
    except ValueError:
        return
    assert mask.shape == (5, 7)


@pytest.mark.parametrize("name", ["sav_000001_manual.json", "sav_000001_auto.json"])
def test_masks_of_a_sav_file_come_back_byte_for_byte(name):
    data = os.environ.get("MASKLOOM_TEST_DATA")
    if not data:
        pytest.skip("MASKLOOM_TEST_DATA is not set: the SA-V example files are not here")
    annotation = json.loads((Path(data) / "sav" / name).read_text())
    masks = [mask for frame in annotation["masklet"][::6] for mask in frame]
    assert masks
    for mask in masks:
        assert rle.encode(rle.decode(mask["counts"], *mask["size"])) == mask["counts"]
