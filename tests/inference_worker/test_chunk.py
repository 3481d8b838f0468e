from __future__ import annotations

import pytest

from inference_worker.chunk import Chunk, work
from inference_worker.engines import one_by_one
from inference_worker.protocol.messages import (
    WARM_UP_FRAMES,
    Frames,
    KnownFrame,
    ObjectRecipe,
    Point,
    Propagate,
)
from inference_worker.session_pool import Held
from inference_worker.signs import Asked
from tests.inference_worker.fakes import FakeEngine, FakeTracker
from tests.inference_worker.worker_process import HEIGHT, WIDTH, a_pass, square

NOBODY: Asked = ""


def a_session() -> tuple[Held, FakeTracker]:
    tracker = FakeTracker((HEIGHT, WIDTH))
    return Held(1, "key", tracker), tracker


def worked(chunk: Chunk, held: Held, seconds: float) -> str:
    work([(chunk, held)], seconds, one_by_one)
    return chunk.state


def known(frame_index: int, human: bool) -> KnownFrame:
    return KnownFrame(frame_index=frame_index, human=human, counts=square())


def guessed(chunk: Chunk) -> list[int]:
    return [frame.frame_index for frame in chunk.objects[0].known if not frame.human]


def the_rest(message: Propagate, chunk: Chunk) -> Propagate:
    return a_pass(message.frames, chunk.runs, objects=chunk.objects)


def test_a_chunk_does_at_least_one_frame_and_leaves_the_others(frames: Frames) -> None:
    held, _ = a_session()
    chunk = Chunk(a_pass(frames, [[4, 8, 12]]), lambda: NOBODY)
    assert worked(chunk, held, seconds=0) == "running"
    assert [mask.frame_index for mask in chunk.masks] == [4]
    assert chunk.runs == [[8, 12]]


def test_a_chunk_with_time_enough_does_every_run(frames: Frames) -> None:
    held, _ = a_session()
    chunk = Chunk(a_pass(frames, [[4, 8], []]), lambda: NOBODY)
    assert worked(chunk, held, seconds=60) == "finished"
    assert chunk.runs == []
    assert held.tracks == {}


def test_the_next_chunk_goes_on_with_the_same_generator(frames: Frames) -> None:
    held, tracker = a_session()
    message = a_pass(frames, [[4, 8, 12]])
    while worked(chunk := Chunk(message, lambda: NOBODY), held, seconds=0) == "running":
        message = the_rest(message, chunk)
    assert tracker.opened == [{1: [0]}]


def test_another_worker_begins_with_the_newest_masks_of_the_pass(frames: Frames) -> None:
    held, _ = a_session()
    first = Chunk(a_pass(frames, [list(range(4, 404, 4))]), lambda: NOBODY)
    calls = iter(range(1000))
    first._asked = lambda: "stop" if next(calls) == 20 else NOBODY
    assert worked(first, held, seconds=60) == "stopped"
    elsewhere, tracker = a_session()
    second = Chunk(a_pass(frames, first.runs, objects=first.objects), lambda: NOBODY)
    worked(second, elsewhere, seconds=0)
    assert tracker.opened == [{1: [0, 56, 60, 64, 68, 72, 76, 80]}]
    assert len(guessed(second)) == WARM_UP_FRAMES


def test_the_second_run_begins_from_the_human_frame_alone(frames: Frames) -> None:
    held, tracker = a_session()
    objects = [ObjectRecipe(masklet=1, change=1, known=[known(40, human=True)])]
    worked(Chunk(a_pass(frames, [[44, 48], [36, 32]], objects=objects), lambda: NOBODY), held, seconds=60)
    assert tracker.opened == [{1: [40]}, {1: [40]}]


@pytest.mark.parametrize("backward", [[36, 32], [36]])
def test_the_second_run_begins_from_the_guess_the_pass_began_from(
    frames: Frames, backward: list[int]
) -> None:
    held, tracker = a_session()
    objects = [ObjectRecipe(masklet=1, change=1, known=[known(400, human=True), known(40, human=False)])]
    message = a_pass(frames, [list(range(44, 144, 4)), backward], objects=objects)
    while worked(chunk := Chunk(message, lambda: NOBODY), held, seconds=0) == "running":
        message = the_rest(message, chunk)
    assert tracker.opened == [{1: [40, 400]}, {1: [40, 400]}]


def test_a_prompt_that_has_no_mask_yet_gets_one_for_the_whole_pass(frames: Frames) -> None:
    held, _ = a_session()
    unanswered = KnownFrame(frame_index=0, human=True, counts=None, prompts=[Point(x=1, y=1, positive=True)])
    objects = [ObjectRecipe(masklet=1, change=1, known=[unanswered])]
    chunk = Chunk(a_pass(frames, [[4, 8]], objects=objects), lambda: NOBODY)
    worked(chunk, held, seconds=0)
    assert chunk.objects[0].known[0].counts is not None
    assert [mask.frame_index for mask in chunk.masks] == [4]


def test_a_failure_keeps_what_was_done_before_it(frames: Frames) -> None:
    held, tracker = a_session()
    tracker.breaks_at = 12
    chunk = Chunk(a_pass(frames, [[4, 8, 12]]), lambda: NOBODY)
    assert worked(chunk, held, seconds=60) == "failed"
    assert "tripped" in str(chunk.failure)
    assert [mask.frame_index for mask in chunk.masks] == [4, 8]


def test_a_stored_mask_of_another_size_is_refused_with_its_frame(frames: Frames) -> None:
    held, _ = a_session()
    objects = [ObjectRecipe(masklet=1, change=1, known=[KnownFrame(frame_index=16, human=True, counts="04")])]
    chunk = Chunk(a_pass(frames, [[20]], objects=objects), lambda: NOBODY)
    assert worked(chunk, held, seconds=60) == "failed"
    assert "frame 16" in str(chunk.failure)


def test_passes_of_several_sessions_go_frame_by_frame_side_by_side(frames: Frames) -> None:
    engine, sessions = FakeEngine(), [a_session()[0], a_session()[0]]
    chunks = [Chunk(a_pass(frames, [run]), lambda: NOBODY) for run in ([4, 8, 12], [4])]
    work(list(zip(chunks, sessions, strict=True)), 60, engine.advance)
    assert [chunk.state for chunk in chunks] == ["finished", "finished"]
    assert engine.advanced == [2, 1, 1]


def test_a_pass_that_cannot_go_on_does_not_keep_another_from_it(frames: Frames) -> None:
    unreadable = ObjectRecipe(masklet=1, change=1, known=[KnownFrame(frame_index=0, human=True, counts="04")])
    broken = Chunk(a_pass(frames, [[4, 8]], objects=[unreadable]), lambda: NOBODY)
    healthy = Chunk(a_pass(frames, [[4, 8]]), lambda: NOBODY)
    work([(broken, a_session()[0]), (healthy, a_session()[0])], 60, one_by_one)
    assert (broken.state, healthy.state) == ("failed", "finished")
