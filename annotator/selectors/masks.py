"""Current masks: of each frame, that of the highest change that is not undone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, fields
from typing import Any

from django.db import connection

from annotator.models import Mask


@dataclass(frozen=True, slots=True)
class MaskRow:
    """One current mask; see models.Mask."""

    masklet_id: int
    frame_index: int
    state: str
    human: bool
    counts: str
    area: int
    score: float | None
    change_id: int
    suspicion: float | None
    stability: float | None


# Written out: this is read for every click, and putting it together anew took longer than running it.
_CURRENT = """
SELECT * FROM (
    SELECT DISTINCT ON (mask.masklet_id, mask.frame_index)
        mask.masklet_id, mask.frame_index, mask.state, mask.human, mask.counts, mask.area, mask.score,
        mask.change_id, mask.suspicion, mask.stability
    FROM annotator_mask mask JOIN annotator_change change ON change.id = mask.change_id
    WHERE mask.masklet_id = ANY(%(masklets)s) AND NOT change.undone
        AND (%(frames)s::int[] IS NULL OR mask.frame_index = ANY(%(frames)s))
        AND (%(first)s::int IS NULL OR mask.frame_index >= %(first)s)
        AND (%(last)s::int IS NULL OR mask.frame_index <= %(last)s)
    ORDER BY mask.masklet_id, mask.frame_index, mask.change_id DESC
) current
WHERE state <> 'unknown' AND (human OR %(human_or_on)s::int[] IS NULL OR frame_index = ANY(%(human_or_on)s))
ORDER BY abs(frame_index - %(nearest)s::int), masklet_id, frame_index
LIMIT %(most)s
"""
# An undo keeps no time, so that a step which was undone in refinement is taken for one that was undone before;
# not a pass of the model's own, which nobody had a hand in when it was judged.
_JUDGED = """
SELECT * FROM (
    SELECT DISTINCT ON (verdict.id, mask.frame_index) verdict.id AS verdict, mask.frame_index, mask.state, {columns}
    FROM annotator_verification verdict
    JOIN annotator_masklet masklet ON masklet.id = verdict.masklet_id
    JOIN annotator_video video ON video.id = masklet.video_id
    JOIN annotator_change change ON change.masklet_id = masklet.id AND change.created_at < verdict.created_at
        AND (NOT change.undone OR verdict.worker_id IS NULL AND EXISTS (
            SELECT FROM annotator_propagation pass JOIN annotator_session session ON session.id = pass.session_id
            WHERE pass.id = change.propagation_id AND session.purpose = 'auto'
        ))
    JOIN annotator_mask mask ON mask.change_id = change.id
    WHERE verdict.id = ANY(%(verdicts)s) AND (%(frames)s::int[] IS NULL
        OR mask.frame_index = (%(frames)s::int[])[array_position(%(verdicts)s::bigint[], verdict.id)])
    ORDER BY verdict.id, mask.frame_index, mask.change_id DESC
) judged WHERE state <> 'unknown' ORDER BY verdict, frame_index
"""
_ALL: dict[str, Any] = dict.fromkeys(("frames", "first", "last", "human_or_on", "nearest", "most"))


def current(
    masklets: Iterable[int],
    *,
    frames: Iterable[int] | None = None,
    first: int | None = None,
    last: int | None = None,
) -> list[MaskRow]:
    """Current masks by masklet and frame. Frames that are unknown are left out.

    frames: only these; first, last: only frame indices within, both inclusive.
    """
    frames = None if frames is None else list(frames)
    return _read(masklets=list(masklets), frames=frames, first=first, last=last)


def human(masklet: int) -> list[MaskRow]:
    """The masklet's current masks that a person made, by frame."""
    return _read(masklets=[masklet], human_or_on=[])


def around(masklet: int, frame: int, on: Iterable[int], most: int) -> list[MaskRow]:
    """The current masks nearest to a frame, among those that a person made and those on the given frames."""
    return _read(masklets=[masklet], human_or_on=list(on), nearest=frame, most=most)


def _read(**wanted: Any) -> list[MaskRow]:
    with connection.cursor() as cursor:
        cursor.execute(_CURRENT, _ALL | wanted)
        return [MaskRow(*row) for row in cursor]


def by_frame(masklet: int, **window: int | None) -> dict[int, MaskRow]:
    """One masklet's current masks by frame index."""
    return {row.frame_index: row for row in current([masklet], **window)}  # type: ignore[arg-type]


def judged(
    verdicts: Sequence[int], columns: str, frames: Sequence[int] | None = None
) -> Iterator[tuple[Any, ...]]:
    """The masks of masklets as they stood when verdicts on them fell, what came later left out: id of the
    verdict, frame index, state, and these columns of mask, masklet, verdict and video; by verdict and frame.

    frames: of each verdict only this one.
    """
    with connection.cursor() as cursor:
        wanted = {"verdicts": list(verdicts), "frames": None if frames is None else list(frames)}
        cursor.execute(_JUDGED.format(columns=columns), wanted)
        yield from cursor


def left_by(changes: Iterable[int], frame: int) -> dict[int, MaskRow]:
    """The mask that each of the changes left on the frame, also where a later one replaced it; unknown ones not."""
    rows = Mask.objects.filter(change__in=changes, frame_index=frame).exclude(state=Mask.State.UNKNOWN)
    columns = [field.name for field in fields(MaskRow)]
    return {row[columns.index("change_id")]: MaskRow(*row) for row in rows.values_list(*columns)}
