"""The ASGI application: Django for everything, each request in one thread."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

import django
from asgiref.sync import sync_to_async
from django.core.handlers.asgi import ASGIHandler
from django.core.handlers.base import BaseHandler
from django.http import HttpRequest
from django.http.response import HttpResponseBase

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Any, Any, Any], Awaitable[None]]

MOST_BYTES = 20 * 2**20  # a part of an upload has at most 16 MiB
_TOO_LARGE = json.dumps({"code": "too_large", "message": "A request takes at most 20 MiB."}).encode()


class OneThreadHandler(ASGIHandler):
    """Takes a request through all middleware and its view in one thread; event streams stay on the loop.

    Django's own handler changes between loop and thread for each middleware, and each change waits
    for the interpreter's lock: that was more than half of the time that a small request took.
    """

    def __init__(self) -> None:
        BaseHandler.__init__(self)
        self.load_middleware(is_async=False)

    async def get_response_async(self, request: HttpRequest) -> HttpResponseBase:
        return await sync_to_async(self.get_response, thread_sensitive=True)(request)


class BoundedBody:
    """Refuses requests whose body is longer than any that the API takes, whoever sends them."""

    def __init__(self, application: Application) -> None:
        self._application = application

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and _announced(scope) > MOST_BYTES:
            await send(
                {
                    "type": "http.response.start",
                    "status": 413,
                    "headers": [(b"content-type", b"application/json")],
                }
            )
            await send({"type": "http.response.body", "body": _TOO_LARGE})
            return
        arrived = 0

        async def counted() -> Message:
            nonlocal arrived
            message = await receive()
            arrived += len(message.get("body", b""))
            # A body that came without its length is cut off as if its sender had gone.
            return message if arrived <= MOST_BYTES else {"type": "http.disconnect"}

        await self._application(scope, counted, send)


def _announced(scope: Scope) -> int:
    length = dict(scope["headers"]).get(b"content-length", b"0")
    return int(length) if length.isdigit() and len(length) < 19 else 0


# Seconds that a thread may compute while others, back from the database, wait for the interpreter: shorter
# than Python's 5 ms, because a request goes to the database a dozen times.
sys.setswitchinterval(0.0005)
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "annotator.settings")
django.setup(set_prefix=False)
application = BoundedBody(OneThreadHandler())
