"""A worker in a process of its own, and somebody who asks it for masks."""

from __future__ import annotations

import base64
import json
import os
import signal
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import msgspec
import numpy as np
from celery import Celery

from inference_worker.protocol import rle
from inference_worker.protocol.messages import (
    CLICK_PRIORITY,
    INFERENCE_QUEUE,
    PRIORITY_STEPS,
    PROPAGATE_PRIORITY,
    PROPAGATE_TASK,
    RECORD_TASK,
    RESULTS_QUEUE,
    SEGMENT_TASK,
    ChunkResult,
    Frames,
    KnownFrame,
    ObjectRecipe,
    Point,
    Propagate,
    Result,
    SegmentFrame,
    SegmentResult,
    SessionState,
    WorkerInfo,
    decode,
    encode,
    worker_key,
)
from inference_worker.signs import connect

ROOT = Path(__file__).resolve().parents[2]
HEIGHT, WIDTH, STRIDE = 48, 64, 4
PATIENCE = 180.0  # seconds until a test gives up on something that should have happened


class Asker:
    """The other side of the border: sends work, collects results as they come."""

    def __init__(self, redis_url: str) -> None:
        self.redis = connect(redis_url)
        self.results: list[Result] = []
        self._app = Celery("annotator", broker=redis_url)
        self._app.conf.broker_transport_options = {"priority_steps": PRIORITY_STEPS}
        self._app.conf.task_ignore_result = True

    def click(self, message: SegmentFrame, queue: str = INFERENCE_QUEUE) -> None:
        self._app.send_task(SEGMENT_TASK, [encode(message)], queue=queue, priority=CLICK_PRIORITY)

    def propagate(self, message: Propagate, queue: str = INFERENCE_QUEUE) -> None:
        self._app.send_task(PROPAGATE_TASK, [encode(message)], queue=queue, priority=PROPAGATE_PRIORITY)

    def send(self, task: str, *arguments: object, queue: str = INFERENCE_QUEUE) -> None:
        self._app.send_task(task, list(arguments), queue=queue, priority=CLICK_PRIORITY)

    def next_result(self) -> Result:
        keys = [f"{RESULTS_QUEUE}\x06\x16{step}" if step else RESULTS_QUEUE for step in PRIORITY_STEPS]
        give_up = time.monotonic() + PATIENCE
        while not (popped := self.redis.brpop(keys, timeout=1)):
            assert time.monotonic() < give_up, f"no result after {len(self.results)} results"
        envelope = json.loads(popped[1])
        assert envelope["headers"]["task"] == RECORD_TASK
        result: Result = decode(json.loads(base64.b64decode(envelope["body"]))[0][0], Result)
        self.results.append(result)
        return result

    def results_until(self, enough: Callable[[Result], bool]) -> list[Result]:
        start = len(self.results)
        give_up = time.monotonic() + PATIENCE
        while time.monotonic() < give_up:
            if enough(self.next_result()):
                return self.results[start:]
        raise AssertionError("what was waited for did not come")

    def answer(self) -> SegmentResult:
        found = self.results_until(lambda result: isinstance(result, SegmentResult))[-1]
        assert isinstance(found, SegmentResult)
        return found

    def answer_to(self, change: int) -> None:
        """Other answers may come before it: what Redis forgot at its death is delivered, and answered, again."""
        self.results_until(lambda result: isinstance(result, SegmentResult) and result.change == change)

    def chunks_of(self, propagation: int, attempt: int = 1) -> list[ChunkResult]:
        """The chunks so far, in the order they came."""
        return [
            result
            for result in self.results
            if isinstance(result, ChunkResult)
            and (result.propagation, result.attempt) == (propagation, attempt)
        ]

    def chunks_to_the_end(self, propagation: int, attempt: int = 1) -> list[ChunkResult]:
        def over() -> bool:
            return any(chunk.state != "running" for chunk in self.chunks_of(propagation, attempt))

        if not over():
            self.results_until(lambda _: over())
        return self.chunks_of(propagation, attempt)

    def states_of(self, session: int) -> list[str]:
        return [r.state for r in self.results if isinstance(r, SessionState) and r.session == session]


class WorkerProcess:
    def __init__(self, redis_url: str, name: str, media: Path, log: Path, **environment: str) -> None:
        self.queue = f"inference@{name}.dq2"
        self.node = f"inference@{name}"
        self.log_path = log
        env = {
            name: value for name, value in os.environ.items() if not name.startswith(("MASKLOOM_", "DJANGO_"))
        }
        env |= {"REDIS_URL": redis_url, "MASKLOOM_ENGINE": "scripted", "MASKLOOM_MEDIA_ROOT": str(media)}
        command = (
            "celery -A inference_worker worker -P threads -c 1 -Q inference --without-gossip --without-mingle"
        )
        with log.open("wb") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", *command.split(), "-l", "INFO", "-n", self.node],
                cwd=ROOT,
                env=env | environment,
                stdout=output,
                stderr=subprocess.STDOUT,
            )

    def info(self, asker: Asker) -> WorkerInfo | None:
        """Its sign of life, if it has given one."""
        info = asker.redis.get(worker_key(self.node))
        return msgspec.json.decode(str(info), type=WorkerInfo) if info else None

    def wait_until_ready(self) -> WorkerProcess:
        wait_for(lambda: "ready." in self.log() or self.process.poll() is not None)
        assert self.process.poll() is None, self.log()
        return self

    def log(self) -> str:
        return self.log_path.read_text()

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def freeze(self) -> None:
        self.process.send_signal(signal.SIGSTOP)
        os.waitpid(self.process.pid, os.WUNTRACED)

    def thaw(self) -> None:
        self.process.send_signal(signal.SIGCONT)

    def stop(self) -> None:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(timeout=PATIENCE)
            except subprocess.TimeoutExpired:
                self.kill()
                raise


def write_frames_zip(path: Path, indices: range, height: int = HEIGHT, width: int = WIDTH) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        for index in indices:
            archive.writestr(f"{index:05d}.jpg", jpeg(index, height, width))


def jpeg(index: int, height: int = HEIGHT, width: int = WIDTH) -> bytes:
    image = np.full((height, width, 3), (index % 200, 100, 50), np.uint8)
    return cv2.imencode(".jpg", image)[1].tobytes()


def square(x: int = 10, y: int = 10, side: int = 8) -> str:
    mask = np.zeros((HEIGHT, WIDTH), bool)
    mask[y : y + side, x : x + side] = True
    return rle.encode(mask)


def a_click(
    frames: Frames, session: int = 1, masklet: int = 1, change: int = 1, frame_index: int = 0
) -> SegmentFrame:
    return SegmentFrame(
        session=session,
        frames=frames,
        object=ObjectRecipe(masklet=masklet, change=change, known=[]),
        frame_index=frame_index,
        prompts=[Point(x=30, y=20, positive=True)],
    )


def a_pass(
    frames: Frames,
    runs: list[list[int]],
    propagation: int = 1,
    attempt: int = 1,
    session: int = 1,
    **changes: Any,
) -> Propagate:
    """From a human's square on frame 0, unless `objects` says otherwise."""
    human = KnownFrame(frame_index=0, human=True, counts=square())
    values: dict[str, Any] = {"objects": [ObjectRecipe(masklet=1, change=7, known=[human])], **changes}
    return Propagate(
        session=session, frames=frames, propagation=propagation, attempt=attempt, runs=runs, **values
    )


def wait_for(happened: Callable[[], bool], seconds: float = PATIENCE) -> None:
    give_up = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < give_up, "what was waited for did not happen"
        time.sleep(0.02)
