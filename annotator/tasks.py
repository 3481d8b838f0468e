"""Thin tasks: decode, call one service. Their names are protocol."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import Any

from django.db import InterfaceError, OperationalError, close_old_connections

from annotator.celery import app
from annotator.services import (
    auto_runs,
    exports,
    recovery,
    results,
    scores,
    triage,
    verifier_decisions,
    verifier_models,
    videos,
)
from inference_worker.protocol import messages

log = logging.getLogger(__name__)
DATABASE_WAIT_S, DATABASE_RETRY_S = 50.0, 0.3  # within the time after which the broker delivers again
_RECORD: dict[type, Callable[[Any], None]] = {
    messages.SegmentResult: results.record_segment,
    messages.ChunkResult: results.record_chunk,
    messages.ProposeResult: auto_runs.record,
    messages.SessionState: results.record_session,
}


@app.task(name=messages.RECORD_TASK)
def record_result(data: dict[str, Any]) -> None:
    result = messages.decode(data, messages.Result)
    record = _RECORD[type(result)]
    give_up = time.monotonic() + DATABASE_WAIT_S
    while True:
        try:
            return record(result)
        except (OperationalError, InterfaceError) as error:
            # A failed task is not delivered again, and a lost result is work done twice.
            if time.monotonic() > give_up:
                raise
            log.warning("the database is away, the result waits: %s", error)
            close_old_connections()
            time.sleep(DATABASE_RETRY_S)


@app.task(name="annotator.sweep")
def sweep() -> None:
    recovery.sweep()


@app.task(name=videos.INGEST_TASK)
def ingest_video(pk: int) -> None:
    videos.ingest(video_id=pk)


@app.task(name=exports.EXPORT_TASK)
def build_export(pk: int) -> None:
    exports.build(export_id=pk)


@app.task(name=scores.GOLD_TASK)
def score_gold(pk: int) -> None:
    scores.score_gold(pk)


@app.task(name=scores.PAIR_TASK)
def score_pair(pk: int) -> None:
    scores.score_pair(pk)


@app.task(name=triage.DECIDE_TASK)
def let_verifier_decide(pk: int) -> None:
    verifier_decisions.decide(pk)


@app.task(name=verifier_models.TRAIN_TASK)
def train_verifier(pk: int) -> None:
    verifier_models.train(pk)
