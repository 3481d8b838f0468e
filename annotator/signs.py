"""Signs of life in Redis of what works behind the pages; the inference workers give their own (WorkerInfo)."""

from __future__ import annotations

from annotator.redis import client

PARTS = RECORDER, CLOCK, CPU_WORKER = "recorder", "clock", "cpu_worker"
TTL = 10  # seconds that a sign stays, renewed every PERIOD
PERIOD = 2.0  # seconds
SWEEP_TTL = 30  # seconds: what the clock asks for waits behind results, and late sweeps are left out


def give(part: str, seconds: int = TTL) -> None:
    client().set(_key(part), 1, ex=seconds)


def silent() -> set[str]:
    """The parts that gave no sign of life of late. Raises redis.RedisError when Redis is away."""
    values = client().mget([_key(part) for part in PARTS])
    missing = {part for part, value in zip(PARTS, values, strict=True) if value is None}
    # The recorder does what the clock asks for: without it, nobody can tell of the clock.
    return missing - {CLOCK} if RECORDER in missing else missing


def _key(part: str) -> str:
    return f"maskloom:sign:{part}"
