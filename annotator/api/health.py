"""Whether each part is well: GET /healthz for programs, GET /api/stopped for pages."""

from __future__ import annotations

import functools
import time
from collections.abc import Callable
from typing import Any

import redis
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection
from django.http import HttpRequest, JsonResponse
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.response import Response
from rest_framework.views import APIView

from annotator import inference, signs
from annotator.api.base import Request
from annotator.redis import client

_PROBE = "healthz"
FRESH_S = 2.0


def healthz(request: HttpRequest) -> JsonResponse:
    if request.method not in ("GET", "HEAD"):
        refused = {"code": "method_not_allowed", "message": "Health is read with GET."}
        return JsonResponse(refused, status=405, headers={"Allow": "GET, HEAD"})
    parts = _parts(_now())
    ok = all(part["ok"] for part in parts.values())
    return JsonResponse({"ok": ok, "parts": parts}, status=200 if ok else 503)


class StoppedShape(serializers.Serializer[Any]):
    stopped = serializers.ListField(child=serializers.CharField())


class StoppedView(APIView):
    """What does not work behind the pages, for whoever wonders why nothing comes."""

    @extend_schema(responses=StoppedShape)
    def get(self, request: Request) -> Response:
        return Response({"stopped": _stopped(_now())})


def _now() -> int:
    return int(time.monotonic() / FRESH_S)


@functools.lru_cache(maxsize=1)
def _parts(now: int) -> dict[str, dict[str, Any]]:
    """Looked at once in a while, however often anybody asks. now: counts in steps of FRESH_S."""
    silent = _silent()
    return {
        "database": _part(_database),
        "redis": _part(_redis),
        "storage": _part(_storage),
        **{part: _sign(part in silent) for part in signs.PARTS},
        "inference_worker": _part(_inference),
    }


@functools.lru_cache(maxsize=1)
def _stopped(now: int) -> list[str]:
    """now: as for _parts."""
    try:
        silent = signs.silent() | (set() if inference.workers() else {"inference_worker"})
    except redis.RedisError:  # nobody can tell of the others
        return ["redis"]
    return sorted(silent)


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


def _silent() -> set[str]:
    try:
        return signs.silent()
    except redis.RedisError:  # the part `redis` says so
        return set(signs.PARTS)


def _sign(is_silent: bool) -> dict[str, Any]:
    return {"ok": not is_silent, "message": "gave no sign of life" if is_silent else "well"}
