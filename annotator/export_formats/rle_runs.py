"""Many masks' runs at once, read without trusting them."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

# Digits 0x20 and up ("P" to "o") are followed by more; seven of five bits hold any 32-bit run.
_COUNTS = re.compile(r"(?:[P-o]{0,6}[0-O])+")


def areas_and_totals(counts: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
    """Pixels of object and pixels of object and background in each mask, two int64 arrays.

    Both are -1 where the counts are not COCO compressed RLE or a run is negative. A mask is
    sound if its total is height x width. Source: cocoapi, common/maskApi.c, rleFrString.
    """
    if not counts:
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    readable = np.array([_COUNTS.fullmatch(text) is not None for text in counts], bool)
    texts = [text if good else "0" for text, good in zip(counts, readable, strict=True)]
    values, values_in_text = _signed_values("".join(texts).encode("ascii"), [len(text) for text in texts])
    first = np.cumsum(values_in_text) - values_in_text
    place = np.arange(len(values)) - np.repeat(first, values_in_text)
    runs = values.copy()
    for parity in (0, 1):
        chain = (place > 0) & (place % 2 == parity)
        sums = np.cumsum(np.where(chain, values, 0))
        runs[chain] = (sums - np.repeat(sums[first], values_in_text))[chain]
    sound = readable & (np.minimum.reduceat(runs, first) >= 0)
    areas = np.add.reduceat(np.where(place % 2 == 1, runs, 0), first)
    totals = np.add.reduceat(runs, first)
    return np.where(sound, areas, -1), np.where(sound, totals, -1)


def _signed_values(text: bytes, lengths: list[int]) -> tuple[np.ndarray, np.ndarray]:
    digits = np.frombuffer(text, np.uint8).astype(np.int64) - 48
    last = np.flatnonzero((digits & 0x20) == 0)
    starts = np.concatenate(([0], last[:-1] + 1))
    digits_in_value = last - starts + 1
    shift = 5 * (np.arange(len(digits)) - np.repeat(starts, digits_in_value))
    values = np.add.reduceat((digits & 0x1F) << shift, starts)
    values -= np.where(digits[last] & 0x10, np.int64(1) << (5 * digits_in_value), 0)
    values_in_text = np.diff(np.searchsorted(last, np.cumsum(lengths)), prepend=0)
    return values, values_in_text
