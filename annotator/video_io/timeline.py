"""The rule by which source frames become working frames at a constant rate."""

from __future__ import annotations

from fractions import Fraction

WORKING_RATE = 24  # frames per second: SA-V's


class Timeline:
    """Says, frame by frame, how often a source frame is shown in the working video.

    The first source frame is at time 0 and source frame i begins at working frame
    round(24 t_i), halves up; it is held until the next one begins, so a frame whose successor
    begins at the same working frame is not shown. A source at a constant 24 fps maps one to one.
    """

    def __init__(self, time_base: Fraction) -> None:
        self._per_tick = time_base * WORKING_RATE
        self._first: int | None = None
        self._slot = 0

    def slot(self, pts: int) -> int:
        """The working frame at which a source frame with this pts begins."""
        if self._first is None:
            return 0
        exact = (pts - self._first) * self._per_tick
        return (2 * exact.numerator + exact.denominator) // (2 * exact.denominator)

    def advance(self, pts: int) -> int:
        """Working frames held by the frame before the one that begins at `pts`; 0 for the first."""
        if self._first is None:
            self._first = pts
            return 0
        before, self._slot = self._slot, max(self._slot, self.slot(pts))
        return self._slot - before

    def finish(self, end: int) -> int:
        """Working frames held by the last frame, which ends at pts `end`; the video has at least one."""
        return max(self.slot(end) - self._slot, 0 if self._slot else 1)
