"""Every error as one JSON form: {"code", "message", ...data}."""

from __future__ import annotations

import logging
from typing import Any

import msgspec
import redis
from django.core.exceptions import PermissionDenied
from django.db import DataError, InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.views import defaults
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.views import exception_handler

from annotator.errors import AnnotatorError, NotThere

log = logging.getLogger(__name__)

_AWAY = "A part of the server is away for the moment. Nothing stored is lost; try again in a few seconds."


def answer(error: Exception, context: dict[str, Any]) -> Response | None:
    """DRF's exception handler. None leaves what nobody expected to Django's 500."""
    if isinstance(error, AnnotatorError):
        return Response(
            {"code": error.code, "message": error.message, **error.data}, status=error.http_status
        )
    if isinstance(error, OperationalError | InterfaceError | redis.RedisError):
        log.warning("a part is away: %s", error)
        return Response({"code": "part_missing", "message": _AWAY}, status=503, headers={"Retry-After": "2"})
    if isinstance(error, DataError):
        log.warning("a value did not fit its column: %s", error)
        message = "A value in this request is too long, too large, or holds a zero byte."
        return Response({"code": "invalid", "message": message}, status=400)
    if isinstance(error, RecursionError):
        return Response({"code": "invalid", "message": "This request is nested too deeply."}, status=400)
    if isinstance(error, msgspec.ValidationError):
        return Response({"code": "invalid", "message": f"This request cannot be read: {error}."}, status=400)
    response = exception_handler(error, context)
    if response is None:
        return None
    response.data = _body(error, response.data)
    return response


def unknown_address(request: HttpRequest, **_: object) -> JsonResponse:
    """The answer under /api/ to an address that no route has."""
    message = f"There is nothing at {request.path}. /api/schema lists what there is."
    return JsonResponse({"code": "not_found", "message": message}, status=404)


def failed(request: HttpRequest) -> HttpResponse:
    """Django's handler500: the one error form under /api/, Django's own page elsewhere."""
    if not request.path.startswith("/api/"):
        return defaults.server_error(request)
    message = "The server failed at this. What was stored before is safe; its log says more."
    return JsonResponse({"code": "internal", "message": message}, status=500)


def _body(error: Exception, detail: Any) -> dict[str, Any]:
    if isinstance(error, exceptions.ValidationError):
        return {"code": "invalid", "message": _sentence(detail), "fields": detail}
    if isinstance(error, Http404):
        return {"code": NotThere.code, "message": NotThere().message}
    if isinstance(error, PermissionDenied):
        return {"code": "not_allowed", "message": "You may not do this."}
    codes = error.get_codes() if isinstance(error, exceptions.APIException) else "error"
    message = detail.get("detail", "") if isinstance(detail, dict) else detail
    return {"code": codes if isinstance(codes, str) else "error", "message": str(message)}


def _sentence(detail: Any) -> str:
    """The first complaint, with the name of its field."""
    if isinstance(detail, dict):
        for name, value in detail.items():
            inner = _sentence(value)
            return inner if name == "non_field_errors" else f"{name}: {inner}"
    if isinstance(detail, list) and detail:
        return _sentence(next((item for item in detail if item), detail[0]))
    return str(detail)
