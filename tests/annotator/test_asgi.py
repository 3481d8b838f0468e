from __future__ import annotations

import contextlib
import json
from collections.abc import AsyncIterator
from datetime import timedelta

import httpx
import pytest
from django.utils import timezone

from annotator.asgi import MOST_BYTES, application
from annotator.models import Project, Upload, User
from annotator.services import uploads
from web.middleware import CONTENT_SECURITY_POLICY


def over_http() -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(application), base_url="http://localhost")


async def test_a_body_that_says_it_is_too_long_is_refused_unread() -> None:
    async with over_http() as client:
        headers = {"Content-Length": str(MOST_BYTES + 1), "Content-Type": "application/json"}
        answer = await client.post("/api/auth/token", content=b"{}", headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")


@pytest.mark.django_db(transaction=True)
async def test_a_body_without_a_length_is_cut_off_when_it_gets_too_long() -> None:
    taken = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal taken
        while taken < 4 * MOST_BYTES:
            taken += 2**20
            yield bytes(2**20)

    async with over_http() as client:
        with contextlib.suppress(httpx.HTTPError, AssertionError):  # there is no answer to somebody gone
            await client.post("/api/auth/token", content=endless())
    assert taken <= MOST_BYTES + 2 * 2**20


@pytest.mark.django_db(transaction=True)
async def test_a_short_body_passes() -> None:
    async with over_http() as client:
        answer = await client.post("/api/auth/token", content=json.dumps({"username": "a", "password": "b"}))
    assert answer.status_code in (400, 401, 415)


@pytest.mark.django_db(transaction=True)
async def test_pages_come_with_their_policy_through_asgi_as_well() -> None:
    async with over_http() as client:
        assert (await client.get("/sign-in")).headers["content-security-policy"] == CONTENT_SECURITY_POLICY


@pytest.mark.django_db
def test_an_upload_that_nobody_went_on_with_is_let_go_with_its_bytes(project: Project, manager: User) -> None:
    old = uploads.begin(project=project, user=manager, filename="a.mp4", size=10)
    new = uploads.begin(project=project, user=manager, filename="b.mp4", size=10)
    for upload in (old, new):
        uploads.append(upload=upload, offset=0, part=b"12345")
    Upload.objects.filter(pk=old.pk).update(updated_at=timezone.now() - timedelta(days=8))
    uploads.forget_abandoned()
    assert [row.pk for row in Upload.objects.all()] == [new.pk]
    assert (uploads.path_of(old).exists(), uploads.path_of(new).exists()) == (False, True)
