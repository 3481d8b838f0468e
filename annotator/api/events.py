"""The server-sent events of one session."""

from __future__ import annotations

from collections.abc import AsyncIterator

from asgiref.sync import sync_to_async
from django.db import connections
from django.http import HttpRequest, HttpResponseBase, JsonResponse, StreamingHttpResponse
from rest_framework.request import Request

from annotator import events
from annotator.api import errors
from annotator.api.authentication import TokenAuthentication
from annotator.services import sessions


async def session_events(request: HttpRequest, session_id: int) -> HttpResponseBase:
    """GET only; not a DRF view, because those are synchronous and a stream would hold a thread.

    `?after=` names the snapshot's last_event_id for the first connection; a browser that comes
    back sends Last-Event-ID, which is newer.
    """
    if request.method != "GET":
        return JsonResponse(
            {"code": "method_not_allowed", "message": "Events are read with GET."},
            status=405,
            headers={"Allow": "GET"},
        )
    refused = await sync_to_async(_refusal)(request, session_id)
    if refused is not None:
        return refused
    after = request.headers.get("Last-Event-ID") or request.GET.get("after") or "0-0"
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return StreamingHttpResponse(_lines(session_id, after), content_type="text/event-stream", headers=headers)


def _refusal(request: HttpRequest, session_id: int) -> HttpResponseBase | None:
    """Why this person may not listen, as an answer; None when they may."""
    try:
        user = _user(request)
        if user is None:
            return JsonResponse({"code": "not_authenticated", "message": "Sign in first."}, status=401)
        sessions.held(session_id, user)
        return None
    except Exception as error:
        answered = errors.answer(error, {})
        if answered is None:
            raise
        return JsonResponse(answered.data, status=answered.status_code)
    finally:
        # A stream lasts for hours: it must not keep a database connection of the pool for itself.
        connections.close_all()


def _user(request: HttpRequest):  # type: ignore[no-untyped-def]
    found = TokenAuthentication().authenticate(Request(request))
    if found is not None:
        return found[0]
    user = request.user
    return user if user.is_authenticated else None


async def _lines(session_id: int, after: str) -> AsyncIterator[str]:
    yield "retry: 1000\n\n"
    async for event in events.hub().read(session_id, _entry(after)):
        if event is None:
            yield ": still here\n\n"
        else:
            entry, kind, data = event
            yield f"id: {entry}\nevent: {kind}\ndata: {data}\n\n"


def _entry(text: str) -> str:
    """The id if it has the form of one; an odd one is from nowhere, and leads to a reset."""
    head, _, tail = text.partition("-")
    fits = head.isascii() and head.isdigit() and (not tail or (tail.isascii() and tail.isdigit()))
    return text if fits and len(text) < 40 else "1-0"
