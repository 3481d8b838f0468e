from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from deploy.local.services import Server, start_valkey
from inference_worker.protocol.messages import Frames
from tests.inference_worker.worker_process import (
    HEIGHT,
    STRIDE,
    WIDTH,
    Asker,
    WorkerProcess,
    write_frames_zip,
)


@pytest.fixture(scope="session")
def valkey() -> Iterator[Server]:
    """A server of these tests' own, that they may kill; its data outlives that."""
    folder = Path(tempfile.mkdtemp(prefix="maskloom-"))
    server = start_valkey(folder)
    yield server
    server.stop()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def asker(valkey: Server) -> Asker:
    """An asker on an empty server."""
    asker = Asker(valkey.url)
    asker.redis.flushall()
    return asker


@pytest.fixture(scope="session")
def media(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("media")


@pytest.fixture(scope="session")
def frames(media: Path) -> Frames:
    """A video of 4000 frames, 1000 of them annotated."""
    path = media / "frames.zip"
    write_frames_zip(path, range(0, 4000, STRIDE))
    return Frames(video=1, uri=str(path), height=HEIGHT, width=WIDTH, stride=STRIDE, frame_count=4000)


@pytest.fixture
def start_worker(
    valkey: Server, media: Path, tmp_path: Path, asker: Asker
) -> Iterator[Callable[..., WorkerProcess]]:
    """Starts worker processes, which end with the test. Keywords are environment variables."""
    workers: list[WorkerProcess] = []

    def start(name: str = "one", **environment: str) -> WorkerProcess:
        log = tmp_path / f"worker{len(workers)}.log"
        workers.append(WorkerProcess(valkey.url, name, media, log, **environment))
        return workers[-1].wait_until_ready()

    yield start
    for worker in workers:
        worker.stop()
