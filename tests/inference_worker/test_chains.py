from __future__ import annotations

import pytest

from inference_worker import chains
from inference_worker.chains import ENDED, IN_HAND_AFTER_CHUNK, Chains
from inference_worker.protocol.messages import Frames
from tests.inference_worker.worker_process import a_pass


class Clock:
    now = 0.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(chains, "time", clock)
    return clock


def test_a_chain_whose_next_chunk_was_lost_is_in_hand_for_a_while_only(frames: Frames, clock: Clock) -> None:
    book = Chains()
    assert book.begin(a_pass(frames, [[4, 8]], propagation=3, attempt=2, session=9))
    clock.now += 1000
    assert book.in_hand() == [(3, 2, 9)], "in work, however long it takes"
    book.end(3, left=1)
    clock.now += IN_HAND_AFTER_CHUNK - 1
    assert book.in_hand() == [(3, 2, 9)]
    clock.now += 2
    assert book.in_hand() == []


def test_a_chain_that_ended_is_not_in_hand_and_does_not_begin_again(frames: Frames) -> None:
    book = Chains()
    message = a_pass(frames, [[4, 8]])
    assert book.begin(message)
    book.end(1, ENDED)
    assert book.in_hand() == []
    assert not book.begin(message)


def test_of_two_messages_the_one_with_fewer_frames_left_is_the_chain(frames: Frames) -> None:
    book = Chains()
    assert book.begin(a_pass(frames, [[8, 12]]))
    book.end(1, left=1)
    assert not book.begin(a_pass(frames, [[4, 8, 12]])), "redelivered"
    assert book.begin(a_pass(frames, [[12]]))


def test_a_newer_attempt_begins_from_the_start_and_shuts_the_older_out(frames: Frames) -> None:
    book = Chains()
    assert book.begin(a_pass(frames, [[12]], attempt=1))
    book.end(1, ENDED)
    assert book.begin(a_pass(frames, [[4, 8, 12]], attempt=2))
    book.end(1, left=2)
    assert not book.begin(a_pass(frames, [[12]], attempt=1))
    assert book.in_hand() == [(1, 2, 1)]
