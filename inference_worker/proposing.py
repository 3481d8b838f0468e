"""What a worker does with a Propose: one unit of it at a time, so that it keeps nobody waiting."""

from __future__ import annotations

import logging
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

import msgspec

from inference_worker import auto_masklets
from inference_worker.auto_masklets import Grid, Raw
from inference_worker.engines import EngineError, Proposer
from inference_worker.protocol.messages import Propose, Proposed, ProposeResult
from inference_worker.results import Results
from inference_worker.session_pool import SessionPool
from inference_worker.signs import Signs

log = logging.getLogger(__name__)

POINTS_AT_ONCE = 16  # a processor takes half a second for them; a GPU does many such batches in a unit
IN_HAND_S = 600.0  # people may keep a worker busy for that long before the next unit's turn comes
REMEMBERED = 1024


@dataclass
class _Memory:
    """What this worker knows of a run: units before `points` are outdated. raw: of the window in work,
    None where that is not known."""

    attempt: int
    points: int
    raw: list[Raw] | None
    since: float = 0.0
    in_work: bool = True
    ended: bool = False


class Proposing:
    """Used by one thread; `beat` and `let_go` are the heartbeat's."""

    def __init__(
        self,
        pool: SessionPool,
        signs: Signs,
        results: Results,
        unit_seconds: float,
        sentence: Callable[[Exception], str],
    ) -> None:
        self._pool = pool
        self._signs = signs
        self._results = results
        self._unit_seconds = unit_seconds
        self._sentence = sentence
        self._runs: OrderedDict[int, _Memory] = OrderedDict()
        self._lock = threading.Lock()

    def propose(self, message: Propose) -> None:
        """Work off one unit, report it, then send the rest to this worker's own queue."""
        memory = self._begin(message)
        if memory is None:
            log.info("unit auto-run=%d attempt=%d is outdated", message.run, message.attempt)
            return
        ended = True
        try:
            asked = self._signs.asked(message.run, message.attempt)
            if asked == "superseded":
                return
            unit = Unit(message, memory.raw)
            if not asked:
                self._work(unit)
            self._report(unit, "stopped" if asked else unit.state)
            if not asked and unit.state == "running":
                ended = False
                memory.raw, memory.points = unit.raw, unit.points
                self._results.send_next_unit(unit.rest())
        finally:  # also of one whose results could not be sent: the annotator sends it again
            with self._lock:
                memory.in_work, memory.ended, memory.since = False, ended, time.monotonic()
                memory.raw = None if ended else memory.raw

    def beat(self) -> None:
        """Say again what is in work here, or about to be."""
        for run, attempt in self._in_hand():
            self._signs.take(run, attempt)

    def let_go(self) -> None:
        """Take back what was said, so that another worker goes on at once."""
        for run, attempt in self._in_hand():
            self._signs.let_go(run, attempt)

    def _in_hand(self) -> list[tuple[int, int]]:
        now = time.monotonic()
        with self._lock:
            return [
                (run, memory.attempt)
                for run, memory in self._runs.items()
                if memory.in_work or (not memory.ended and now - memory.since < IN_HAND_S)
            ]

    def _begin(self, message: Propose) -> _Memory | None:
        with self._lock:
            known = self._runs.get(message.run)
            raw = None
            if known is not None:
                if (known.attempt, known.points) > (message.attempt, message.points):
                    return None
                if known.attempt == message.attempt:
                    if known.ended:
                        return None
                    raw = known.raw if known.points == message.points else None
            memory = self._runs[message.run] = _Memory(message.attempt, message.points, raw)
            self._runs.move_to_end(message.run)
            if len(self._runs) > REMEMBERED:
                self._runs.popitem(last=False)
        if self._signs.take(message.run, message.attempt):
            return memory
        memory.in_work, memory.ended = False, True
        return None

    def _work(self, unit: Unit) -> None:
        try:
            with self._pool.hold(unit.message.session, unit.message.frames, midway=unit.points > 0) as held:
                if not isinstance(held.tracker, Proposer):
                    raise EngineError("This engine cannot propose masks.")
                unit.work(held.tracker, self._unit_seconds)
        except Exception as failure:
            unit.state, unit.failure = "failed", failure

    def _report(self, unit: Unit, state: str) -> None:
        message, failure = unit.message, unit.failure
        result = ProposeResult(
            session=message.session,
            run=message.run,
            attempt=message.attempt,
            model=self._results.model,
            points=unit.points,
            engine_ms=unit.engine_ms,
            done=unit.done if unit.done.points > message.done.points or state == "finished" else None,
            state=state,
            error=self._sentence(failure) if failure else "",
            retryable=isinstance(failure, EngineError) and failure.retryable,
        )
        self._results.send(result)
        log.info(
            "unit session=%d auto-run=%d attempt=%d %s points=%d found=%d%s",
            message.session,
            message.run,
            message.attempt,
            state,
            unit.points,
            len(unit.done.found),
            f" error={result.error}" if result.error else "",
        )


class Unit:
    """Works off some of a message's points. What it holds is right at any moment, also after a failure.

    done: of the windows that are through. raw: of the one in work; where it is not remembered that window
    begins again. points: how many are done in all. engine_ms: what the engine took for those of this unit.
    """

    def __init__(self, message: Propose, raw: list[Raw] | None) -> None:
        self.message = message
        self.done = message.done
        self.raw = list(raw or ())
        self.points = message.done.points if raw is None else message.points
        self.engine_ms = 0.0
        self.state = "running"
        self.failure: Exception | None = None
        self._size = (message.frames.height, message.frames.width)

    def work(self, proposer: Proposer, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        """Ask about points until the time is over or all are done, about some at least."""
        deadline = clock() + seconds
        while self.state == "running":
            self._some(proposer)
            if clock() >= deadline:
                return

    def rest(self) -> Propose:
        """What is left of the message."""
        return msgspec.structs.replace(self.message, done=self.done, points=self.points)

    def _some(self, proposer: Proposer) -> None:
        settings = self.message.settings
        grid, start = self._at()
        points = grid.points[start : start + POINTS_AT_ONCE]
        began = time.perf_counter()
        proposals = proposer.propose(self.message.frame_index, grid.window, points, settings.stability_offset)
        self.engine_ms += (time.perf_counter() - began) * 1000
        self.raw += auto_masklets.worthy(proposals, grid, self._size, settings)
        self.points += len(points)
        if start + len(points) == len(grid.points):
            self._close_window()
        if self.points == settings.points:
            found = auto_masklets.best_of_all(self.done.found, self.message.known, self._size, settings)
            self.done = msgspec.structs.replace(self.done, found=found)
            self.state = "finished"

    def _at(self) -> tuple[Grid, int]:
        """The window in work, and how many of its points are done."""
        left = self.points
        for grid in auto_masklets.grids(self._size, self.message.settings):
            if left < len(grid.points):
                return grid, left
            left -= len(grid.points)
        raise EngineError("All points were asked about already.")

    def _close_window(self) -> None:
        found = auto_masklets.best_of_window(self.raw, self._size, self.message.settings)
        self.done = Proposed(
            points=self.points,
            candidates=self.done.candidates + len(self.raw),
            found=[*self.done.found, *found],
        )
        self.raw = []
