"""A worker in a process of its own, with the scripted engine and a real server between."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import pytest

from deploy.local.services import Server
from inference_worker.protocol import rle
from inference_worker.protocol.messages import (
    CLOSE_TASK,
    Absent,
    ChunkResult,
    Frames,
    KnownFrame,
    ObjectRecipe,
    Point,
    SessionState,
    WorkerInfo,
    alive_key,
    lease_key,
    stop_key,
    worker_key,
)
from tests.inference_worker.worker_process import (
    HEIGHT,
    STRIDE,
    WIDTH,
    Asker,
    WorkerProcess,
    a_click,
    a_pass,
    square,
    wait_for,
)

FRAME_MS = 5


@pytest.fixture(scope="module")
def worker(valkey: Server, media: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[WorkerProcess]:
    """Gives every frame a chunk of its own, so that other work comes between the frames."""
    log = tmp_path_factory.mktemp("worker") / "log"
    slow = {"MASKLOOM_CHUNK_MS": "1", "MASKLOOM_SCRIPTED_FRAME_MS": str(FRAME_MS)}
    process = WorkerProcess(valkey.url, "shared", media, log, **slow).wait_until_ready()
    yield process
    process.stop()


@pytest.mark.usefixtures("worker")
def test_a_click_is_answered_with_a_mask_around_its_point(asker: Asker, frames: Frames) -> None:
    asker.click(a_click(frames, session=10, masklet=3, change=5, frame_index=8))
    answer = asker.answer()
    assert (answer.session, answer.change, answer.error) == (10, 5, "")
    assert answer.model.engine == "scripted"
    assert answer.engine_ms >= FRAME_MS
    assert answer.mask is not None
    assert (answer.mask.masklet, answer.mask.change, answer.mask.frame_index) == (3, 5, 8)
    assert rle.decode(answer.mask.counts, HEIGHT, WIDTH)[20, 30]


@pytest.mark.usefixtures("worker")
def test_the_mask_shown_before_reaches_the_engine(asker: Asker, frames: Frames) -> None:
    remove = [Point(x=63, y=47, positive=False)]
    asker.click(msgspec.structs.replace(a_click(frames, session=11), prompts=remove, previous=square(2, 3)))
    mask = asker.answer().mask
    assert mask is not None
    assert rle.decode(mask.counts, HEIGHT, WIDTH)[3, 2]


@pytest.mark.usefixtures("worker")
def test_a_session_is_announced_warming_then_ready_and_rebuilding_after_it_was_closed(
    asker: Asker, frames: Frames, worker: WorkerProcess
) -> None:
    asker.click(a_click(frames, session=12))
    asker.answer()
    asker.click(a_click(frames, session=12))
    asker.answer()
    asker.send(CLOSE_TASK, 12, queue=worker.queue)
    wait_for(lambda: not asker.redis.exists(lease_key(12)))
    asker.click(msgspec.structs.replace(a_click(frames, session=12), previous=square()))
    asker.results_until(lambda _: asker.states_of(12)[-1] == "ready" and len(asker.states_of(12)) == 4)
    assert asker.states_of(12) == ["warming", "ready", "rebuilding", "ready"]


@pytest.mark.usefixtures("worker")
def test_what_the_engine_refuses_comes_back_as_a_sentence(asker: Asker, frames: Frames) -> None:
    outside = msgspec.structs.replace(a_click(frames, session=13), prompts=[Point(x=900, y=5, positive=True)])
    asker.click(outside)
    answer = asker.answer()
    assert answer.mask is None
    assert "(900, 5)" in answer.error


@pytest.mark.usefixtures("worker")
def test_frames_that_may_not_be_read_fail_the_click_and_the_pass_with_a_sentence(
    asker: Asker, frames: Frames
) -> None:
    elsewhere = msgspec.structs.replace(frames, uri="/etc/frames.zip")
    asker.click(a_click(elsewhere, session=14))
    assert "MASKLOOM_MEDIA_ROOT" in asker.answer().error
    asker.propagate(a_pass(elsewhere, [[4, 8]], propagation=14, session=14))
    [chunk] = asker.chunks_to_the_end(14)
    assert (chunk.state, chunk.retryable) == ("failed", False)
    assert "MASKLOOM_MEDIA_ROOT" in chunk.error


@pytest.mark.usefixtures("worker")
def test_a_pass_comes_complete_and_in_order_both_ways_in_chunks(asker: Asker, frames: Frames) -> None:
    human = KnownFrame(frame_index=40, human=True, counts=square(x=20))
    objects = [
        ObjectRecipe(masklet=1, change=7, known=[human]),
        ObjectRecipe(masklet=2, change=8, known=[human]),
    ]
    runs = [list(range(44, 84, STRIDE)), list(range(36, -1, -STRIDE))]
    asker.propagate(a_pass(frames, runs, propagation=20, session=20, objects=objects))
    chunks = asker.chunks_to_the_end(20)
    assert [chunk.state for chunk in chunks] == ["running"] * (len(chunks) - 1) + ["finished"]
    assert len(chunks) >= 10
    masks = [mask for chunk in chunks for mask in chunk.masks]
    assert [m.frame_index for m in masks if m.masklet == 1] == runs[0] + runs[1]
    assert [m.frame_index for m in masks if m.masklet == 2] == runs[0] + runs[1]
    assert {(m.masklet, m.change) for m in masks} == {(1, 7), (2, 8)}
    last = next(m for m in masks if m.frame_index == 0)
    assert rle.decode(last.counts, HEIGHT, WIDTH)[10, 20 - 10], "ten frames back it moved ten pixels"


@pytest.mark.usefixtures("worker")
def test_a_human_frame_without_a_mask_is_computed_from_its_prompts_first(
    asker: Asker, frames: Frames
) -> None:
    unanswered = KnownFrame(
        frame_index=0, human=True, counts=None, prompts=[Point(x=20, y=24, positive=True)]
    )
    gone = KnownFrame(frame_index=0, human=True, counts=None, prompts=[Absent()])
    objects = [
        ObjectRecipe(masklet=1, change=1, known=[unanswered]),
        ObjectRecipe(masklet=2, change=2, known=[gone]),
    ]
    asker.propagate(a_pass(frames, [[4]], propagation=21, session=21, objects=objects))
    [chunk] = asker.chunks_to_the_end(21)
    first, second = (rle.decode(mask.counts, HEIGHT, WIDTH) for mask in chunk.masks)
    assert first[24, 21]
    assert not second.any()


@pytest.mark.usefixtures("worker")
def test_a_stopped_pass_keeps_the_frames_that_are_done(asker: Asker, frames: Frames) -> None:
    run = list(range(4, 4000, STRIDE))
    asker.propagate(a_pass(frames, [run], propagation=22, session=22))
    asker.results_until(lambda _: len(asker.chunks_of(22)) == 3)
    asker.redis.set(stop_key(22), 1)
    chunks = asker.chunks_to_the_end(22)
    done = [mask.frame_index for chunk in chunks for mask in chunk.masks]
    assert chunks[-1].state == "stopped"
    assert 3 <= len(done) < len(run)
    assert done == run[: len(done)]


def test_two_passes_take_turns(asker: Asker, frames: Frames, worker: WorkerProcess) -> None:
    worker.freeze()  # so that the first is not over before the second is asked for
    for propagation in (40, 41):
        asker.propagate(
            a_pass(frames, [list(range(4, 124, STRIDE))], propagation=propagation, session=propagation)
        )
    worker.thaw()
    asker.chunks_to_the_end(40)
    asker.chunks_to_the_end(41)
    order = [r.propagation for r in asker.results if isinstance(r, ChunkResult)]
    turns = sum(1 for before, after in itertools.pairwise(order) if before != after)
    assert turns > 20, order


def test_a_newer_attempt_ends_the_older_one(asker: Asker, frames: Frames, worker: WorkerProcess) -> None:
    run = list(range(4, 4000, STRIDE))
    asker.propagate(a_pass(frames, [run], propagation=50, session=50))
    asker.results_until(lambda _: len(asker.chunks_of(50)) == 3)
    asker.propagate(a_pass(frames, [run[:20]], propagation=50, attempt=2, session=50))
    asker.chunks_to_the_end(50, attempt=2)
    older = len(asker.chunks_of(50, attempt=1))
    asker.click(a_click(frames, session=50))
    asker.answer()
    wait_for(lambda: not any(asker.redis.llen(f"{worker.queue}{step}") for step in ("", "\x06\x165")))
    asker.click(a_click(frames, session=50))
    asker.answer()
    assert len(asker.chunks_of(50, attempt=1)) == older
    assert older < len(run)


def test_an_attempt_that_is_newer_elsewhere_ends_the_one_here(
    asker: Asker, frames: Frames, worker: WorkerProcess
) -> None:
    asker.propagate(a_pass(frames, [list(range(4, 4000, STRIDE))], propagation=51, session=51))
    asker.results_until(lambda _: len(asker.chunks_of(51)) == 2)
    asker.redis.set(alive_key(51), 2)
    wait_for(
        lambda: (
            "propagation=51 attempt=1 superseded" in worker.log()
            or "51 attempt=1 is outdated" in worker.log()
        )
    )
    assert asker.redis.get(alive_key(51)) == "2"
    asker.click(a_click(frames, session=51))
    asker.answer()
    assert all(chunk.state == "running" for chunk in asker.chunks_of(51))


def test_a_redelivered_chunk_does_not_start_a_second_chain(
    asker: Asker, frames: Frames, worker: WorkerProcess
) -> None:
    message = a_pass(frames, [list(range(4, 204, STRIDE))], propagation=52, session=52)
    asker.propagate(message)
    asker.results_until(lambda _: len(asker.chunks_of(52)) == 3)
    asker.propagate(message, queue=worker.queue)
    chunks = asker.chunks_to_the_end(52)
    done = [mask.frame_index for chunk in chunks for mask in chunk.masks]
    assert done == list(range(4, 204, STRIDE))


def test_the_lease_names_the_queue_that_reaches_the_session(
    asker: Asker, frames: Frames, worker: WorkerProcess
) -> None:
    asker.click(a_click(frames, session=60))
    asker.answer()
    queue = asker.redis.get(lease_key(60))
    assert queue == worker.queue
    asker.click(a_click(frames, session=60, change=9), queue=str(queue))
    assert asker.answer().change == 9
    asker.redis.expire(lease_key(60), 3)
    wait_for(lambda: asker.redis.ttl(lease_key(60)) > 3)


def test_a_session_that_lives_elsewhere_is_answered_and_let_go(
    asker: Asker, frames: Frames, worker: WorkerProcess
) -> None:
    asker.redis.set(lease_key(61), "inference@other.dq2")
    asker.click(a_click(frames, session=61))
    assert asker.answer().mask is not None

    for _ in range(2):  # the first beat may have looked at its sessions before this one came
        asker.redis.delete(worker_key(worker.node))
        wait_for(lambda: bool(asker.redis.exists(worker_key(worker.node))))
    asker.click(a_click(frames, session=61))
    asker.results_until(lambda _: len(asker.states_of(61)) == 4)
    assert asker.redis.get(lease_key(61)) == "inference@other.dq2"


def test_a_worker_says_what_it_is(asker: Asker, worker: WorkerProcess) -> None:
    wait_for(lambda: bool(asker.redis.exists(worker_key(worker.node))))
    info = msgspec.json.decode(str(asker.redis.get(worker_key(worker.node))), type=WorkerInfo)
    assert (info.name, info.queue, info.model.engine) == (worker.node, worker.queue, "scripted")


def test_a_worker_without_the_weights_it_was_asked_for_works_with_opencv_and_says_so(
    asker: Asker, frames: Frames, start_worker: Callable[..., WorkerProcess], tmp_path: Path
) -> None:
    worker = start_worker("bare", MASKLOOM_ENGINE="sam2:sam2.1-tiny", MASKLOOM_MODELS=str(tmp_path))
    wait_for(lambda: bool(asker.redis.exists(worker_key(worker.node))))
    info = msgspec.json.decode(str(asker.redis.get(worker_key(worker.node))), type=WorkerInfo)
    assert info.model.label == "opencv"
    assert "sam2.1_hiera_tiny.pt" in info.notice and "opencv stands in" in info.notice
    asker.click(a_click(frames, session=63), queue=worker.queue)
    assert asker.answer().mask is not None
    told = [each for each in asker.results if isinstance(each, SessionState) and each.session == 63]
    assert {each.notice for each in told} == {info.notice}


def test_a_worker_that_warms_up_says_so_and_leaves_the_work_to_others(
    asker: Asker,
    frames: Frames,
    worker: WorkerProcess,
    valkey: Server,
    media: Path,
    tmp_path: Path,
) -> None:
    warm = tmp_path / "warm"
    setting = {"MASKLOOM_COMPILE": "true", "MASKLOOM_SCRIPTED_WARM_UP": str(warm)}
    slow = WorkerProcess(valkey.url, "slow", media, tmp_path / "log", **setting)
    try:
        wait_for(lambda: slow.info(asker) is not None)
        assert slow.info(asker).warming  # type: ignore[union-attr]
        for change in range(6):
            asker.click(a_click(frames, session=70 + change, change=change))
            asker.answer_to(change)
            assert asker.redis.get(lease_key(70 + change)) == worker.queue
        assert slow.info(asker).warming  # type: ignore[union-attr]
        warm.touch()
        slow.wait_until_ready()
        wait_for(lambda: not slow.info(asker).warming)  # type: ignore[union-attr]
        asker.click(a_click(frames, session=80, change=99), queue=slow.queue)
        asker.answer_to(99)
    finally:
        slow.stop()


def test_a_worker_that_is_asked_to_stop_leaves_no_sign(
    asker: Asker, frames: Frames, start_worker: Callable[..., WorkerProcess]
) -> None:
    worker = start_worker("brief")
    asker.click(a_click(frames, session=62), queue=worker.queue)
    asker.answer()
    assert asker.redis.exists(lease_key(62))
    worker.stop()
    assert not asker.redis.exists(lease_key(62), worker_key(worker.node))
