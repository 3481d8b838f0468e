"""Chance, taken from a hash of what is decided, so that a retry decides the same. The server's secret is in it,
so that nobody works out which masklet is audited next, or which task is gold."""

from __future__ import annotations

import hashlib

from django.conf import settings


def place(what: str) -> int:
    """Where this lies in an order that nobody chose, 0 to 2**64 - 1."""
    secret = hashlib.sha256(settings.SECRET_KEY.encode()).digest()
    return int.from_bytes(hashlib.blake2b(what.encode(), digest_size=8, key=secret).digest(), "big")


def drawn(what: str, pk: int, share: float) -> bool:
    """Whether this row is among the share that is drawn for something."""
    return place(f"{what}/{pk}") < share * 2**64
