"""People, and their keys for programs."""

from __future__ import annotations

import hashlib
import secrets

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from annotator.errors import Conflict, NotPossible
from annotator.models import ApiToken, User

PREFIX = "ml_"


def add(*, username: str, password: str, is_staff: bool = False) -> User:
    """A new person, in no project yet. Raises NotPossible for a name or password that will not do."""
    user = User(username=username, is_staff=is_staff)
    user.set_password(password)
    try:
        validate_password(password, user)
        user.full_clean(validate_unique=False)
    except ValidationError as error:
        raise NotPossible(" ".join(error.messages), code="bad_user") from None
    try:
        with transaction.atomic():
            user.save()
    except IntegrityError:
        raise Conflict(f"There is somebody called {username} already.", code="name_taken") from None
    return user


def make_token(*, user: User, name: str) -> str:
    """A new token, told only this once; the database keeps its sha256."""
    token = PREFIX + secrets.token_urlsafe(32)
    ApiToken.objects.create(user=user, name=name, digest=digest(token))
    return token


def digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
