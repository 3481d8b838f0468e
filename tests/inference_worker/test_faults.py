"""kill -9 of the worker and of Redis, in the middle of a pass."""

from __future__ import annotations

import time
from collections.abc import Callable

from deploy.local.services import Server
from inference_worker.protocol.messages import Frames, alive_key, lease_key, worker_key
from tests.inference_worker.worker_process import STRIDE, Asker, WorkerProcess, a_click, a_pass, wait_for

SLOW = {"MASKLOOM_CHUNK_MS": "1", "MASKLOOM_SCRIPTED_FRAME_MS": "20"}
RUN = list(range(4, 404, STRIDE))


def test_a_pass_goes_on_when_its_worker_was_killed_and_is_back(
    asker: Asker, frames: Frames, start_worker: Callable[..., WorkerProcess]
) -> None:
    worker = start_worker("mortal", **SLOW)
    asker.propagate(a_pass(frames, [RUN]))
    asker.results_until(lambda _: len(asker.chunks_of(1)) == 5)
    freeze_with_a_message(worker, asker)
    worker.kill()
    make_unacked_messages_old(asker)
    start_worker("mortal", **SLOW)
    chunks = asker.chunks_to_the_end(1)
    assert chunks[-1].state == "finished"
    assert sorted({mask.frame_index for chunk in chunks for mask in chunk.masks}) == RUN
    moved_on = [mask.counts for chunk in chunks for mask in chunk.masks if mask.frame_index == RUN[-1]]
    asker.propagate(a_pass(frames, [RUN], propagation=2))
    unbroken = [
        m.counts for chunk in asker.chunks_to_the_end(2) for m in chunk.masks if m.frame_index == RUN[-1]
    ]
    assert moved_on == unbroken


def test_a_dead_worker_is_missed_within_seconds(
    asker: Asker, frames: Frames, start_worker: Callable[..., WorkerProcess]
) -> None:
    worker = start_worker("gone", **SLOW)
    asker.propagate(a_pass(frames, [RUN]))
    asker.results_until(lambda _: len(asker.chunks_of(1)) == 3)
    signs = [alive_key(1), lease_key(1), worker_key(worker.node)]
    wait_for(lambda: asker.redis.exists(*signs) == 3)
    worker.kill()
    wait_for(lambda: not asker.redis.exists(*signs), seconds=12)
    other = start_worker("other", **SLOW)
    asker.propagate(a_pass(frames, [RUN], attempt=2))
    chunks = asker.chunks_to_the_end(1, attempt=2)
    assert [mask.frame_index for chunk in chunks for mask in chunk.masks] == RUN
    assert asker.redis.get(lease_key(1)) == other.queue


def test_a_worker_outlives_redis_and_serves_both_queues_again(
    asker: Asker, frames: Frames, valkey: Server, start_worker: Callable[..., WorkerProcess]
) -> None:
    worker = start_worker("patient", **SLOW)
    asker.propagate(a_pass(frames, [RUN]))
    asker.results_until(lambda _: len(asker.chunks_of(1)) == 5)
    started = 0.0
    for first_change in (1, 3):
        freeze_with_a_message(worker, asker, since=started)
        valkey.kill9()
        worker.thaw()
        valkey.start()
        started = time.time()
        for change, queue in enumerate((worker.queue, "inference"), first_change):
            asker.click(a_click(frames, session=5, change=change), queue=queue)
            asker.answer_to(change)
    make_unacked_messages_old(asker)
    chunks = asker.chunks_to_the_end(1)
    assert chunks[-1].state == "finished"
    assert sorted({mask.frame_index for chunk in chunks for mask in chunk.masks}) == RUN
    wait_for(lambda: asker.redis.get(lease_key(5)) == worker.queue)


def freeze_with_a_message(worker: WorkerProcess, asker: Asker, since: float = 0.0) -> None:
    """Not between taking a message and noting it as taken: what kombu loses there, recovery sends again.

    since: Unix time; a message taken before it does not count.
    """
    for _ in range(1000):
        worker.freeze()
        if asker.redis.zcount("unacked_index", since, "+inf"):
            return
        worker.thaw()
        time.sleep(0.005)
    raise AssertionError("the worker takes no message")


def make_unacked_messages_old(asker: Asker) -> None:
    """As if the time after which an unacknowledged message comes back were over."""
    for tag in asker.redis.zrange("unacked_index", 0, -1):
        asker.redis.zadd("unacked_index", {tag: 0})
