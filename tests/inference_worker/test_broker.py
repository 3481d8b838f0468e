from __future__ import annotations

import pytest
from kombu import Connection

from deploy.local.services import Server
from inference_worker.protocol import broker


def test_a_message_that_could_not_be_acknowledged_does_not_keep_a_worker_from_the_next(
    valkey: Server,
) -> None:
    broker.repair()
    with Connection(valkey.url) as connection:
        channel = connection.channel()
        channel.basic_qos(0, 1, False)
        queue = connection.SimpleQueue("chores", channel=channel)
        queue.put("one")
        message = queue.get(timeout=10)
        assert not channel.qos.can_consume()
        valkey.kill9()
        try:
            with pytest.raises(connection.connection_errors):
                message.ack()
        finally:
            valkey.start()
        assert channel.qos.can_consume()
