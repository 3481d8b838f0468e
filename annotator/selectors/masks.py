"""Current masks: of each frame, that of the highest change that is not undone."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from annotator.models import Mask

_FIELDS = ("masklet_id", "frame_index", "state", "human", "counts", "area", "score", "change_id")


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


def current(
    masklets: Iterable[int],
    *,
    frames: Iterable[int] | None = None,
    first: int | None = None,
    last: int | None = None,
    human_only: bool = False,
) -> list[MaskRow]:
    """Current masks by masklet and frame. Frames that are unknown are left out.

    frames: only these; first, last: only frame indices within, both inclusive. human_only: without
    those that a model made.
    """
    rows = Mask.objects.filter(masklet__in=list(masklets), change__undone=False)
    if frames is not None:
        rows = rows.filter(frame_index__in=list(frames))
    if first is not None:
        rows = rows.filter(frame_index__gte=first)
    if last is not None:
        rows = rows.filter(frame_index__lte=last)
    rows = rows.order_by("masklet", "frame_index", "-change").distinct("masklet", "frame_index")
    if human_only:
        rows = Mask.objects.filter(pk__in=rows.values("pk"), human=True).order_by("masklet", "frame_index")
    return [
        row
        for row in (MaskRow(*values) for values in rows.values_list(*_FIELDS))
        if row.state != Mask.State.UNKNOWN
    ]


def by_frame(masklet: int, **window: int | None) -> dict[int, MaskRow]:
    """One masklet's current masks by frame index."""
    return {row.frame_index: row for row in current([masklet], **window)}  # type: ignore[arg-type]
