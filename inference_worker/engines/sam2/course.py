"""One object on its way through a pass: which frames it knows, and what it remembers of them."""

from __future__ import annotations

from collections.abc import Mapping

from inference_worker.engines import Known
from inference_worker.engines.sam2.memory import Bounds, Memory, Reach, reach


class Course:
    """given: by position. Positions that attention can no longer reach are forgotten along the way."""

    def __init__(self, given: Mapping[int, Known], *, forward: bool, bounds: Bounds) -> None:
        self.given = given
        self._forward = forward
        self._bounds = bounds
        self._human = {position for position, known in given.items() if known.human}
        guessed = set(given) - self._human
        if guessed and not self._human:
            # Attention needs one frame to hold on to: the one the pass set out from.
            self._human = {min(guessed) if forward else max(guessed)}
        self._passed = guessed - self._human
        self._memories: dict[int, Memory] = {}

    @property
    def memories(self) -> Mapping[int, Memory]:
        return self._memories

    def has_begun(self, at: int) -> bool:
        """Whether a known frame lies at this position or behind it."""
        return any((position <= at) if self._forward else (position >= at) for position in self.given)

    def reach(self, at: int) -> Reach:
        return reach(
            at, forward=self._forward, conditioning=self._human, passed=self._passed, bounds=self._bounds
        )

    def missing(self, within: Reach) -> list[int]:
        """Positions in reach whose memory must be made first."""
        maps = {position for _, position in within.maps}
        return sorted(
            position
            for position in within.positions
            if position not in self._memories or (position in maps and self._memories[position].map is None)
        )

    def learn(self, position: int, memory: Memory) -> None:
        self._memories[position] = memory

    def move_on(self, at: int, memory: Memory, within: Reach) -> None:
        """Remember what was tracked at a position, and forget what no later frame can reach."""
        self._memories[at] = memory
        self._passed.add(at)
        conditioning = within.positions & self._human
        for position in list(self._memories):
            age = abs(at - position) + 1  # as the next frame sees it
            if position in conditioning:
                continue
            if age >= self._bounds.pointers:
                del self._memories[position]
                self._passed.discard(position)
            elif age >= self._bounds.maps:
                self._memories[position] = Memory(None, self._memories[position].pointer)
