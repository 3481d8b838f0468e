"""The event stream of a session, over ASGI and a real Redis."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.db import connections, transaction

from annotator import events
from annotator.api.sessions import snapshot
from annotator.asgi import application
from annotator.models import User
from annotator.redis import client
from annotator.services import sessions, users
from tests.annotator.desk import Desk, square
from tests.factories import make_video

pytestmark = pytest.mark.django_db(transaction=True)
PATIENCE_S = 20
Event = tuple[str, str, Any]


@pytest.fixture
def desk(annotator: User, project) -> Desk:  # type: ignore[no-untyped-def]
    made = Desk(annotator, make_video(project, annotator))
    client().delete(events.stream_key(made.session.pk))
    return made


@pytest.fixture(autouse=True)
async def no_connection_left() -> AsyncIterator[None]:
    """Async tests work in a thread of their own, which the end of the test does not know."""
    yield
    await sync_to_async(connections.close_all)()


class Listener:
    """One connection to a stream, as an ASGI server would hold it."""

    def __init__(self) -> None:
        self.status: int | None = None
        self.lines: asyncio.Queue[str] = asyncio.Queue()
        self.gone = asyncio.Event()
        self.asked = False

    async def receive(self) -> dict[str, Any]:
        if not self.asked:
            self.asked = True
            return {"type": "http.request", "body": b"", "more_body": False}
        await self.gone.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: dict[str, Any]) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
        else:
            self.lines.put_nowait(message["body"].decode())

    async def event(self) -> Event:
        """The next one; comments and the retry line are passed over."""
        while True:
            text = await asyncio.wait_for(self.lines.get(), PATIENCE_S)
            fields = dict(line.split(": ", 1) for line in text.strip().splitlines())
            if "event" in fields:
                return fields["id"], fields["event"], json.loads(fields["data"])

    async def events(self, count: int) -> list[Event]:
        return [await self.event() for _ in range(count)]


def cookie(user: User) -> bytes:
    store = SessionStore()
    store[SESSION_KEY] = str(user.pk)
    store[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    store[HASH_SESSION_KEY] = user.get_session_auth_hash()
    store.create()
    return f"{settings.SESSION_COOKIE_NAME}={store.session_key}".encode()


@asynccontextmanager
async def listening(
    session: int, headers: list[tuple[bytes, bytes]], query: str = ""
) -> AsyncIterator[Listener]:
    listener = Listener()
    scope = {
        "type": "http", "http_version": "1.1", "method": "GET", "scheme": "http", "root_path": "",
        "path": f"/api/sessions/{session}/events", "query_string": query.encode(),
        "headers": [(b"host", b"localhost"), *headers], "client": ("127.0.0.1", 1), "server": ("localhost", 80),
    }  # fmt: skip
    task = asyncio.create_task(application(scope, listener.receive, listener.send))  # type: ignore[arg-type]
    try:
        yield listener
    finally:
        listener.gone.set()
        await asyncio.wait_for(task, PATIENCE_S)


@pytest.fixture
def listen(desk: Desk) -> Callable[..., Any]:
    def start(after: str | None = None, last_event_id: str | None = None) -> Any:
        @asynccontextmanager
        async def opened() -> AsyncIterator[Listener]:
            headers = [(b"cookie", await sync_to_async(cookie)(desk.user))]
            if last_event_id is not None:
                headers.append((b"last-event-id", last_event_id.encode()))
            async with listening(desk.session.pk, headers, f"after={after}" if after else "") as listener:
                yield listener

        return opened()

    return start


def soon(act: Callable[..., Any]) -> Callable[..., Awaitable[Any]]:
    return sync_to_async(act)


async def test_events_come_in_order_and_after_the_snapshot(desk: Desk, listen: Any) -> None:
    await soon(desk.draw)(0, square(5))
    after = (await soon(snapshot)(desk.session))["last_event_id"]
    async with listen(after=after) as listener:
        for frame in (4, 8):
            await soon(desk.draw)(frame, square(6))
        found = await listener.events(2)
        await soon(desk.undo)()
        found.append(await listener.event())
    assert [(kind, data["change"]["frame_indices"]) for _, kind, data in found] == [
        ("change", [4]), ("change", [8]), ("change", [8]),
    ]  # fmt: skip
    assert found[2][2]["change"]["undone"]


async def test_a_broken_line_loses_nothing_and_repeats_nothing(desk: Desk, listen: Any) -> None:
    for frame in range(0, 40, 4):
        await soon(desk.draw)(frame, square(5))
    async with listen(after="0-0") as listener:
        first = await listener.events(4)
    async with listen(after="0-0", last_event_id=first[-1][0]) as listener:
        # One for the masklet when it was made is not there: the stream began after it.
        rest = await listener.events(6)
    frames = [data["change"]["frame_indices"] for _, _, data in first + rest]
    assert frames == [[frame] for frame in range(0, 40, 4)]


async def test_a_backlog_longer_than_one_reading_comes_at_once(
    desk: Desk, listen: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(events, "BATCH", 3)
    monkeypatch.setattr(events, "KEEP_ALIVE_S", 3600)
    for frame in range(0, 40, 4):
        await soon(desk.draw)(frame, square(5))
    async with listen(after="0-0") as listener:
        assert len(await listener.events(10)) == 10


@pytest.mark.parametrize(
    "strange", ["1-0", "99999999999999-0", "nonsense", "1-0\r\nx: y", "9" * 30, "-1", "٣-0"]
)
async def test_an_id_that_the_stream_has_not_leads_to_one_reset(
    desk: Desk, listen: Any, strange: str
) -> None:
    await soon(desk.draw)(0, square(5))
    newest = await soon(events.last_id)(desk.session.pk)
    async with listen(last_event_id=strange) as listener:
        entry, kind, data = await listener.event()
        await soon(desk.draw)(4, square(5))
        following = await listener.event()
    assert (entry, kind, data) == (newest, "reset", {})
    assert following[1] == "change"


async def test_a_stream_that_is_gone_leads_to_a_reset_and_goes_on(desk: Desk, listen: Any) -> None:
    await soon(desk.draw)(0, square(5))
    before = await soon(events.last_id)(desk.session.pk)
    client().delete(events.stream_key(desk.session.pk))
    async with listen(last_event_id=before) as listener:
        assert (await listener.event())[1] == "reset"
        await soon(desk.draw)(4, square(5))
        assert (await listener.event())[1] == "change"


def test_nothing_is_told_of_what_was_rolled_back(desk: Desk) -> None:
    before = events.last_id(desk.session.pk)
    with transaction.atomic():
        desk.draw(0, square(5))
        transaction.set_rollback(True)
    assert events.last_id(desk.session.pk) == before


async def test_streams_hold_no_database_connection(desk: Desk, listen: Any) -> None:
    pool = await soon(lambda: connections["default"].pool)()

    def in_use() -> int:
        connections.close_all()
        found = pool.get_stats()
        return found["pool_size"] - found["pool_available"]

    before = await soon(in_use)()
    async with listen(after="0-0") as one, listen(after="0-0") as two, listen(after="0-0") as three:
        await soon(desk.draw)(0, square(5))
        for listener in (one, two, three):
            await listener.event()
        # A stream would hold one for as long as it runs; the pool may just be opening or taking back another.
        async with asyncio.timeout(PATIENCE_S):
            while await soon(in_use)() > before:
                await asyncio.sleep(0.05)


async def test_a_listener_that_leaves_is_forgotten(desk: Desk, listen: Any) -> None:
    async with listen(after="0-0") as one, listen(after="0-0") as other:
        await soon(desk.draw)(0, square(5))
        for listener in (one, other):  # each is let in at its own pace
            await listener.event()
        assert len(events.hub()._waiting[desk.session.pk]) == 2
    assert desk.session.pk not in events.hub()._waiting


async def test_only_the_holder_hears(desk: Desk, project) -> None:  # type: ignore[no-untyped-def]
    from tests.factories import make_member

    other = await soon(make_member)(project, "owner", "nosy")
    async with listening(desk.session.pk, [(b"cookie", await soon(cookie)(other))]) as listener:
        body = json.loads(await asyncio.wait_for(listener.lines.get(), PATIENCE_S))
    assert (listener.status, body["code"]) == (404, "not_found")
    async with listening(desk.session.pk, []) as listener:
        body = json.loads(await asyncio.wait_for(listener.lines.get(), PATIENCE_S))
    assert (listener.status, body["code"]) == (401, "not_authenticated")


async def test_a_token_opens_a_stream_too(desk: Desk) -> None:
    token = await soon(users.make_token)(user=desk.user, name="script")
    await soon(desk.draw)(0, square(5))
    async with listening(desk.session.pk, [(b"authorization", f"Token {token}".encode())]) as listener:
        assert (await listener.event())[1] == "change"


async def test_a_closed_session_is_not_listened_to(desk: Desk) -> None:
    await soon(sessions.close)(session=desk.session)
    async with listening(desk.session.pk, [(b"cookie", await soon(cookie)(desk.user))]) as listener:
        body = json.loads(await asyncio.wait_for(listener.lines.get(), PATIENCE_S))
    assert (listener.status, body["code"]) == (409, "session_closed")
