"""GET /healthz: whether each part is well."""

from __future__ import annotations

import functools
import time
from collections.abc import Callable
from typing import Any

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection
from django.http import HttpRequest, JsonResponse

from annotator import inference
from annotator.celery import CPU_QUEUE, app
from annotator.redis import client
from inference_worker.protocol import messages

_PROBE = "healthz"
FRESH_S = 2.0


def healthz(request: HttpRequest) -> JsonResponse:
    if request.method not in ("GET", "HEAD"):
        refused = {"code": "method_not_allowed", "message": "Health is read with GET."}
        return JsonResponse(refused, status=405, headers={"Allow": "GET, HEAD"})
    parts = _parts(int(time.monotonic() / FRESH_S))
    ok = all(part["ok"] for part in parts.values())
    return JsonResponse({"ok": ok, "parts": parts}, status=200 if ok else 503)


@functools.lru_cache(maxsize=1)
def _parts(now: int) -> dict[str, dict[str, Any]]:
    """Looked at once in a while, however often anybody asks. now: counts in steps of FRESH_S."""
    consumers = _quiet(_consumers)
    return {
        "database": _part(_database),
        "redis": _part(_redis),
        "storage": _part(_storage),
        "recorder": _consumer(messages.RESULTS_QUEUE, consumers),
        "cpu_worker": _consumer(CPU_QUEUE, consumers),
        "inference_worker": _part(_inference),
    }


def _part(check: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """The check's facts; a failing one shows only what kind of failure it is, no address and no secret."""
    try:
        return {"ok": True, "message": "well", **check()}
    except Exception as error:
        return {"ok": False, "message": f"not reachable ({type(error).__name__})"}


def _database() -> dict[str, Any]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return {}


def _redis() -> dict[str, Any]:
    client().ping()
    return {}


def _storage() -> dict[str, Any]:
    name = default_storage.save(_PROBE, ContentFile(b"well"))
    default_storage.delete(name)
    return {}


def _inference() -> dict[str, Any]:
    workers = inference.workers()
    if not workers:
        return {"ok": False, "message": "no inference worker has given a sign of life", "workers": 0}
    first = min(workers, key=lambda worker: worker.warming)
    if first.warming:
        return {"ok": False, "message": "the inference worker is warming up", "workers": len(workers)}
    well = {"message": first.notice} if first.notice else {}
    return {"engine": first.model.label, "workers": len(workers), **well}


def _consumers() -> set[str]:
    """Queues that some Celery worker is reading."""
    answers = app.control.inspect(timeout=1.0).active_queues() or {}
    return {queue["name"] for queues in answers.values() for queue in queues}


def _consumer(queue: str, consumers: set[str] | None) -> dict[str, Any]:
    if consumers is not None and queue in consumers:
        return {"ok": True, "message": "well"}
    return {"ok": False, "message": "no process reads its queue"}


def _quiet(read: Callable[[], set[str]]) -> set[str] | None:
    try:
        return read()
    except Exception:  # the broker is away; the part `redis` says so
        return None
