"""Passes that wait at one worker are taken along by each other's chunks, and lose or double nothing by it."""

from __future__ import annotations

from collections import deque
from pathlib import Path

import pytest

from inference_worker.chains import Chains
from inference_worker.frames import FrameStore
from inference_worker.protocol.messages import ChunkResult, Frames, ModelVersion, Propagate, Result
from inference_worker.runtime import Runtime
from inference_worker.session_pool import SessionPool
from tests.inference_worker.fakes import FakeEngine, Witness
from tests.inference_worker.worker_process import a_pass

RUN = [4, 8, 12, 16]


class Desk:
    """A worker's queue and what it reports, without Redis. Chunks are one frame long."""

    model = ModelVersion(engine="fake")

    def __init__(self, media: Path, together: int) -> None:
        self.engine = FakeEngine(together)
        witness = Witness()
        pool = SessionPool(self.engine, FrameStore(media, ""), 1000, witness, witness)
        self.runtime = Runtime(self.engine, pool, Chains(), self, self, self, chunk_seconds=0)  # type: ignore[arg-type]
        self.queue: deque[Propagate] = deque()
        self.results: list[ChunkResult] = []
        self.stopped: set[int] = set()
        self.cut_off = False

    def send(self, result: Result) -> None:
        assert isinstance(result, ChunkResult)
        if self.cut_off:
            raise ConnectionError("Redis is away")
        self.results.append(result)

    def send_next_chunk(self, message: Propagate) -> None:
        self.queue.append(message)

    def take(self, propagation: int, attempt: int) -> bool:
        return True

    def asked(self, propagation: int, attempt: int) -> str:
        return "stop" if propagation in self.stopped else ""

    def work_off(self) -> None:
        while self.queue:
            self.runtime.propagate(self.queue.popleft())

    def frames_of(self, propagation: int) -> list[int]:
        return [
            mask.frame_index
            for result in self.results
            if result.propagation == propagation
            for mask in result.masks
        ]

    def ends_of(self, propagation: int) -> list[str]:
        states = [result.state for result in self.results if result.propagation == propagation]
        return [state for state in states if state != "running"]


def passes(frames: Frames, count: int) -> list[Propagate]:
    return [a_pass(frames, [RUN], propagation=number, session=number) for number in range(1, count + 1)]


def begun(media: Path, frames: Frames, count: int) -> Desk:
    """A worker at which so many passes have begun."""
    desk = Desk(media, together=8)
    for message in passes(frames, count):
        desk.runtime.propagate(message)
    return desk


@pytest.mark.parametrize("together", [1, 2, 8])
def test_each_frame_of_each_pass_is_done_once_and_in_order(
    media: Path, frames: Frames, together: int
) -> None:
    desk = Desk(media, together)
    desk.queue.extend(passes(frames, 3))
    desk.work_off()
    assert [desk.frames_of(number) for number in (1, 2, 3)] == [RUN, RUN, RUN]
    assert [desk.ends_of(number) for number in (1, 2, 3)] == [["finished"]] * 3


def test_passes_that_wait_go_with_the_chunk_of_another_as_many_as_the_engine_gains_by(
    media: Path, frames: Frames
) -> None:
    desk = Desk(media, together=2)
    desk.queue.extend(passes(frames, 3))
    desk.work_off()
    assert max(desk.engine.advanced) == 2
    assert len(desk.engine.advanced) < 3 * len(RUN)


def test_an_engine_that_gains_nothing_is_given_one_pass_at_a_time(media: Path, frames: Frames) -> None:
    desk = Desk(media, together=1)
    desk.queue.extend(passes(frames, 3))
    desk.work_off()
    assert desk.engine.advanced == [1] * 3 * len(RUN)


def test_a_pass_that_breaks_ends_alone(media: Path, frames: Frames) -> None:
    desk = begun(media, frames, 3)
    desk.engine.trackers[1].breaks_at = 12
    desk.work_off()
    assert [desk.ends_of(number) for number in (1, 2, 3)] == [["finished"], ["failed"], ["finished"]]
    assert [desk.frames_of(number) for number in (1, 2, 3)] == [RUN, RUN[:2], RUN]


def test_an_engine_that_fails_unawares_loses_the_session_of_the_pass_that_did_it(
    media: Path, frames: Frames
) -> None:
    desk = begun(media, frames, 2)
    desk.engine.trackers[0].breaks_at, desk.engine.trackers[0].error = 12, ValueError("a bug")
    desk.work_off()
    assert [desk.ends_of(number) for number in (1, 2)] == [["failed"], ["finished"]]
    assert desk.runtime.pool.sessions() == [2]


def test_a_pass_that_waits_is_stopped_as_soon_as_one_at_work(media: Path, frames: Frames) -> None:
    desk = begun(media, frames, 2)
    desk.stopped.add(2)
    desk.work_off()
    assert [desk.ends_of(number) for number in (1, 2)] == [["finished"], ["stopped"]]
    assert desk.frames_of(2) == RUN[:1]


def test_a_chunk_delivered_again_after_its_pass_went_along_with_another_is_let_go(
    media: Path, frames: Frames
) -> None:
    desk = begun(media, frames, 2)
    old = list(desk.queue)
    desk.work_off()
    told = len(desk.results)
    for message in old:
        desk.runtime.propagate(message)
    assert len(desk.results) == told


def test_passes_whose_results_cannot_be_sent_are_let_go_so_that_they_are_asked_for_again(
    media: Path, frames: Frames
) -> None:
    desk = begun(media, frames, 2)
    assert len(desk.runtime.chains.in_hand()) == 2
    desk.cut_off = True
    with pytest.raises(ConnectionError):
        desk.runtime.propagate(desk.queue[-1])
    assert desk.runtime.chains.in_hand() == []
