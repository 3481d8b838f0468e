"""What the pages are told as it happens. One Redis Stream per session; an entry's id is the event's id.

Only services publish, and only on commit. Losing the stream loses nothing but liveness: a reader
whose last id is no longer there is told to fetch the snapshot again, and so is every reader of a
session that missed an event while Redis was away.
"""

from __future__ import annotations

import asyncio
import json
import logging
import threading
import time
from collections.abc import AsyncIterator, Iterable
from functools import partial
from typing import Any

import redis
from django.db import transaction

from annotator.redis import async_client, client

log = logging.getLogger(__name__)

KEEP = 5000  # entries per stream: minutes of work
EXPIRE_S = 24 * 3600
KEEP_ALIVE_S = 15.0
BATCH = 500  # entries read at a time
POKES = "maskloom:poke"
RESET_EVERY_S = 0.5  # between tries, while Redis is away

KINDS = frozenset({"change", "masks", "propagation", "masklet", "session", "click_failed", "thread", "reset"})


def stream_key(session: int) -> str:
    return f"maskloom:events:{session}"


def publish_on_commit(sessions: Iterable[int], kind: str, data: dict[str, Any]) -> None:
    """Add one event to the stream of each session once the transaction has committed."""
    if kind not in KINDS:
        raise ValueError(f"{kind} is not an event that docs/api.md knows")
    transaction.on_commit(partial(_publish, list(sessions), kind, json.dumps(data)))


def last_id(session: int) -> str:
    """The id of the newest event, "0-0" when there is none (or Redis is away)."""
    try:
        newest = client().xrevrange(stream_key(session), count=1)
    except redis.RedisError:
        return "0-0"
    return newest[0][0] if newest else "0-0"


def _publish(sessions: list[int], kind: str, data: str) -> None:
    try:
        _add(sessions, kind, data)
    except redis.RedisError as error:
        log.warning("an event of %s was not published, a reset will be: %s", sessions, error)
        _resets.owe(sessions)


def _add(sessions: Iterable[int], kind: str, data: str) -> None:
    pipe = client().pipeline(transaction=False)
    for session in sessions:
        pipe.xadd(stream_key(session), {"kind": kind, "data": data}, maxlen=KEEP, approximate=True)
        pipe.expire(stream_key(session), EXPIRE_S)
        pipe.publish(POKES, session)
    pipe.execute()


class _Resets:
    """Readers who missed an event while Redis was away, told so by a thread of its own once it is back."""

    def __init__(self) -> None:
        self._owed: set[int] = set()
        self._paying = False
        self._lock = threading.Lock()

    def owe(self, sessions: Iterable[int]) -> None:
        with self._lock:
            self._owed.update(sessions)
            if not self._paying:
                self._paying = True
                threading.Thread(target=self._pay, name="resets", daemon=True).start()

    def _pay(self) -> None:
        while True:
            time.sleep(RESET_EVERY_S)
            with self._lock:
                owed, self._owed = self._owed, set()
                if not owed:
                    self._paying = False
                    return
            try:
                _add(owed, "reset", "{}")
            except redis.RedisError:
                with self._lock:
                    self._owed |= owed


_resets = _Resets()


class Hub:
    """The streams of one event loop: a single subscription wakes whichever reader has news."""

    def __init__(self) -> None:
        self._redis = async_client()
        self._waiting: dict[int, set[asyncio.Event]] = {}
        self._pump: asyncio.Task[None] | None = None

    async def read(self, session: int, after: str) -> AsyncIterator[tuple[str, str, str] | None]:
        """(id, kind, data as JSON text) of each event after `after`, for ever; None keeps the line alive.

        First yields a `reset` when `after` is older than what the stream still has, or from another life of it.
        """
        woken = asyncio.Event()
        self._waiting.setdefault(session, set()).add(woken)
        self._start()
        try:
            if await self._lost(session, after):
                after = await self._newest(session)
                yield after, "reset", "{}"
            while True:
                woken.clear()
                entries = await self._since(session, after)
                for entry, fields in entries:
                    after = entry
                    yield entry, fields["kind"], fields["data"]
                if len(entries) == BATCH:
                    continue
                try:
                    await asyncio.wait_for(woken.wait(), KEEP_ALIVE_S)
                except TimeoutError:
                    yield None
        finally:
            self._waiting[session].discard(woken)
            if not self._waiting[session]:
                del self._waiting[session]

    async def _since(self, session: int, after: str) -> list[tuple[str, dict[str, str]]]:
        try:
            return await self._redis.xrange(stream_key(session), min=f"({after}", count=BATCH)
        except redis.RedisError:
            return []  # the pump wakes every reader once Redis is back

    async def _newest(self, session: int) -> str:
        newest = await self._redis.xrevrange(stream_key(session), count=1)
        return newest[0][0] if newest else "0-0"

    async def _lost(self, session: int, after: str) -> bool:
        """Whether events after `after` may be missing from the stream."""
        if after == "0-0":
            return False
        oldest = await self._redis.xrange(stream_key(session), count=1)
        if not oldest:
            return True
        newest = await self._newest(session)
        return _order(after) < _order(oldest[0][0]) or _order(after) > _order(newest)

    def _start(self) -> None:
        if self._pump is None or self._pump.done():
            self._pump = asyncio.get_running_loop().create_task(self._listen())

    async def _listen(self) -> None:
        while True:
            try:
                async with self._redis.pubsub() as subscription:
                    await subscription.subscribe(POKES)
                    self._wake_all()
                    async for message in subscription.listen():
                        if message["type"] == "message":
                            self._wake(int(message["data"]))
            except (redis.RedisError, OSError):
                await asyncio.sleep(0.5)

    def _wake(self, session: int) -> None:
        for event in self._waiting.get(session, ()):
            event.set()

    def _wake_all(self) -> None:
        for session in self._waiting:
            self._wake(session)


_hubs: dict[asyncio.AbstractEventLoop, Hub] = {}


def hub() -> Hub:
    """The running event loop's hub."""
    loop = asyncio.get_running_loop()
    for other in [known for known in _hubs if known.is_closed()]:
        del _hubs[other]
    return _hubs.setdefault(loop, Hub()) if loop not in _hubs else _hubs[loop]


def _order(entry: str) -> tuple[int, int]:
    head, _, tail = entry.partition("-")
    return int(head), int(tail or 0)
