"""Models are imported inside: what is here is read before Django is set up."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import msgspec
import pytest

from inference_worker.protocol import messages

if TYPE_CHECKING:
    from annotator.models import Project, User, Video


@pytest.fixture
def video(project: Project, manager: User) -> Video:
    from tests.factories import make_video

    return make_video(project, manager)


@pytest.fixture
def worker() -> Iterator[None]:
    """The sign of life of an inference worker."""
    from annotator.redis import client

    model = messages.ModelVersion(engine="scripted")
    info = messages.WorkerInfo(name="w", model=model, device="cpu", sessions=0, queue="inference.w")
    client().set(messages.worker_key("w"), msgspec.json.encode(info))
    yield
    client().delete(messages.worker_key("w"))


@pytest.fixture
def sweep(
    monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any
) -> Callable[[], list[Any]]:
    """Sweeps once; what was sent to the workers meanwhile."""
    from annotator import inference
    from annotator.services import recovery

    found: list[Any] = []
    for name in ("segment", "propagate", "propose"):
        monkeypatch.setattr(inference, name, lambda message, **_: found.append(message) or True)

    def once() -> list[Any]:
        found.clear()
        with django_capture_on_commit_callbacks(execute=True):
            recovery.sweep()
        return list(found)

    return once


@pytest.fixture
def author(project: Project) -> User:
    """Whose work becomes gold."""
    from tests.factories import make_member

    return make_member(project, "annotator", "author")
