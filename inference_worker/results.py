"""The only place that sends: results to the recorder, and a propagation's next chunk to ourselves."""

from __future__ import annotations

from celery import Celery

from inference_worker.protocol.messages import (
    BULK_PRIORITY,
    CLICK_PRIORITY,
    PROPAGATE_PRIORITY,
    PROPAGATE_TASK,
    PROPOSE_TASK,
    RECORD_TASK,
    RESULTS_QUEUE,
    ModelVersion,
    Propagate,
    Propose,
    Result,
    SegmentResult,
    SessionState,
    encode,
)

# A chunk that waited this long was given up by the annotator, who has sent a newer attempt.
CHUNK_EXPIRES = 120  # seconds


class Results:
    """name: this worker's node name. queue: its direct queue. notice: see WorkerInfo."""

    def __init__(self, app: Celery, name: str, queue: str, model: ModelVersion, notice: str) -> None:
        self.model = model
        self.notice = notice
        self._app = app
        self._name = name
        self._queue = queue

    def send(self, result: Result) -> None:
        """Hand a result to the recorder. Raises kombu's OperationalError after a minute without Redis."""
        click = isinstance(result, SegmentResult)
        self._app.send_task(
            RECORD_TASK,
            [encode(result)],
            queue=RESULTS_QUEUE,
            priority=CLICK_PRIORITY if click else PROPAGATE_PRIORITY,
            ignore_result=True,
        )

    def say(self, session: int, state: str) -> None:
        self.send(
            SessionState(
                session=session,
                worker=self._name,
                engine=self.model.label,
                state=state,
                notice=self.notice,
            )
        )

    def send_next_chunk(self, message: Propagate) -> None:
        self._app.send_task(
            PROPAGATE_TASK,
            [encode(message)],
            queue=self._queue,
            priority=BULK_PRIORITY if message.bulk else PROPAGATE_PRIORITY,
            expires=None if message.bulk else CHUNK_EXPIRES,  # what nobody waits for may wait
            ignore_result=True,
        )

    def send_next_unit(self, message: Propose) -> None:
        self._app.send_task(
            PROPOSE_TASK, [encode(message)], queue=self._queue, priority=BULK_PRIORITY, ignore_result=True
        )
