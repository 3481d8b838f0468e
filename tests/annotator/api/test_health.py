"""What is told of the processes behind the pages."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest
from django.test import Client

from annotator import signs
from annotator.api import health
from annotator.models import User
from annotator.redis import client
from annotator.services import recovery
from inference_worker.protocol import messages
from tests.annotator.api.http import Http


@pytest.fixture(autouse=True)
def nobody_at_work(db: None) -> Iterator[None]:
    _forget()
    client().flushdb()
    yield
    client().flushdb()


def _forget() -> None:
    health._parts.cache_clear()
    health._stopped.cache_clear()


def parts() -> dict[str, Any]:
    _forget()
    return dict(json.loads(Client().get("/healthz").content)["parts"])


def stopped(user: User) -> list[str]:
    _forget()
    return list(json.loads(Http(user)("GET", "stopped").content)["stopped"])


def infer() -> None:
    model = messages.ModelVersion(engine="scripted")
    info = messages.WorkerInfo(name="w", model=model, device="cpu", sessions=0, queue="w")
    client().set(messages.worker_key("w"), msgspec.json.encode(info))


def test_each_part_that_gives_no_sign_of_life_is_named(annotator: User) -> None:
    assert stopped(annotator) == ["cpu_worker", "inference_worker", "recorder"]
    infer()
    signs.give(signs.CPU_WORKER)
    assert stopped(annotator) == ["recorder"]
    said = parts()
    assert [name for name, part in said.items() if not part["ok"]] == ["recorder"]
    assert said["recorder"]["message"] == "gave no sign of life"


def test_the_clock_is_missed_only_where_the_recorder_could_do_what_it_asks_for(annotator: User) -> None:
    infer()
    for part in (signs.CPU_WORKER, signs.RECORDER):
        signs.give(part)
    assert stopped(annotator) == ["clock"]
    recovery.sweep()
    assert stopped(annotator) == []
    assert all(part["ok"] for part in parts().values())
