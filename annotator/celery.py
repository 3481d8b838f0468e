"""The CPU side's Celery app. Queues: `results` (the recorder, with a process of its own) and `cpu`."""

from __future__ import annotations

import os
from typing import Any

from celery import Celery, bootsteps
from django.conf import settings

from annotator import signs
from inference_worker.protocol import broker, messages

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "annotator.settings")

CPU_QUEUE = "cpu"
SWEEP_SECONDS = 2.0
_READS = {messages.RESULTS_QUEUE: signs.RECORDER, CPU_QUEUE: signs.CPU_WORKER}

broker.repair()
app = Celery("annotator")
app.conf.update(
    broker_url=settings.REDIS_URL,
    task_ignore_result=True,
    task_serializer="json",
    accept_content=["json"],
    task_default_queue=CPU_QUEUE,
    task_acks_late=True,
    task_reject_on_worker_lost=True,
    worker_prefetch_multiplier=1,
    worker_hijack_root_logger=False,
    worker_send_task_events=False,
    worker_enable_remote_control=False,
    broker_connection_retry_on_startup=True,
    broker_connection_max_retries=None,
    # An ingest takes longer and is delivered again; its row says that it is in hand, and nothing happens twice.
    broker_transport_options=broker.transport_options(60),
    beat_schedule={
        "sweep": {
            "task": "annotator.sweep",
            "schedule": SWEEP_SECONDS,
            "options": {"queue": messages.RESULTS_QUEUE, "expires": SWEEP_SECONDS},
        }
    },
)
app.autodiscover_tasks(["annotator"])


class Sign(bootsteps.StartStopStep):
    """Says that this worker's queues are read, from the loop that takes their messages."""

    requires = ("celery.worker.consumer.tasks:Tasks",)

    def start(self, parent: Any) -> None:
        for queue in parent.app.amqp.queues.consume_from:
            signs.give(_READS[queue])
            parent.timer.call_repeatedly(signs.PERIOD, signs.give, (_READS[queue],))


app.steps["consumer"].add(Sign)
