"""The Celery app of the inference workers.

    celery -A inference_worker worker -P threads -c 1 -Q inference --without-gossip --without-mingle -n NAME

One thread, because a GPU does one thing at a time; not prefork, because CUDA does not survive a fork.
"""

from __future__ import annotations

import logging
import os
from typing import Any

from celery import Celery, bootsteps, signals
from celery.utils.nodenames import worker_direct

from inference_worker.chains import Chains
from inference_worker.config import ConfigError, from_env
from inference_worker.engines import Compilable, EngineError, Segmenter, registry
from inference_worker.frames import FrameStore
from inference_worker.heartbeat import Heartbeat
from inference_worker.protocol import broker
from inference_worker.protocol.messages import (
    INFERENCE_QUEUE,
    PROPAGATE_PRIORITY,
    WorkerInfo,
    alive_run_key,
    stop_run_key,
)
from inference_worker.results import Results
from inference_worker.runtime import Runtime
from inference_worker.session_pool import SessionPool
from inference_worker.signs import Signs, connect

# Longer than any chunk or click: a healthy task that takes longer is run twice.
REDELIVER_AFTER = 60  # seconds

try:
    config = from_env(os.environ)
except ConfigError as error:
    raise SystemExit(str(error)) from None

broker.repair()
app = Celery("inference_worker", broker=config.redis_url, include=["inference_worker.tasks"])
app.conf.update(
    accept_content=["json"],
    task_serializer="json",
    task_ignore_result=True,
    task_default_queue=INFERENCE_QUEUE,
    task_default_priority=PROPAGATE_PRIORITY,
    task_publish_retry_policy={
        "max_retries": 60,
        "interval_start": 0,
        "interval_step": 0.2,
        "interval_max": 1,
    },
    worker_direct=True,
    worker_prefetch_multiplier=1,
    worker_enable_remote_control=False,
    worker_hijack_root_logger=True,
    broker_connection_retry_on_startup=True,
    broker_connection_max_retries=None,
    broker_transport_options=broker.transport_options(REDELIVER_AFTER),
)


class Worker:
    """What is alive in this process, between worker_init and worker_shutdown."""

    def __init__(self, name: str, engine: Segmenter, notice: str) -> None:
        self.name = name
        self.engine = engine
        self.warming = config.compile and isinstance(engine, Compilable)
        self.queue = worker_direct(name).name
        client = connect(config.redis_url)
        self.signs = Signs(client, self.queue)
        run_signs = Signs(client, self.queue, alive_run_key, stop_run_key)
        self._results = results = Results(app, name, self.queue, engine.version, notice)
        frames = FrameStore(config.media_root, config.frames_url_prefix)
        pool = SessionPool(engine, frames, config.pool_bytes, self.signs, results)
        self.runtime = Runtime(engine, pool, Chains(), self.signs, run_signs, results, config.chunk_seconds)
        self.heartbeat = Heartbeat(self.runtime, self.signs, self.info)

    def warm_up(self) -> None:
        """Until this is done, and said, the worker lives but takes no message."""
        if self.warming and isinstance(self.engine, Compilable):
            self._results.notice = self.engine.warm_up()
            self.warming = False
            self.heartbeat.beat()

    def info(self) -> WorkerInfo:
        return WorkerInfo(
            name=self.name,
            model=self.engine.version,
            device=str(getattr(self.engine, "device", "cpu")),
            sessions=len(self.runtime.pool.sessions()),
            queue=self.queue,
            notice=self._results.notice,
            warming=self.warming,
        )


_worker: Worker | None = None


def runtime() -> Runtime:
    """The running worker's."""
    assert _worker is not None, "tasks run in a worker"
    return _worker.runtime


@signals.worker_init.connect
def _load(sender: Any, **_: object) -> None:
    for chatty in ("celery.worker.strategy", "celery.app.trace"):  # two more lines per task; ours says it
        logging.getLogger(chatty).setLevel(logging.WARNING)
    global _worker  # noqa: PLW0603  a signal's handler has nothing else to keep it in
    try:
        engine, notice = registry.load_or_stand_in(config.engine or registry.default_name())
        if notice:
            logging.getLogger(__name__).warning(notice)
        _worker = Worker(sender.hostname, engine, notice)
    except EngineError as error:
        raise SystemExit(str(error)) from None
    except Exception as error:  # Celery would log it and go on without an engine
        raise SystemExit(f"The engine cannot be loaded: {error!r}") from error


class Start(bootsteps.StartStopStep):
    """Comes to life before the consumer does, which takes messages: a worker that warms up leaves them to
    others. In the pool's one thread, because a CUDA graph serves the thread that recorded it."""

    requires = ("celery.worker.components:Pool",)

    def start(self, parent: Any) -> None:
        assert _worker is not None
        _worker.heartbeat.start()
        parent.pool.executor.submit(_worker.warm_up).result()


app.steps["worker"].add(Start)


@signals.worker_shutdown.connect
def _stop(**_: object) -> None:
    if _worker is not None:
        _worker.heartbeat.stop()
