"""Signing in by name and password, with a limit on guessing, for the page and the API alike."""

from __future__ import annotations

import hashlib
import logging
from typing import Any

import redis
from django.conf import settings
from django.contrib.auth.backends import ModelBackend
from django.core.cache import cache
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest

from annotator.models import User

log = logging.getLogger(__name__)

WINDOW_S = 300


class SignIn(ModelBackend):
    """Refuses everybody at one address for a name after too many wrong passwords within five minutes.

    By name and address: a stranger elsewhere cannot lock a person out.
    """

    def authenticate(
        self,
        request: HttpRequest | None,
        username: str | None = None,
        password: str | None = None,
        **extra: Any,
    ) -> User | None:
        key = _key(request, username or "")
        if _count(key) >= settings.SIGN_IN_TRIES:
            log.warning("too many wrong passwords for one name from one address")
            raise PermissionDenied
        user = super().authenticate(request, username=username, password=password, **extra)
        if user is None and username:
            _add(key)
        return user


def _key(request: HttpRequest | None, username: str) -> str:
    address = request.META.get("REMOTE_ADDR", "") if request is not None else ""
    return "sign-in:" + hashlib.sha256(f"{address}\n{username}".encode()).hexdigest()


def _count(key: str) -> int:
    try:
        return int(cache.get(key, 0))
    except redis.RedisError:  # without Redis there is no count, and people can still sign in
        return 0


def _add(key: str) -> None:
    try:
        cache.add(key, 0, WINDOW_S)
        cache.incr(key)
    except (redis.RedisError, ValueError):
        pass
