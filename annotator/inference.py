"""The only door to the inference workers: names and messages, no engine."""

from __future__ import annotations

import functools
import logging
from typing import Any

import msgspec
import redis
from celery import Celery
from django.conf import settings

from annotator.redis import client
from inference_worker.protocol import broker, messages

log = logging.getLogger(__name__)


def segment(message: messages.SegmentFrame, *, expires_s: float) -> bool:
    """Send a click to the worker that holds the session, else to any. False when the broker is away."""
    return _send(messages.SEGMENT_TASK, message, message.session, messages.CLICK_PRIORITY, expires_s)


def propagate(message: messages.Propagate) -> bool:
    """Send a propagation's next chunk; the worker goes on from there by itself. Bulk goes to any worker."""
    if message.bulk:
        return _send_bulk(messages.PROPAGATE_TASK, message)
    return _send(messages.PROPAGATE_TASK, message, message.session, messages.PROPAGATE_PRIORITY, None)


def propose(message: messages.Propose) -> bool:
    """Send an auto run's next unit, behind everything that people wait for."""
    return _send_bulk(messages.PROPOSE_TASK, message)


def close_session(session: int) -> None:
    """Let the worker that holds the session forget it. Nothing happens when there is none."""
    queue = _lease(session)
    if queue:
        _publish(messages.CLOSE_TASK, [session], queue, messages.CLICK_PRIORITY, 60)


def raise_stop(propagation: int) -> None:
    """Ask whichever worker has the propagation to end after the frame in work."""
    _quietly(lambda: client().set(messages.stop_key(propagation), 1, ex=3600))


def lower_stop(propagation: int) -> None:
    _quietly(lambda: client().delete(messages.stop_key(propagation)))


def raise_run_stop(run: int) -> None:
    """Ask whichever worker proposes masks for this auto run to end after the unit in work."""
    _quietly(lambda: client().set(messages.stop_run_key(run), 1, ex=3600))


def lower_run_stop(run: int) -> None:
    _quietly(lambda: client().delete(messages.stop_run_key(run)))


def in_hand(propagations: list[int]) -> set[int]:
    """Those of the propagations that a living worker is at. Raises redis.RedisError when Redis is away."""
    return _alive({pk: messages.alive_key(pk) for pk in propagations})


def runs_in_hand(runs: list[int]) -> set[int]:
    """Those of the auto runs for which a living worker proposes masks. Raises redis.RedisError."""
    return _alive({pk: messages.alive_run_key(pk) for pk in runs})


def bulk_waits() -> bool:
    """Whether work that nobody waits for lies in the shared queue, so that it is not lost. Raises redis.RedisError."""
    return bool(client().exists(broker.waiting_key(messages.INFERENCE_QUEUE, messages.BULK_PRIORITY)))


def answers_wait(priority: int) -> bool:
    """Whether the workers' answers of this priority wait to be recorded. Raises redis.RedisError."""
    return bool(client().exists(broker.waiting_key(messages.RESULTS_QUEUE, priority)))


def leased(session: int) -> bool:
    """Whether a living worker holds the session."""
    return _lease(session) is not None


def workers() -> list[messages.WorkerInfo]:
    """The inference workers that gave a sign of life in the last seconds."""
    keys = list(client().scan_iter(match=messages.worker_key("*"), count=1000))
    values = client().mget(keys) if keys else []
    return [msgspec.json.decode(value, type=messages.WorkerInfo) for value in values if value]


def _alive(keys: dict[int, str]) -> set[int]:
    if not keys:
        return set()
    values = client().mget(list(keys.values()))
    return {pk for pk, value in zip(keys, values, strict=True) if value is not None}


def _send(task: str, message: messages.Message, session: int, priority: int, expires_s: float | None) -> bool:
    queue = _lease(session) or messages.INFERENCE_QUEUE
    return _publish(task, [messages.encode(message)], queue, priority, expires_s)


def _send_bulk(task: str, message: messages.Message) -> bool:
    """To the shared queue, where `bulk_waits` sees it until a worker begins on it."""
    encoded = messages.encode(message)
    return _publish(task, [encoded], messages.INFERENCE_QUEUE, messages.BULK_PRIORITY, None)


def _publish(task: str, args: list[Any], queue: str, priority: int, expires_s: float | None) -> bool:
    try:
        _app().send_task(task, args=args, queue=queue, priority=priority, expires=expires_s, retry=False)
    except Exception as error:  # kombu and redis raise many kinds; the sweep sends again from the rows
        log.warning("could not send %s to %s: %s", task, queue, error)
        return False
    return True


def _lease(session: int) -> str | None:
    return _quietly(lambda: client().get(messages.lease_key(session)))


def _quietly(command: Any) -> Any:
    """None when Redis is away: the rows are the truth, and the sweep finds what was missed."""
    try:
        return command()
    except redis.RedisError as error:
        log.warning("Redis is away: %s", error)
        return None


@functools.cache
def _app() -> Celery:
    app = Celery("annotator-to-inference", broker=settings.REDIS_URL)
    app.conf.update(
        task_ignore_result=True,
        broker_transport_options={
            "priority_steps": messages.PRIORITY_STEPS,
            "socket_timeout": 3,
            "socket_connect_timeout": 3,
        },
    )
    # Direct queues are declared by their workers; here a queue is only a name to send to.
    app.conf.task_create_missing_queues = True
    return app
