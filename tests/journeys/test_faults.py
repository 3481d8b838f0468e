"""kill -9 of each process in the middle of a pass, with clicks going on: nothing is lost, and no person repairs."""

from __future__ import annotations

import random
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from annotator.simulation.client import Client
from annotator.video_io.encoder import Encoder
from tests.journeys.maskloom_process import Maskloom, wait_for
from tests.journeys.people import ENDED, Clicker, Follower, view

VICTIMS = ("inference-worker", "cpu-worker", "web", "valkey", "postgres", "recorder", "clock")
PATIENCE = 60.0


@pytest.fixture(scope="module")
def maskloom() -> Iterator[Maskloom]:
    running = Maskloom(MASKLOOM_ENGINE="scripted", MASKLOOM_SCRIPTED_FRAME_MS="50")
    try:
        yield running.wait_until_ready()
    finally:
        running.stop()


@pytest.fixture(scope="module")
def client(maskloom: Maskloom) -> Client:
    return maskloom.client("annotator")


@pytest.fixture(scope="module")
def video(client: Client) -> dict[str, Any]:
    return client.get("projects/sample/videos")["results"][0]


@pytest.fixture
def session(client: Client, video: dict[str, Any]) -> int:
    return client.post(f"videos/{video['id']}/sessions")["session"]["id"]


@pytest.mark.parametrize("victim", VICTIMS)
def test_a_pass_and_every_acknowledged_click_outlive_kill_9(
    maskloom: Maskloom, client: Client, video: dict[str, Any], session: int, victim: str
) -> None:
    _assert_outlives(maskloom, client, video, session, victim, lambda: maskloom.kill9(victim))


def test_a_pass_and_every_acknowledged_click_outlive_a_redis_that_comes_back_empty(
    maskloom: Maskloom, client: Client, video: dict[str, Any], session: int
) -> None:
    def end() -> int:
        maskloom.redis().flushall()
        return maskloom.kill9("valkey")

    _assert_outlives(maskloom, client, video, session, "valkey", end)


def test_an_ingest_whose_worker_is_killed_is_done_by_the_next_one(maskloom: Maskloom, tmp_path: Path) -> None:
    manager = maskloom.client("manager")
    video = manager.upload("sample", _long_video(tmp_path / "long.mp4"))
    wait_for("the ingest to be under way", lambda: manager.get(f"videos/{video}")["progress"] > 0, PATIENCE)
    killed = maskloom.kill9("cpu-worker")
    assert manager.get(f"videos/{video}")["state"] == "ingesting"
    maskloom.wait_until_back("cpu-worker", killed)
    # It is missed once it has shown no progress for a minute.
    wait_for("the ingest", lambda: manager.get(f"videos/{video}")["state"] == "ready", 2 * PATIENCE)
    assert manager.get(f"videos/{video}")["frame_count"] == 120
    wait_for("the working folder to go", lambda: not list((maskloom.data / "work").iterdir()), PATIENCE)


def _assert_outlives(
    maskloom: Maskloom,
    client: Client,
    video: dict[str, Any],
    session: int,
    victim: str,
    end: Callable[[], int],
) -> None:
    follower = Follower(client, session)
    clicked, *tracked = [_masklet(client, session, name) for name in ("clicked", "one", "two", "three")]
    propagation = _propagate(client, session, tracked)
    clicker = Clicker(client, session, clicked, _frames(video))
    clicker.start()
    _wait_until_running(client, session, propagation)
    killed = end()
    maskloom.wait_until_back(victim, killed)
    clicker.wait_for_more(2)
    clicker.stop()
    ended = _wait_until_ended(client, session, propagation)

    assert (ended["state"], ended["frames_done"]) == ("finished", ended["frames_total"])
    _assert_masks_of_the_pass_are_there_once(maskloom, propagation, tracked, video)
    _assert_clicks_are_there_once_and_answered(maskloom, clicked["id"], clicker.acknowledged)
    _assert_events_told_everything(client, session, follower)


def _masklet(client: Client, session: int, name: str) -> dict[str, Any]:
    return client.post(f"sessions/{session}/masklets", name=name, client_id=str(uuid.uuid4()))


