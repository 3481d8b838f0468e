"""The CPU side's Celery app. Queues: `results` (the recorder, with a process of its own) and `cpu`."""

from __future__ import annotations

import os

from celery import Celery
from django.conf import settings

from inference_worker.protocol import messages

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "annotator.settings")

CPU_QUEUE = "cpu"
SWEEP_SECONDS = 2.0

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
    broker_connection_retry_on_startup=True,
    broker_connection_max_retries=None,
    broker_transport_options={
        # Long work says itself that it is alive (rows), so this only has to exceed the longest record.
        "visibility_timeout": 3600,
        "unacked_restore_interval": 1,
        "unacked_restore_throttle": 1,
        "priority_steps": messages.PRIORITY_STEPS,
        "queue_order_strategy": "priority",
        "socket_timeout": 30,
        "socket_connect_timeout": 5,
        "health_check_interval": 10,
    },
    beat_schedule={
        "sweep": {
            "task": "annotator.sweep",
            "schedule": SWEEP_SECONDS,
            "options": {"queue": messages.RESULTS_QUEUE, "expires": SWEEP_SECONDS},
        }
    },
)
app.autodiscover_tasks(["annotator"])
