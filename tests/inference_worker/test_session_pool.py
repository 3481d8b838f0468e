from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from inference_worker.engines import EngineError
from inference_worker.frames import FrameStore
from inference_worker.protocol.messages import Frames
from inference_worker.session_pool import SessionPool
from tests.inference_worker.fakes import FakeEngine, Witness


@pytest.fixture
def engine() -> FakeEngine:
    return FakeEngine()


@pytest.fixture
def witness() -> Witness:
    return Witness()


@pytest.fixture
def pool(engine: FakeEngine, witness: Witness, media: Path) -> SessionPool:
    """Holds three of the fake trackers' ten bytes each."""
    return SessionPool(engine, FrameStore(media, ""), 35, witness, witness)


def visit(pool: SessionPool, frames: Frames, *sessions: int) -> None:
    for session in sessions:
        with pool.hold(session, frames, midway=False):
            pass


def test_a_session_is_opened_once_and_kept(pool: SessionPool, engine: FakeEngine, frames: Frames) -> None:
    visit(pool, frames, 1, 1, 2, 1)
    assert len(engine.trackers) == 2


def test_the_session_used_longest_ago_makes_room_and_gives_its_lease_back(
    pool: SessionPool, witness: Witness, frames: Frames
) -> None:
    visit(pool, frames, 1, 2, 3, 1, 4)
    assert pool.sessions() == [3, 1, 4]
    assert (2, "evicted") in witness.said
    assert ("release", 2) in witness.leases


def test_the_session_in_work_is_never_evicted(pool: SessionPool, engine: FakeEngine, frames: Frames) -> None:
    visit(pool, frames, 1, 2)
    with pool.hold(1, frames, midway=False) as held:
        engine.trackers[0].nbytes = 1000
    assert pool.sessions() == [1]
    assert held.tracker is engine.trackers[0]


def test_the_heart_does_not_drop_the_session_in_work(pool: SessionPool, frames: Frames) -> None:
    visit(pool, frames, 1, 2)
    with pool.hold(1, frames, midway=False):
        pool.drop_idle(1)
        pool.drop_idle(2)
    assert pool.sessions() == [1]


def test_another_video_in_the_same_session_opens_another_tracker(
    pool: SessionPool, engine: FakeEngine, frames: Frames
) -> None:
    visit(pool, frames, 1)
    visit(pool, msgspec.structs.replace(frames, video=2), 1)
    assert len(engine.trackers) == 2
    assert pool.sessions() == [1]


def test_a_refused_prompt_keeps_the_session_and_a_crash_drops_it(
    pool: SessionPool, witness: Witness, frames: Frames
) -> None:
    with pytest.raises(EngineError), pool.hold(1, frames, midway=False):
        raise EngineError("The box is empty.")
    assert pool.sessions() == [1]
    with pytest.raises(ZeroDivisionError), pool.hold(2, frames, midway=True):
        raise ZeroDivisionError
    assert pool.sessions() == [1]
    assert witness.said == [(1, "warming"), (1, "ready"), (2, "rebuilding"), (2, "evicted")]
    assert witness.leases[-1] == ("release", 2)
