"""Waking the CPU workers. The rows say what is to be done; a lost message is found again by the sweep."""

from __future__ import annotations

import logging
from functools import partial

from django.db import transaction

from annotator.celery import CPU_QUEUE, app

log = logging.getLogger(__name__)

EXPIRES_S = 30  # the sweep sends again what nobody began; old wake-ups need not pile up


def wake_on_commit(task: str, pk: int) -> None:
    """Ask a CPU worker to run the named task on row `pk`, once the transaction has committed."""
    transaction.on_commit(partial(_send, task, pk))


def _send(task: str, pk: int) -> None:
    try:
        app.send_task(task, args=[pk], queue=CPU_QUEUE, expires=EXPIRES_S, retry=False)
    except Exception as error:  # kombu and redis raise many kinds when the broker is away
        log.warning("could not send %s(%s), the sweep will: %s", task, pk, error)
