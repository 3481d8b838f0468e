from __future__ import annotations

from pathlib import Path

from deploy.local.services import Server
from inference_worker.chains import Chains
from inference_worker.frames import FrameStore
from inference_worker.heartbeat import Heartbeat
from inference_worker.protocol.messages import (
    LEASE_TTL,
    Frames,
    ModelVersion,
    WorkerInfo,
    alive_key,
    alive_run_key,
    lease_key,
    stop_key,
    stop_run_key,
    worker_key,
)
from inference_worker.runtime import Runtime
from inference_worker.session_pool import SessionPool
from inference_worker.signs import Signs, connect
from tests.inference_worker.fakes import FakeEngine, Witness
from tests.inference_worker.worker_process import Asker, a_pass


def test_a_lease_belongs_to_one_worker_until_it_lapses(asker: Asker, valkey: Server) -> None:
    one, two = Signs(connect(valkey.url), "one.dq2"), Signs(connect(valkey.url), "two.dq2")
    assert one.claim(1)
    assert not two.claim(1)
    assert one.claim(1)
    assert 0 < asker.redis.ttl(lease_key(1)) <= LEASE_TTL
    two.release(1)
    assert asker.redis.get(lease_key(1)) == "one.dq2"
    asker.redis.delete(lease_key(1))
    assert two.claim(1)
    assert not one.claim(1)


def test_a_propagation_belongs_to_its_newest_attempt(asker: Asker, valkey: Server) -> None:
    signs = Signs(connect(valkey.url), "one.dq2")
    assert signs.take(7, attempt=9)
    assert signs.take(7, attempt=10)
    assert not signs.take(7, attempt=9)
    assert signs.asked(7, attempt=9) == "superseded"
    assert signs.asked(7, attempt=10) == ""
    asker.redis.set(stop_key(7), 1)
    assert signs.asked(7, attempt=10) == "stop"
    signs.let_go(7, attempt=9)
    assert asker.redis.get(alive_key(7)) == "10"
    signs.let_go(7, attempt=10)
    assert not asker.redis.exists(alive_key(7))


def test_without_redis_nobody_objects_and_afterwards_all_is_as_before(asker: Asker, valkey: Server) -> None:
    signs = Signs(connect(valkey.url), "one.dq2")
    assert signs.claim(1)
    valkey.kill9()
    try:
        assert signs.claim(1)
        assert signs.take(1, attempt=1)
        assert signs.asked(1, attempt=1) == ""
        signs.release(1)
    finally:
        valkey.start()
    assert signs.claim(1)
    assert asker.redis.get(lease_key(1)) == "one.dq2"


def test_a_beat_renews_what_is_ours_and_drops_what_lives_elsewhere_unless_it_is_propagated(
    asker: Asker, valkey: Server, media: Path, frames: Frames
) -> None:
    signs = Signs(connect(valkey.url), "one.dq2")
    witness = Witness()
    engine = FakeEngine()
    pool = SessionPool(engine, FrameStore(media, ""), 1000, witness, witness)
    chains = Chains()
    for session in (1, 2, 3):
        with pool.hold(session, frames, midway=False):
            pass
    for session in (2, 3):
        asker.redis.set(lease_key(session), "two.dq2")
    chains.begin(a_pass(frames, [[4, 8]], propagation=30, session=3))
    chains.end(30, left=1)
    run_signs = Signs(connect(valkey.url), "one.dq2", alive_run_key, stop_run_key)
    # a beat sends no result
    runtime = Runtime(engine, pool, chains, signs, run_signs, None, 1.0)  # type: ignore[arg-type]
    info = WorkerInfo(
        name="one", model=ModelVersion(engine="fake"), device="cpu", sessions=0, queue="one.dq2"
    )
    heartbeat = Heartbeat(runtime, signs, lambda: info)
    heartbeat.beat()
    assert pool.sessions() == [1, 3]
    assert asker.redis.get(lease_key(1)) == "one.dq2"
    assert asker.redis.get(alive_key(30)) == "1"
    assert asker.redis.ttl(worker_key("one")) > 0
    heartbeat.start()
    heartbeat.stop()
    assert not asker.redis.exists(lease_key(1), alive_key(30), worker_key("one"))
    assert asker.redis.get(lease_key(3)) == "two.dq2"
