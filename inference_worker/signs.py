"""What this worker leaves in Redis for others to see: leases, propagations in hand, itself.

With Redis away nobody can object: claims succeed, nobody asks to stop, and the worker goes on.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any, Literal, TypeVar

import redis
from redis.backoff import ConstantBackoff
from redis.retry import Retry

from inference_worker.protocol.messages import (
    LEASE_TTL,
    WORKER_TTL,
    alive_key,
    lease_key,
    stop_key,
    worker_key,
)

log = logging.getLogger(__name__)
T = TypeVar("T")
Asked = Literal["", "stop", "superseded"]

ALIVE_TTL = 6  # seconds
SOCKET_TIMEOUT = 3  # seconds; redis-py's own default retries for a minute

SET_IF_FREE_OR_MINE = """
local held = redis.call('GET', KEYS[1])
if held and held ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[1], 'EX', ARGV[2])
return 1
"""
SET_UNLESS_NEWER = """
local held = tonumber(redis.call('GET', KEYS[1]) or '0')
if held > tonumber(ARGV[1]) then return 0 end
redis.call('SET', KEYS[1], ARGV[1], 'EX', ARGV[2])
return 1
"""
DELETE_IF_MINE = """
if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) end
return 1
"""


def connect(url: str) -> redis.Redis:
    """A client that gives up on a silent server within seconds and reconnects by itself."""
    return redis.Redis(
        connection_pool=redis.BlockingConnectionPool.from_url(
            url,
            max_connections=4,
            timeout=SOCKET_TIMEOUT,
            socket_timeout=SOCKET_TIMEOUT,
            socket_connect_timeout=SOCKET_TIMEOUT,
            health_check_interval=15,
            retry=Retry(ConstantBackoff(0.05), 1),
            decode_responses=True,
        )
    )


class Signs:
    """queue: the name of this worker's direct queue, which its leases hold. alive, stop: the keys that
    belong to a propagation, or to whatever else is taken in hand by a number."""

    def __init__(
        self,
        client: redis.Redis,
        queue: str,
        alive: Callable[[int], str] = alive_key,
        stop: Callable[[int], str] = stop_key,
    ) -> None:
        self.queue = queue
        self._client = client
        self._alive, self._stop = alive, stop
        self._set_if_free_or_mine = client.register_script(SET_IF_FREE_OR_MINE)
        self._set_unless_newer = client.register_script(SET_UNLESS_NEWER)
        self._delete_if_mine = client.register_script(DELETE_IF_MINE)
        self._away = False

    def claim(self, session: int) -> bool:
        """Take or renew the session's lease. False: it lives with another worker."""
        args: list[str | int] = [self.queue, LEASE_TTL]
        return bool(self._try(lambda: self._set_if_free_or_mine([lease_key(session)], args), 1))

    def release(self, session: int) -> None:
        self._try(lambda: self._delete_if_mine([lease_key(session)], [self.queue]), None)

    def take(self, propagation: int, attempt: int) -> bool:
        """Say that the propagation is in hand. False: a newer attempt is, somewhere."""
        args = [attempt, ALIVE_TTL]
        return bool(self._try(lambda: self._set_unless_newer([self._alive(propagation)], args), 1))

    def let_go(self, propagation: int, attempt: int) -> None:
        self._try(lambda: self._delete_if_mine([self._alive(propagation)], [attempt]), None)

    def asked(self, propagation: int, attempt: int) -> Asked:
        """Whether somebody wants this attempt to end, and how."""
        keys = [self._stop(propagation), self._alive(propagation)]
        stop, alive = self._try(lambda: self._client.mget(keys), (None, None))
        if alive is not None and int(alive) > attempt:
            return "superseded"
        return "stop" if stop is not None else ""

    def present(self, info: bytes, name: str) -> None:
        """info: WorkerInfo as JSON."""
        self._try(lambda: self._client.set(worker_key(name), info, ex=WORKER_TTL), None)

    def depart(self, name: str) -> None:
        self._try(lambda: self._client.delete(worker_key(name)), None)

    def _try(self, act: Callable[[], Any], otherwise: T) -> Any | T:
        try:
            done = act()
        except redis.RedisError as error:
            if not self._away:
                log.warning("Redis is away (%s): going on without it, trying again", error)
            self._away = True
            return otherwise
        if self._away:
            log.info("Redis is back")
        self._away = False
        return done
