"""What triage looks at: the masks beside one that is being stored, and what was measured of current masks."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection

from annotator.models import Change, Masklet
from annotator.triage import Around, Look, Signals, signals, suspicion
from inference_worker.protocol import messages

Place = tuple[int, int]  # masklet, frame index

_BESIDE = """
SELECT DISTINCT ON (mask.masklet_id, mask.frame_index)
    mask.masklet_id, mask.frame_index, mask.state, mask.human, mask.counts, mask.area, mask.change_id,
    CASE WHEN pass.direction = 'forward' THEN 1 WHEN pass.direction = 'backward' THEN -1
        WHEN pass.direction = 'both' THEN sign(mask.frame_index - pass.start_frame) END
FROM annotator_mask mask JOIN annotator_change change ON change.id = mask.change_id
LEFT JOIN annotator_propagation pass ON pass.id = change.propagation_id
WHERE mask.masklet_id = ANY(%(masklets)s) AND mask.frame_index BETWEEN %(first)s AND %(last)s
    AND NOT change.undone
ORDER BY mask.masklet_id, mask.frame_index, mask.change_id DESC
"""
_MEASURED = """
SELECT * FROM (
    SELECT DISTINCT ON (mask.frame_index)
        mask.frame_index, mask.state, mask.human, mask.area, mask.signals::text, mask.suspicion
    FROM annotator_mask mask JOIN annotator_change change ON change.id = mask.change_id
    WHERE mask.masklet_id = %(masklet)s AND NOT change.undone
    ORDER BY mask.frame_index, mask.change_id DESC
) current WHERE state <> 'unknown'
"""


@dataclass(frozen=True, slots=True)
class _Beside:
    look: Look
    human: bool
    change: int
    way: int | None


@dataclass(frozen=True, slots=True)
class Measured:
    """One current mask as triage left it; signals and suspicion are None where a person made the mask."""

    frame_index: int
    state: str
    human: bool
    area: int
    signals: Signals | None
    suspicion: float | None


def rated(
    results: Sequence[messages.FrameResult],
    looks: Sequence[Look],
    steps: Mapping[int, Change],
    ways: Mapping[Place, int],
) -> dict[Place, tuple[Signals, float]]:
    """Signals and suspicion of masks that a pass has made and that are about to be stored.

    results: in tracking order. looks: their masks, checked. steps: the change of each masklet. ways: 1 where the pass goes forward
    over the frame, -1 where backward.
    """
    if not results:
        return {}
    video = next(iter(steps.values())).masklet.video
    size, stride = (video.height or 0, video.width or 0), video.stride
    known = _beside(results, 2 * stride)
    found = {}
    for result, mask in zip(results, looks, strict=True):
        place = result.masklet, result.frame_index
        own, way = steps[result.masklet].pk, ways[place]
        measured = signals(mask, _around(known, place, way, stride, own), size, result.score, result.form)
        found[place] = measured, suspicion(measured)
        here = known.get(place)
        if here is None or here.change <= own:
            known[place] = _Beside(mask, human=False, change=own, way=way)
    return found


def measured(masklet: Masklet) -> list[Measured]:
    """The masklet's current masks by frame, with what was measured of them."""
    with connection.cursor() as cursor:
        cursor.execute(_MEASURED, {"masklet": masklet.pk})
        rows = list(cursor)
    return [
        Measured(frame, state, human, area, found and json.loads(found), doubt)
        for frame, state, human, area, found, doubt in rows
    ]


def worst(rows: Sequence[Measured]) -> float | None:
    """The suspicion of the worst mask that no person made; None where none was measured."""
    return max((row.suspicion for row in rows if row.suspicion is not None and not row.human), default=None)


def _beside(results: Sequence[messages.FrameResult], reach: int) -> dict[Place, _Beside]:
    frames = [result.frame_index for result in results]
    wanted: dict[str, Any] = {
        "masklets": sorted({result.masklet for result in results}),
        "first": min(frames) - reach,
        "last": max(frames) + reach,
    }
    with connection.cursor() as cursor:
        cursor.execute(_BESIDE, wanted)
        return {
            (masklet, frame): _Beside(Look(counts, area), human, change, way and int(way))
            for masklet, frame, state, human, counts, area, change, way in cursor
            if state != "unknown"
        }


def _around(known: Mapping[Place, _Beside], place: Place, way: int, stride: int, own: int) -> Around:
    masklet, frame = place

    def at(slots: int) -> _Beside | None:
        return known.get((masklet, frame + slots * way * stride))

    behind, before, ahead, here = at(-1), at(-2), at(1), at(0)
    crossed = here is not None and here.change != own and not here.human and here.way == -way
    return Around(
        behind=behind.look if behind else None,
        before=before.look if before else None,
        ahead=ahead.look if ahead and ahead.human else None,
        other_way=here.look if here and crossed else None,
    )
