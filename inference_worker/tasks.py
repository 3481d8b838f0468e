"""What can be asked of an inference worker: decode the message, make one call."""

from __future__ import annotations

from typing import Any

from inference_worker.celery import app, runtime
from inference_worker.protocol.messages import (
    CLOSE_TASK,
    PROPAGATE_TASK,
    PROPOSE_TASK,
    SEGMENT_TASK,
    Propagate,
    Propose,
    SegmentFrame,
    decode,
)


@app.task(name=SEGMENT_TASK)
def segment_frame(message: dict[str, Any]) -> None:
    """Not redelivered after a death: the annotator asks again for a click that got no answer."""
    runtime().segment(decode(message, SegmentFrame))


@app.task(name=PROPAGATE_TASK, acks_late=True)
def propagate_chunk(message: dict[str, Any]) -> None:
    runtime().propagate(decode(message, Propagate))


@app.task(name=PROPOSE_TASK, acks_late=True)
def propose_masks(message: dict[str, Any]) -> None:
    runtime().proposing.propose(decode(message, Propose))


@app.task(name=CLOSE_TASK)
def close_session(session: int) -> None:
    runtime().close(session)
