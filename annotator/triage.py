"""How much a mask that a pass made looks like a failure, and why. Pure functions over RLE.

Eight signals. Each is mapped to doubt, 0 to 1, between two values that are stated in `DOUBTS`, and has a
weight: how far it alone may go. Suspicion = 1 - product(1 - weight x doubt): signals add up, and none
takes another back.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from inference_worker.protocol import messages, rle

Signals = dict[str, float]
_APART = 0.1  # IoU below which a mask that moved may be another object
_SEE_SAW = math.log(3)  # an area that goes so far up and down again within three frames is full flicker


@dataclass(frozen=True, slots=True)
class Look:
    """A mask as triage looks at it. area: 0 where it is absent. counts: COCO's, at the video's size."""

    counts: str
    area: int


@dataclass(frozen=True, slots=True)
class Around:
    """Current masks beside one that a pass has just made; None where there is none.

    behind, before: one and two annotated frames back the way the pass came. ahead: the next frame, where
    a person's mask is. other_way: what a pass in the other direction had left on the frame itself.
    """

    behind: Look | None = None
    before: Look | None = None
    ahead: Look | None = None
    other_way: Look | None = None


@dataclass(frozen=True, slots=True)
class Doubt:
    """none, full: values of the signal at which the doubt is 0 and 1, linear between. weight: 0 to 1."""

    none: float
    full: float
    weight: float

    def of(self, value: float) -> float:
        share = (value - self.none) / (self.full - self.none)
        return self.weight * min(max(share, 0.0), 1.0)


DOUBTS: Mapping[str, Doubt] = {
    "score": Doubt(0.6, 0.1, 0.7),  # the model's own, of a mask that is there
    "temporal_iou": Doubt(0.5, 0.1, 0.6),  # with the frame behind, and with a person's frame ahead
    "area_jump": Doubt(math.log(1.5), math.log(4), 0.7),  # |ln of the ratio of areas|
    "identity_jump": Doubt(1, 3, 0.8),  # move of the middle / square root of the area, with no overlap
    "flicker": Doubt(0.3, 1, 0.7),  # there, gone, there; or the area up and down; over three frames
    "border": Doubt(0.25, 0.6, 0.3),  # share of the frame's border that is object
    "components": Doubt(2, 10, 0.4),
    "holes": Doubt(2, 12, 0.3),
    "agreement": Doubt(0.7, 0.3, 0.8),  # IoU with what a pass in the other direction made here
}
_TOLD_FROM = 0.15  # doubt, weight included, below which a signal is no reason


def signals(
    mask: Look, around: Around, size: tuple[int, int], score: float | None, form: messages.MaskForm | None
) -> Signals:
    """What is to be measured of a mask, by the names in DOUBTS; what cannot be measured is left out.

    size: (height, width). area_jump keeps its sign: above 0 the mask is larger than its neighbour.
    """
    found: Signals = {}
    if (flicker := _flicker(mask, around)) is not None:
        found["flicker"] = flicker
    if around.other_way is not None:
        found["agreement"] = rle.iou(mask.counts, around.other_way.counts, *size)
    if mask.area:
        found |= _steps(mask, [other for other in (around.behind, around.ahead) if other], size)
        if score is not None:
            found["score"] = score
        if form is not None:
            found |= {"border": form.border, "components": form.components, "holes": form.holes}
    return {name: round(value, 4) for name, value in found.items()}


def suspicion(found: Mapping[str, float]) -> float:
    """How much a mask with these signals looks like a failure, 0 to 1."""
    trust = math.prod(1 - _doubt(name, value) for name, value in found.items())
    return round(1 - trust, 4)


def reasons(found: Mapping[str, float]) -> list[str]:
    """Why a mask with these signals is suspected, in words, the strongest first; empty when it is not."""
    doubts = {name: _doubt(name, value) for name, value in found.items()}
    told = sorted((name for name in doubts if doubts[name] >= _TOLD_FROM), key=lambda name: -doubts[name])
    return [_words(name, found[name]) for name in told]


def _doubt(name: str, value: float) -> float:
    return DOUBTS[name].of(abs(value))


def _words(name: str, value: float) -> str:
    if name == "area_jump":
        return f"area {'×' if value > 0 else '÷'} {math.exp(abs(value)):.1f}"
    return {
        "score": f"the model's own score is {value:.2f}",
        "temporal_iou": f"overlaps its neighbour by {value:.0%}",
        "identity_jump": f"jumped {value:.1f} times its size",
        "flicker": "flickers",
        "border": f"covers {value:.0%} of the frame's border",
        "components": f"in {value:.0f} pieces",
        "holes": f"{value:.0f} holes",
        "agreement": f"a pass from the other side agrees by {value:.0%}",
    }[name]


def _steps(mask: Look, others: Sequence[Look], size: tuple[int, int]) -> Signals:
    """Against each neighbour that is there; of two, the worse value counts."""
    steps = [_step(mask, other, size) for other in others if other.area]
    if not steps:
        return {}
    return {
        "temporal_iou": min(step["temporal_iou"] for step in steps),
        "area_jump": max((step["area_jump"] for step in steps), key=abs),
        "identity_jump": max(step["identity_jump"] for step in steps),
    }


def _step(mask: Look, other: Look, size: tuple[int, int]) -> dict[str, float]:
    iou = rle.iou(mask.counts, other.counts, *size)
    moved = math.dist(rle.center(mask.counts, *size), rle.center(other.counts, *size))
    return {
        "temporal_iou": iou,
        "area_jump": math.log(mask.area / other.area),
        "identity_jump": moved / math.sqrt(max(mask.area, other.area)) if iou < _APART else 0.0,
    }


def _flicker(mask: Look, around: Around) -> float | None:
    if around.behind is None or around.before is None:
        return None
    areas = (around.before.area, around.behind.area, mask.area)
    if not all(areas):
        there = tuple(map(bool, areas))
        return float(there in ((True, False, True), (False, True, False)))
    first, second = math.log(areas[1] / areas[0]), math.log(areas[2] / areas[1])
    return min(abs(first), abs(second), _SEE_SAW) / _SEE_SAW if first * second < 0 else 0.0


FEATURES = (
    "suspicion_max", "suspicion_mean", "suspicious_share", "temporal_iou_min", "temporal_iou_mean", "score_mean",
    "score_min", "area_jump_max", "identity_jump_max", "flicker_mean", "components_max", "holes_max", "border_max",
    "agreement_min", "human_share", "absent_share", "length", "area_share",
)  # fmt: skip
_SUSPICIOUS = 0.5


def features(rows: Sequence[Any], annotated: int, pixels: int) -> list[float]:
    """What the verifier model knows of a masklet, in the order of FEATURES.

    rows: its current masks, with state, human, area, signals and suspicion. annotated: how many frames
    the video has masks on. pixels: of a frame. A signal that was nowhere measured counts as a harmless one.
    """
    measured = [row.signals for row in rows if row.signals]
    suspicions = [row.suspicion for row in rows if row.suspicion is not None and not row.human] or [0.0]
    there = [row for row in rows if row.area]

    def each(name: str, harmless: float) -> list[float]:
        return [abs(found[name]) for found in measured if name in found] or [harmless]

    iou, score, flicker = each("temporal_iou", 1), each("score", 1), each("flicker", 0)
    count = max(len(rows), 1)
    return [
        max(suspicions), _mean(suspicions), _mean([float(one >= _SUSPICIOUS) for one in suspicions]),
        min(iou), _mean(iou), _mean(score), min(score), max(each("area_jump", 0)), max(each("identity_jump", 0)),
        _mean(flicker), max(each("components", 1)), max(each("holes", 0)), max(each("border", 0)),
        min(each("agreement", 1)), sum(row.human for row in rows) / count, 1 - len(there) / count,
        math.log1p(annotated), _mean([row.area for row in there] or [0]) / max(pixels, 1),
    ]  # fmt: skip


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)
