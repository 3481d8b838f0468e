"""One Redis client per process and kind, with time-outs that fit what it does.

Typed Any: the library types every answer as bytes or str or awaitable, whatever the client decodes.
"""

from __future__ import annotations

import functools
from typing import Any

import redis
import redis.asyncio
from django.conf import settings
from redis.backoff import ExponentialBackoff
from redis.retry import Retry

_SECONDS = 3


@functools.cache
def client() -> Any:
    """For short commands; answers str. A server that is away for a moment is tried again."""
    pool = redis.BlockingConnectionPool.from_url(
        settings.REDIS_URL,
        max_connections=32,
        timeout=_SECONDS,
        decode_responses=True,
        socket_timeout=_SECONDS,
        socket_connect_timeout=_SECONDS,
        health_check_interval=10,
        retry=Retry(ExponentialBackoff(cap=0.5, base=0.02), 3),
    )
    return redis.Redis(connection_pool=pool)


def async_client() -> Any:
    """For the streams of one event loop; blocking reads have no socket time-out."""
    pool = redis.asyncio.BlockingConnectionPool.from_url(
        settings.REDIS_URL, max_connections=32, timeout=_SECONDS, decode_responses=True, socket_timeout=None
    )
    return redis.asyncio.Redis(connection_pool=pool)
