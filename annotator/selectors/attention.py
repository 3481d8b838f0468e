"""Which annotated frames of a masklet were on whose screen, and for how long."""

from __future__ import annotations

from collections.abc import Iterable

from annotator.models import Attention, Masklet, Session, Task, User

SEEN_MS = 40  # a frame of play at four times the speed is on the screen for 42


def shown_ms(masklet: Masklet, purpose: str) -> list[int]:
    """For each annotated frame, ascending, how long all sessions of this purpose showed the masklet on it."""
    rows = Attention.objects.filter(masklet=masklet, session__purpose=purpose)
    return _summed(masklet, rows.values_list("shown_ms", flat=True))


def unseen_frames(masklet: Masklet, task: Task, user: User) -> list[int]:
    """Annotated frames, ascending, that the person was shown for less than SEEN_MS under this task."""
    rows = Attention.objects.filter(masklet=masklet, session__task=task, session__user=user)
    seen = _summed(masklet, rows.values_list("shown_ms", flat=True))
    annotated = masklet.video.annotated_indices
    return [frame for frame, ms in zip(annotated, seen, strict=True) if ms < SEEN_MS]


def coverage(masklet: Masklet) -> dict[str, list[int]]:
    """Shown time of each annotated frame, ascending, to those who annotated and to those who verified."""
    return {
        "annotator_ms": shown_ms(masklet, Session.Purpose.ANNOTATE),
        "reviewer_ms": shown_ms(masklet, Session.Purpose.VERIFY),
    }


def _summed(masklet: Masklet, rows: Iterable[list[int]]) -> list[int]:
    found = [0] * len(masklet.video.annotated_indices)
    for row in rows:
        for slot, ms in enumerate(row):
            found[slot] += ms
    return found
