"""The rules for the masks of a SA-V annotation file."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from annotator.export_formats.problems import Findings
from annotator.export_formats.rle_runs import areas_and_totals

_BATCH = 256


class _Faults:
    """First place and number of each kind of broken mask: one sentence for thousands of them."""

    def __init__(self) -> None:
        self._seen: dict[str, tuple[str, int]] = {}

    def add(self, code: str, t: int, masklet: int, what: str) -> None:
        sentence, count = self._seen.get(
            code, (f"The mask of masklet {masklet} in annotated frame {t} {what}", 0)
        )
        self._seen[code] = (sentence, count + 1)

    def report(self, found: Findings) -> bool:
        for code, (sentence, count) in self._seen.items():
            found.error(code, sentence + (f" So do {count - 1} more." if count > 1 else ""))
        return bool(self._seen)


def check(frames: list[list[Any]], height: int, width: int, found: Findings) -> np.ndarray | None:
    """Pixels of each masklet in each annotated frame, int64, T x N; None when a mask is broken."""
    faults = _Faults()
    places, counts = [], []
    areas = np.zeros((len(frames), len(frames[0])), np.int64)
    for t, masklet, mask in _each(frames):
        if not _has_form(mask, t, masklet, [height, width], faults):
            continue
        places.append((t, masklet))
        counts.append(mask["counts"])
        if len(counts) == _BATCH:
            _measure(places, counts, height, width, areas, faults)
            places, counts = [], []
    _measure(places, counts, height, width, areas, faults)
    return None if faults.report(found) else areas


def _each(frames: list[list[Any]]) -> Iterator[tuple[int, int, Any]]:
    for t, masks in enumerate(frames):
        for masklet, mask in enumerate(masks):
            yield t, masklet, mask


def _has_form(mask: Any, t: int, masklet: int, size: list[int], faults: _Faults) -> bool:
    if mask is None:
        faults.add("mask_null", t, masklet, "is null; an absent object has a mask of zeros.")
    elif type(mask) is not dict or list(mask) != ["size", "counts"]:
        faults.add("mask_form", t, masklet, "does not have exactly the keys size and counts, in this order.")
    elif mask["size"] != size or any(type(side) is not int for side in mask["size"]):
        faults.add("mask_size", t, masklet, f"has the size {mask['size']}, not [height, width] = {size}.")
    elif type(mask["counts"]) is not str:
        faults.add("mask_counts", t, masklet, "does not have its counts as COCO's compressed string.")
    else:
        return True
    return False


def _measure(
    places: list[tuple[int, int]],
    counts: list[str],
    height: int,
    width: int,
    areas: np.ndarray,
    faults: _Faults,
) -> None:
    found_areas, totals = areas_and_totals(counts)
    for (t, masklet), area, total in zip(places, found_areas.tolist(), totals.tolist(), strict=True):
        areas[t, masklet] = area
        if total != height * width:
            faults.add(
                "mask_runs", t, masklet, f"does not have runs that add up to {height} x {width} pixels."
            )
