"""The sessions that live on this worker: trackers, within a budget of bytes."""

from __future__ import annotations

import logging
import threading
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Protocol

from inference_worker.engines import EngineError, Segmenter, Step, Tracker
from inference_worker.frames import FrameStore, source_key
from inference_worker.protocol.messages import Frames

log = logging.getLogger(__name__)


@dataclass
class Track:
    """A `track` generator between two chunks. rest: the frames of its run it has not given yet."""

    attempt: int
    rest: list[int]
    frames: Iterator[Step]


@dataclass
class Held:
    """One session in memory. tracks: by propagation."""

    session: int
    key: str
    tracker: Tracker
    tracks: dict[int, Track] = field(default_factory=dict)


class Leases(Protocol):
    def claim(self, session: int) -> bool: ...
    def release(self, session: int) -> None: ...


class Announcer(Protocol):
    def say(self, session: int, state: str) -> None: ...


class SessionPool:
    """Everything in it can be made again from the next message.

    One thread holds sessions; another may ask for and drop them (the heartbeat).
    """

    def __init__(
        self, engine: Segmenter, frames: FrameStore, max_bytes: int, leases: Leases, announcer: Announcer
    ) -> None:
        self._engine = engine
        self._frames = frames
        self._max_bytes = max_bytes
        self._leases = leases
        self._announcer = announcer
        self._held: OrderedDict[int, Held] = OrderedDict()  # least recently used first
        self._in_work: list[int] = []  # a session as often as blocks hold it
        self._lock = threading.Lock()

    @contextmanager
    def hold(self, session: int, frames: Frames, *, midway: bool) -> Iterator[Held]:
        """The session's state, opened if need be, safe from eviction until the block ends.

        Blocks may lie within each other, of several sessions and of one.
        midway: the message shows that work was done in this session before.
        A block that fails by anything but EngineError leaves a state that is not to be trusted: it is dropped.
        """
        source = self._frames.source(frames)
        held, is_new = self._enter(session, source_key(frames)), False
        try:
            if held is None:
                is_new = True
                self._leases.claim(session)
                self._announcer.say(session, "rebuilding" if midway else "warming")
                held = self._add(Held(session, source_key(frames), self._engine.open(source)))
            yield held
        except EngineError:
            raise
        except BaseException:
            self.drop(session)
            raise
        finally:
            evicted = self._leave(session)
            for gone in evicted:
                log.info("session %d evicted to make room", gone)
                self._leases.release(gone)
                self._announcer.say(gone, "evicted")
            if is_new:
                self._announcer.say(session, "ready" if session in self.sessions() else "evicted")

    def sessions(self) -> list[int]:
        """The sessions in memory, least recently used first."""
        with self._lock:
            return list(self._held)

    def drop(self, session: int) -> None:
        """Forget the session, if it is here, and give its lease back."""
        with self._lock:
            self._held.pop(session, None)
        self._leases.release(session)

    def drop_idle(self, session: int) -> None:
        """Forget the session unless it is in work."""
        with self._lock:
            if session not in self._in_work:
                self._held.pop(session, None)

    def _enter(self, session: int, key: str) -> Held | None:
        with self._lock:
            self._in_work.append(session)
            held = self._held.get(session)
            if held is None or held.key != key:
                return None
            self._held.move_to_end(session)
            return held

    def _add(self, held: Held) -> Held:
        with self._lock:
            self._held[held.session] = held
            self._held.move_to_end(held.session)
        return held

    def _leave(self, left: int) -> list[int]:
        """The sessions that had to go to make room, now that this one is no longer in work."""
        with self._lock:
            evicted = []
            total = sum(held.tracker.nbytes for held in self._held.values())
            for session, held in list(self._held.items()):
                if total <= self._max_bytes:
                    break
                if session not in self._in_work:
                    total -= held.tracker.nbytes
                    del self._held[session]
                    evicted.append(session)
            self._in_work.remove(left)
            return evicted
