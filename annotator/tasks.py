"""Thin tasks: decode, call one service. Their names are protocol."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from annotator.celery import app
from annotator.services import exports, recovery, results, videos
from inference_worker.protocol import messages

_RECORD: dict[type, Callable[[Any], None]] = {
    messages.SegmentResult: results.record_segment,
    messages.ChunkResult: results.record_chunk,
    messages.SessionState: results.record_session,
}


@app.task(name=messages.RECORD_TASK)
def record_result(data: dict[str, Any]) -> None:
    result = messages.decode(data, messages.Result)
    _RECORD[type(result)](result)


@app.task(name="annotator.sweep")
def sweep() -> None:
    recovery.sweep()


@app.task(name=videos.INGEST_TASK)
def ingest_video(pk: int) -> None:
    videos.ingest(video_id=pk)


@app.task(name=exports.EXPORT_TASK)
def build_export(pk: int) -> None:
    exports.build(export_id=pk)
