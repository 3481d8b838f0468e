from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from annotator.export_formats.rle_runs import areas_and_totals
from inference_worker.protocol import rle

masks = arrays.arrays(np.bool_, st.tuples(st.integers(1, 30), st.integers(1, 30)))


@given(st.lists(masks, max_size=6))
def test_areas_and_totals_are_those_of_the_masks(drawn: list[np.ndarray]) -> None:
    areas, totals = areas_and_totals([rle.encode(mask) for mask in drawn])
    assert areas.tolist() == [int(mask.sum()) for mask in drawn]
    assert totals.tolist() == [mask.size for mask in drawn]


def test_runs_of_many_digits_are_read() -> None:
    mask = np.zeros((3000, 4000), bool)
    mask[5:2900, 1000:3900] = True
    areas, totals = areas_and_totals([rle.encode(mask), rle.empty(3000, 4000)])
    assert areas.tolist() == [2895 * 2900, 0]
    assert totals.tolist() == [12_000_000] * 2


@given(st.lists(st.text(st.characters(min_codepoint=40, max_codepoint=120), max_size=12), max_size=6))
def test_any_text_is_judged_as_the_careful_reader_judges_it(texts: list[str]) -> None:
    _, totals = areas_and_totals(texts)
    for text, total in zip(texts, totals.tolist(), strict=True):
        if total >= 0:
            assert rle.checked(text, 1, total) == text
        else:
            with pytest.raises(ValueError):
                rle.checked(text, 1, 16)


@pytest.mark.parametrize("text", ["", "P", "0o", "é0", "0 8", "PPPPPPP0", "0\n"])
def test_what_is_no_compressed_rle_has_no_area(text: str) -> None:
    areas, totals = areas_and_totals([text, "08"])
    assert (areas.tolist(), totals.tolist()) == ([-1, 8], [-1, 8])
