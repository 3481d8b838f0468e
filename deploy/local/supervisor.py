"""Keeps all processes running: what dies is started again, and all stop in order."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from threading import Event

from deploy.local.errors import StartError
from deploy.local.processes import Process

_LOOK_EVERY = 0.2  # seconds
_FIRST_PAUSE, _LONGEST_PAUSE = 0.2, 10.0  # seconds before a process that ended is started again
_HEALTHY_AFTER = 30.0  # seconds after which earlier ends are forgotten
_TIGHT = 50_000_000  # bytes


@dataclass
class Kept:
    """A process to keep. start: how; pause: seconds before the next restart."""

    process: Process
    start: Callable[[], None]
    pause: float = _FIRST_PAUSE
    started: float = 0.0
    due: float | None = None


class Supervisor:
    """Starts stages in the order given, stops them in the opposite one; a stage stops at once."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self._say = say
        self._stages: list[list[Kept]] = []

    def add(self, stage: Sequence[tuple[Process, Callable[[], None]]]) -> None:
        """Take over a stage; what does not run yet is started."""
        kept = [Kept(process, start, started=time.monotonic()) for process, start in stage]
        self._stages.append(kept)
        for one in kept:
            if one.process.pid is None:
                one.start()

    def run(self, until: Event) -> None:
        """Return when `until` is set; until then nothing stays dead."""
        while not until.wait(_LOOK_EVERY):
            self.look()

    def look(self) -> None:
        """Start again what ended and is due."""
        now = time.monotonic()
        for kept in (one for stage in self._stages for one in stage):
            if kept.process.pid is not None:
                continue
            if kept.due is None:
                self._plan(kept, now)
            elif now >= kept.due:
                self._restart(kept, now)

    def stop(self, timeout: float) -> None:
        """All stopped when this returns, latest stage first. timeout: seconds given to each stage."""
        while self._stages:
            stage = self._stages.pop()
            for kept in stage:
                kept.process.ask_to_stop()
            deadline = time.monotonic() + timeout
            for kept in stage:
                kept.process.stop(max(0.0, deadline - time.monotonic()))

    def _plan(self, kept: Kept, now: float) -> None:
        if now - kept.started > _HEALTHY_AFTER:
            kept.pause = _FIRST_PAUSE
        kept.due = now + kept.pause
        self._say(
            f"{kept.process.name} ended (status {kept.process.exit_status}); starting it again in "
            f"{kept.pause:.1f} s. Log: {kept.process.log}"
        )
        free = shutil.disk_usage(kept.process.log.parent).free
        if free < _TIGHT:
            self._say(f"The disk of {kept.process.log.parent} is full: make room, and it goes on by itself.")
        kept.pause = min(2 * kept.pause, _LONGEST_PAUSE)

    def _restart(self, kept: Kept, now: float) -> None:
        kept.started, kept.due = now, None
        try:
            kept.start()
        except (StartError, OSError) as error:
            self._say(f"{kept.process.name} could not be started: {error}")
            kept.due = now + _LONGEST_PAUSE
