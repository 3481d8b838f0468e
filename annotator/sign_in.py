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
    """Refuses everybody at one address for a name after too many wrong passwords within five minutes, and for
    every name after ten times as many.

    By address: a stranger elsewhere cannot lock a person out. A try counts before its password is looked at,
    so that tries at the same moment cannot all pass; a right one is taken back.
    """

    def authenticate(
        self,
        request: HttpRequest | None,
        username: str | None = None,
        password: str | None = None,
        **extra: Any,
    ) -> User | None:
        address = request.META.get("REMOTE_ADDR", "") if request is not None else ""
        most = {
            _key(address, username or ""): settings.SIGN_IN_TRIES,
            _key(address): 10 * settings.SIGN_IN_TRIES,
        }
        if any([_count(key, 1) > limit for key, limit in most.items()]):  # noqa: C419 - both count
            log.warning("too many wrong passwords from one address")
            raise PermissionDenied
        user = super().authenticate(request, username=username, password=password, **extra)
        if user is not None:
            for key in most:
                _count(key, -1)
        return user


def _key(*parts: str) -> str:
    return "sign-in:" + hashlib.sha256("\n".join(parts).encode()).hexdigest()


def _count(key: str, step: int) -> int:
    try:
        cache.add(key, 0, WINDOW_S)
        return int(cache.incr(key, step))
    except (redis.RedisError, ValueError):  # without Redis there is no count, and people can still sign in
        return 0
