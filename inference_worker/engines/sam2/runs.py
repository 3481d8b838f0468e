"""Passes on their way through their frames, alone or several in one batch."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from inference_worker.engines import Step
from inference_worker.engines.sam2.engine import Engine
from inference_worker.engines.sam2.passing import Pass, step_together
from inference_worker.engines.sam2.recall import Recall


class Run(Iterator[Step]):
    """What `track` gives. recall: of the pass's session."""

    def __init__(self, engine: Engine, recall: Recall, passing: Pass, frames: Sequence[int]) -> None:
        self.recall = recall
        self.passing = passing
        self._engine = engine
        self._frames = iter(frames)

    def __next__(self) -> Step:
        (step,) = advance(self._engine, [self])
        if step is None:
            raise StopIteration
        return step

    def take_frame(self) -> int | None:
        """The frame that is due, None at the end; the one after it is due then."""
        return next(self._frames, None)

    def close(self) -> None:
        """End the run where it is."""
        self._frames = iter(())


def advance(engine: Engine, runs: Sequence[Run]) -> list[Step | None]:
    """The next frame of each run, all of them in one batch; None where a run is over."""

    def let_go() -> None:
        for run in runs:
            run.recall.clear()

    frames = [run.take_frame() for run in runs]
    due = [(run.passing, frame) for run, frame in zip(runs, frames, strict=True) if frame is not None]
    with engine.at_work(let_go):
        found = iter(step_together(engine, due))
    return [None if frame is None else (frame, next(found)) for frame in frames]
