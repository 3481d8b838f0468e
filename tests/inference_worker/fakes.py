"""Stand-ins for what lies around the pool and the chunk: an engine, leases, a listener."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from inference_worker.engines import (
    NOTHING_KNOWN,
    EngineError,
    FrameSource,
    Known,
    Segmented,
    Step,
    one_by_one,
)
from inference_worker.protocol.messages import ModelVersion, Prompt


@dataclass
class FakeTracker:
    """Every mask is a full frame. opened: the known frames with which each `track` began, by object;
    asked: those that came with each `segment`."""

    size: tuple[int, int]
    nbytes: int = 10
    opened: list[dict[int, list[int]]] = field(default_factory=list)
    asked: list[dict[int, Known]] = field(default_factory=list)
    breaks_at: int | None = None
    error: Exception = field(default_factory=lambda: EngineError("The engine tripped.", retryable=True))

    def segment(
        self,
        object_id: int,
        frame_index: int,
        prompts: Sequence[Prompt],
        previous: np.ndarray | None,
        known: Mapping[int, Known] = NOTHING_KNOWN,
    ) -> Segmented:
        self.asked.append(dict(known))
        return Segmented(np.ones(self.size, bool), 1.0)

    def track(self, frames: Sequence[int], known: Mapping[int, Mapping[int, Known]]) -> Iterator[Step]:
        self.opened.append({masklet: sorted(given) for masklet, given in known.items()})
        assert all(each.mask.shape == self.size for given in known.values() for each in given.values())
        for frame in frames:
            if frame == self.breaks_at:
                raise self.error
            yield frame, {masklet: Segmented(np.ones(self.size, bool), 0.5) for masklet in known}


class FakeEngine:
    """advanced: of how many passes each `advance` was."""

    version = ModelVersion(engine="fake")

    def __init__(self, together: int = 1) -> None:
        self.together = together
        self.trackers: list[FakeTracker] = []
        self.advanced: list[int] = []

    def advance(self, tracks: Sequence[Iterator[Step]]) -> list[Step | None]:
        self.advanced.append(len(tracks))
        return one_by_one(tracks)

    def open(self, frames: FrameSource) -> FakeTracker:
        self.trackers.append(FakeTracker(frames.size))
        return self.trackers[-1]


class Witness:
    """Takes leases and announcements down, as ("claim", 1) and (1, "warming")."""

    def __init__(self) -> None:
        self.leases: list[tuple[str, int]] = []
        self.said: list[tuple[int, str]] = []

    def claim(self, session: int) -> bool:
        self.leases.append(("claim", session))
        return True

    def release(self, session: int) -> None:
        self.leases.append(("release", session))

    def say(self, session: int, state: str) -> None:
        self.said.append((session, state))
