"""Proposals at a worker: unit by unit, found again after a death, never twice."""

from __future__ import annotations

from collections import deque
from pathlib import Path

import msgspec
import pytest

from inference_worker.engines.scripted import ScriptedSegmenter
from inference_worker.frames import FrameStore
from inference_worker.proposing import POINTS_AT_ONCE, Proposing
from inference_worker.protocol import rle
from inference_worker.protocol.messages import (
    Frames,
    ModelVersion,
    Propose,
    Proposed,
    ProposeResult,
    ProposeSettings,
    Result,
)
from inference_worker.session_pool import SessionPool
from tests.inference_worker.fakes import FakeEngine, Witness
from tests.inference_worker.worker_process import HEIGHT, WIDTH

SETTINGS = ProposeSettings(points_per_side=(8, 4))  # 64 points, and 16 in each of four windows
POINTS = 128


class Desk:
    """A worker's queue and what it reports, without Redis. Units are as short as can be."""

    model = ModelVersion(engine="scripted")

    def __init__(self, media: Path, engine: object | None = None) -> None:
        witness = Witness()
        pool = SessionPool(engine or ScriptedSegmenter(), FrameStore(media, ""), 1000, witness, witness)  # type: ignore[arg-type]
        self.proposing = Proposing(pool, self, self, 0, str)  # type: ignore[arg-type]
        self.queue: deque[Propose] = deque()
        self.results: list[ProposeResult] = []
        self.sign = ""

    def send(self, result: Result) -> None:
        assert isinstance(result, ProposeResult)
        self.results.append(result)

    def send_next_unit(self, message: Propose) -> None:
        self.queue.append(message)

    def take(self, run: int, attempt: int) -> bool:
        return True

    def asked(self, run: int, attempt: int) -> str:
        return self.sign

    def work_off(self, message: Propose) -> list[ProposeResult]:
        self.queue.append(message)
        while self.queue:
            self.proposing.propose(self.queue.popleft())
        return self.results


def a_run(frames: Frames, **changes: object) -> Propose:
    values = {"run": 1, "attempt": 1, "known": [], "done": Proposed(), "points": 0} | changes
    return Propose(session=1, frames=frames, frame_index=0, settings=SETTINGS, **values)  # type: ignore[arg-type]


def test_a_run_comes_in_units_to_masks_of_what_stands_out(media: Path, frames: Frames) -> None:
    results = Desk(media).work_off(a_run(frames))
    assert [result.points for result in results] == list(range(POINTS_AT_ONCE, POINTS + 1, POINTS_AT_ONCE))
    assert [result.state for result in results] == ["running"] * 7 + ["finished"]
    assert all(result.engine_ms > 0 for result in results)
    assert [result.points for result in results if result.done] == [64, 80, 96, 112, 128]
    done = results[-1].done
    assert done is not None and done.candidates >= 64
    assert len(done.found) == 12, "4 x 3 cells of a 64 x 48 frame"
    assert {rle.area(each.counts, HEIGHT, WIDTH) for each in done.found} == {144}


def test_what_the_video_has_already_is_not_proposed_again(media: Path, frames: Frames) -> None:
    first = Desk(media).work_off(a_run(frames))[-1].done
    assert first is not None
    known = [each.counts for each in first.found[:5]]
    again = Desk(media).work_off(a_run(frames, known=known))[-1].done
    assert again is not None
    assert {each.counts for each in again.found} == {each.counts for each in first.found[5:]}


def test_a_worker_that_does_not_remember_begins_its_window_again_and_finds_the_same(
    media: Path, frames: Frames
) -> None:
    whole = Desk(media).work_off(a_run(frames))[-1].done
    dead = Desk(media)
    dead.proposing.propose(a_run(frames))
    dead.proposing.propose(dead.queue.popleft())
    results = Desk(media).work_off(dead.queue.popleft())
    assert results[0].points == POINTS_AT_ONCE, "from the window's beginning"
    assert results[-1].done == whole


def test_windows_that_are_through_are_not_asked_about_again(media: Path, frames: Frames) -> None:
    results = Desk(media).work_off(a_run(frames))
    through = next(result.done for result in results if result.done)
    again = Desk(media).work_off(a_run(frames, attempt=2, done=through, points=through.points))
    assert [result.points for result in again] == [80, 96, 112, 128]
    assert again[-1].done == results[-1].done


def test_a_redelivered_unit_is_let_go(media: Path, frames: Frames) -> None:
    desk = Desk(media)
    desk.proposing.propose(a_run(frames))
    desk.proposing.propose(a_run(frames))
    assert len(desk.results) == 1
    desk.work_off(desk.queue.popleft())
    count = len(desk.results)
    desk.work_off(a_run(frames))
    assert len(desk.results) == count


@pytest.mark.parametrize(("sign", "told"), [("stop", ["stopped"]), ("superseded", [])])
def test_a_run_that_is_to_end_ends(media: Path, frames: Frames, sign: str, told: list[str]) -> None:
    desk = Desk(media)
    desk.proposing.propose(a_run(frames))
    desk.sign = sign
    desk.work_off(desk.queue.popleft())
    assert [result.state for result in desk.results[1:]] == told


def test_an_engine_that_cannot_propose_says_so(media: Path, frames: Frames) -> None:
    [result] = Desk(media, FakeEngine()).work_off(a_run(frames))
    assert (result.state, result.error) == ("failed", "This engine cannot propose masks.")


def test_a_point_that_tells_nothing_does_not_begin_its_window_again(media: Path, frames: Frames) -> None:
    nothing = msgspec.structs.replace(
        a_run(frames), settings=ProposeSettings(points_per_side=(8,), min_iou=1.0)
    )
    results = Desk(media).work_off(nothing)
    assert [result.points for result in results] == [16, 32, 48, 64]
    assert results[-1].done == Proposed(points=64)