def _propagate(client: Client, session: int, masklets: list[dict[str, Any]]) -> int:
    wanted = []
    for masklet in masklets:
        click = {"kind": "point", "x": 200.0, "y": 150.0, "positive": True}
        made = client.post(
            f"sessions/{session}/masklets/{masklet['id']}/prompts",
            frame_index=0,
            prompts=[click],
            base_version=masklet["version"],
            client_id=str(uuid.uuid4()),
        )
        wanted.append({"id": masklet["id"], "base_version": made["masklet"]["version"]})
    path = f"sessions/{session}/propagations"
    body = {"masklets": wanted, "start_frame": 0, "direction": "forward", "client_id": str(uuid.uuid4())}
    return client.post(path, **body)["id"]


def _frames(video: dict[str, Any]) -> range:
    return range(0, video["frame_count"], video["stride"])


def _state(client: Client, session: int, propagation: int) -> dict[str, Any]:
    rows = client.get(f"sessions/{session}")["propagations"]
    return next(row for row in rows if row["id"] == propagation)


def _wait_until_running(client: Client, session: int, propagation: int) -> None:
    def running() -> bool:
        row = _state(client, session, propagation)
        assert row["state"] not in ENDED, "the pass was over before anything could be killed"
        return row["frames_done"] > 5

    wait_for("the pass to run", running, PATIENCE)


def _wait_until_ended(client: Client, session: int, propagation: int) -> dict[str, Any]:
    wait_for("the pass", lambda: _state(client, session, propagation)["state"] in ENDED, PATIENCE)
    return _state(client, session, propagation)


def _assert_masks_of_the_pass_are_there_once(
    maskloom: Maskloom, propagation: int, tracked: list[dict[str, Any]], video: dict[str, Any]
) -> None:
    stored = maskloom.rows(
        "SELECT m.masklet_id, m.frame_index FROM annotator_mask m JOIN annotator_change c ON c.id = m.change_id"
        " WHERE c.propagation_id = %s",
        propagation,
    )
    assert sorted(stored) == sorted((row["id"], frame) for row in tracked for frame in _frames(video)[1:])


def _assert_clicks_are_there_once_and_answered(
    maskloom: Maskloom, masklet: int, acknowledged: dict[str, tuple[int, float]]
) -> None:
    def unanswered() -> list[tuple[object, ...]]:
        return maskloom.rows(
            "SELECT id FROM annotator_change c WHERE masklet_id = %s AND (pending OR error <> '' OR NOT EXISTS"
            " (SELECT 1 FROM annotator_mask m WHERE m.change_id = c.id AND m.human))",
            masklet,
        )

    wait_for("every click's mask", lambda: not unanswered(), PATIENCE)
    stored = maskloom.rows(
        "SELECT c.client_id::text, p.frame_index, (p.data->>'x')::float FROM annotator_prompt p"
        " JOIN annotator_change c ON c.id = p.change_id WHERE p.masklet_id = %s",
        masklet,
    )
    assert sorted(stored) == sorted((client_id, *click) for client_id, click in acknowledged.items())


def _assert_events_told_everything(client: Client, session: int, follower: Follower) -> None:
    def fresh() -> dict[str, Any]:
        snapshot = client.get(f"sessions/{session}")
        return view(*(snapshot[part] for part in ("masklets", "masks", "prompts", "propagations")))

    give_up = time.monotonic() + 30
    while follower.shown() != fresh() and time.monotonic() < give_up:
        time.sleep(0.3)
    shown, true = follower.shown(), fresh()
    for part in true:
        assert shown[part] == true[part], part


def _long_video(path: Path) -> Path:
    noise = random.Random(7)
    with Encoder(path, 1280, 720, crf=20) as encoder:
        for _ in range(120):
            grain = np.frombuffer(noise.randbytes(160 * 90 * 3), np.uint8).reshape(90, 160, 3)
            encoder.write([np.ascontiguousarray(grain.repeat(8, 0).repeat(8, 1)).reshape(-1).data])
    return path
