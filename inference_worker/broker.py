"""One repair to kombu's Redis transport, for workers that take one message at a time."""

from __future__ import annotations

from kombu.transport import redis, virtual


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
