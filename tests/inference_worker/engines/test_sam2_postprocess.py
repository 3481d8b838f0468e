from __future__ import annotations

import numpy as np
import pytest
import torch

from inference_worker.engines.sam2.postprocess import (
    at_video_size,
    cleaned,
    small_parts,
    small_parts_by_pooling,
    stability,
)


def logits(*rows: str) -> torch.Tensor:
    """1 x 1 x h x w: # is 5, . is -5."""
    return torch.tensor([[5.0 if char == "#" else -5.0 for char in row] for row in rows])[None, None]


def drawn(values: torch.Tensor) -> list[str]:
    return ["".join(".#"[int(value > 0)] for value in row) for row in values[0, 0]]


def test_small_holes_are_filled_and_large_ones_stay():
    mask = logits("########", "#.###..#", "#####..#", "########")
    assert drawn(cleaned(mask, 1)) == ["########", "#####..#", "#####..#", "########"]
    assert drawn(cleaned(mask, 4)) == ["########"] * 4


def test_small_specks_go_where_something_larger_is():
    mask = logits("###....#", "###.....", "###.....")
    assert drawn(cleaned(mask, 2)) == ["###.....", "###.....", "###....."]


def test_an_object_that_is_all_small_stays():
    mask = logits("#.......", "........", ".....##.")
    assert drawn(cleaned(mask, 4)) == drawn(mask)


def test_parts_that_touch_at_a_corner_are_one():
    mask = logits("##....", "..##..", "....##")
    assert not small_parts(mask > 0, 5).any()
    assert small_parts(mask > 0, 6).sum() == 6


def test_one_mask_of_a_batch_does_not_change_another():
    first, second = logits("###.", "###.", "...#"), logits("....", ".#..", "....")
    both = cleaned(torch.cat([first, second]), 2)
    assert torch.equal(both[:1], cleaned(first, 2))
    assert torch.equal(both[1:], cleaned(second, 2))


@pytest.mark.parametrize("density", [0.1, 0.3, 0.5, 0.7])
@pytest.mark.parametrize("area", [1, 3, 8])
def test_the_way_for_devices_finds_the_same_parts_as_the_way_for_the_host(density, area):
    noise = np.random.default_rng(3).random((3, 1, 40, 52)) < density
    inside = torch.from_numpy(noise)
    assert torch.equal(small_parts_by_pooling(inside, area), small_parts(inside, area))


def test_long_thin_parts_are_measured_whole():
    inside = torch.zeros(1, 1, 24, 24, dtype=torch.bool)
    inside[0, 0, 3, 2:10] = True  # eight in a row
    inside[0, 0, 8, 2:11] = True  # nine in a row
    inside[0, 0, 12:21, 12] = True
    expected = torch.zeros_like(inside)
    expected[0, 0, 3, 2:10] = True
    assert torch.equal(small_parts(inside, 8), expected)
    assert torch.equal(small_parts_by_pooling(inside, 8), expected)


def test_masks_come_at_the_video_s_size_however_many_pieces_it_takes(monkeypatch):
    values = torch.randn(5, 16, 16)
    whole = at_video_size(values, (30, 50))
    monkeypatch.setattr("inference_worker.engines.sam2.postprocess._PIXELS_AT_ONCE", 2 * 30 * 50)
    assert whole.shape == (5, 30, 50) and whole.dtype == torch.bool
    assert torch.equal(at_video_size(values, (30, 50)), whole)


def test_stability_compares_a_stricter_with_a_laxer_mask():
    values = torch.full((3, 4, 4), -9.0)
    values[0, :2] = 9.0  # certain
    values[1, 0], values[1, 1] = 9.0, 0.5  # half of it is not
    found = stability(values)
    assert found[:2].tolist() == [1.0, 0.5]
    assert found[2].isnan()
