"""People's keys for programs."""

from __future__ import annotations

import hashlib
import secrets

from annotator.models import ApiToken, User

PREFIX = "ml_"


def make_token(*, user: User, name: str) -> str:
    """A new token, told only this once; the database keeps its sha256."""
    token = PREFIX + secrets.token_urlsafe(32)
    ApiToken.objects.create(user=user, name=name, digest=digest(token))
    return token


def digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
