"""COCO compressed RLE, the one form of a mask on the wire, in the database and in exports."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from pycocotools import mask as coco

_LONGEST = 60  # bits: no honest run needs more, and endless digits would cost quadratic time


def encode(mask: np.ndarray) -> str:
    """COCO compressed counts of a mask.

    mask: H x W, bool or uint8 (non-zero is object). Counts run column-major, as COCO's do.
    """
    return coco.encode(np.asfortranarray(mask, dtype=np.uint8))["counts"].decode("ascii")


def decode(counts: str, height: int, width: int) -> np.ndarray:
    """The mask behind `counts`, bool, H x W.

    Raises ValueError when the counts do not describe exactly height x width pixels.
    """
    _check(counts, height, width)
    return coco.decode(_coco(counts, height, width)).astype(bool)


def area(counts: str, height: int, width: int) -> int:
    """Pixels of object, read from the counts without decoding."""
    return int(coco.area(_coco(counts, height, width)))


def iou(first: str, second: str, height: int, width: int) -> float:
    """J of two masks of one size: intersection over union, 1.0 when both are empty."""
    a, b = _coco(first, height, width), _coco(second, height, width)
    if not coco.area(a) and not coco.area(b):
        return 1.0
    return float(coco.iou([a], [b], [0])[0][0])


def overlaps_any(counts: str, others: Iterable[str], height: int, width: int, above: float) -> bool:
    """Whether the mask and one of the others, all of one size, have an IoU of more than `above`."""
    return any(iou(counts, other, height, width) > above for other in others)


def center(counts: str, height: int, width: int) -> tuple[float, float]:
    """The middle (x, y) of a mask's bounding box, in pixels, read from the counts without decoding.

    Of an empty mask the frame's upper left corner.
    """
    x, y, across, down = coco.toBbox(_coco(counts, height, width))
    return float(x + across / 2), float(y + down / 2)


def empty(height: int, width: int) -> str:
    """The counts of a mask with no object: what SA-V writes for an absent frame."""
    return encode(np.zeros((height, width), np.uint8))


def checked(counts: str, height: int, width: int) -> str:
    """The counts, if they come from an honest encoder of a height x width mask.

    Raises ValueError with a sentence for people. Decoding unchecked counts from outside
    is not safe: pycocotools writes past its buffer when the runs overflow the size.
    """
    _check(counts, height, width)
    return counts


def _coco(counts: str, height: int, width: int) -> dict:
    return {"size": [height, width], "counts": counts.encode("ascii")}


def _check(counts: str, height: int, width: int) -> None:
    if sum(_runs(counts)) != height * width:
        raise ValueError(f"the mask's runs do not add up to {height} x {width} pixels")


def _runs(counts: str) -> list[int]:
    """The run lengths: base-32 digits, low first, 0x20 marks more, from the third run on a difference."""
    if not counts.isascii():
        raise ValueError("the mask is not COCO compressed RLE")
    runs: list[int] = []
    value = shift = 0
    for char in counts.encode("ascii"):
        digit = char - 48
        if not 0 <= digit < 64:
            raise ValueError("the mask is not COCO compressed RLE")
        value |= (digit & 0x1F) << shift
        shift += 5
        if digit & 0x20:
            if shift > _LONGEST:
                raise ValueError("the mask has a run of impossible length")
            continue
        if digit & 0x10:
            value -= 1 << shift
        run = value + (runs[-2] if len(runs) > 2 else 0)
        if run < 0:
            raise ValueError("the mask has a run of negative length")
        runs.append(run)
        value = shift = 0
    if shift:
        raise ValueError("the mask's last run is cut off")
    return runs
