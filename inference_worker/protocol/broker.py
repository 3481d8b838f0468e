"""How both sides use the broker: the same priorities, quick redelivery, and one repair to kombu."""

from __future__ import annotations

from typing import Any

from kombu.transport import redis, virtual

from inference_worker.protocol.messages import PRIORITY_STEPS


def transport_options(redeliver_after: int) -> dict[str, Any]:
    """Celery's broker_transport_options for a worker's app.

    redeliver_after: seconds; longer than any of the worker's tasks, or a healthy one is run twice.
    """
    return {
        "priority_steps": PRIORITY_STEPS,
        "queue_order_strategy": "priority",
        "visibility_timeout": redeliver_after,
        "unacked_restore_interval": 1,
        "unacked_restore_throttle": 1,
        "socket_connect_timeout": 5,
        "socket_keepalive": True,
    }


def waiting_key(queue: str, priority: int) -> str:
    """The Redis list in which kombu keeps what waits in a queue with one of PRIORITY_STEPS."""
    return f"{queue}\x06\x16{priority}" if priority else queue


class QoS(redis.QoS):
    """Counts a message as done also when Redis was away as it was acknowledged.

    Kombu goes on counting it, Celery only logs the error: with a prefetch of one and a server
    that is back before anybody polls it, such a worker never takes a message again. The message
    itself comes back after the visibility timeout, and is let go as outdated.
    """

    def ack(self, delivery_tag: str) -> None:
        try:
            super().ack(delivery_tag)
        except Exception:
            virtual.QoS.ack(self, delivery_tag)
            raise


def repair() -> None:
    """Let every connection made from now on count like that."""
    redis.Channel.QoS = QoS
