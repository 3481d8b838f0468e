"""Mask alignment with phase 1: of masks that people sent or had before them when they handed in."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np

from annotator.simulation.history import History, Masklet
from annotator.simulation.tables.answers import ratio
from inference_worker.protocol import rle

ALIGNED = 0.75
SMALL, MEDIUM = 32**2, 96**2  # pixels: what is below
BUCKETS = ("small", "medium", "large")


def of_masklets(history: History, manual: list[Masklet]) -> dict[str, Any]:
    compared: Counter[str] = Counter()
    aligned: Counter[str] = Counter()
    for masklet in manual:
        reference = history.reference(masklet) if masklet.phase > 1 else None
        if reference is not None:
            bucket, of, good = _compare(masklet, reference, history.videos[masklet.video].size)
            compared[bucket] += of
            aligned[bucket] += good
    return {
        "compared": compared.total(),
        "aligned": ratio(100 * aligned.total(), compared.total()),
        **{f"aligned_{bucket}": ratio(100 * aligned[bucket], compared[bucket]) for bucket in BUCKETS},
    }


def _compare(mine: Masklet, theirs: Masklet, size: tuple[int, int]) -> tuple[str, int, int]:
    """The bucket by the reference's first mask; on how many frames either shows the object, on how many
    of these they agree."""
    shown = mine.masks.keys() | theirs.masks.keys()
    good = 0
    for frame in mine.masks.keys() & theirs.masks.keys():
        one, other = rle.decode(mine.masks[frame], *size), rle.decode(theirs.masks[frame], *size)
        good += bool(np.count_nonzero(one & other) > ALIGNED * np.count_nonzero(one | other))
    area = np.count_nonzero(rle.decode(theirs.masks[min(theirs.masks)], *size))
    return "small" if area < SMALL else "medium" if area < MEDIUM else "large", len(shown), good
