"""Chance, taken from a hash of what is decided, so that a retry decides the same."""

from __future__ import annotations

import hashlib


def place(what: str) -> int:
    """Where this lies in an order that nobody chose, 0 to 2**64 - 1."""
    return int.from_bytes(hashlib.sha256(what.encode()).digest()[:8], "big")


def drawn(what: str, pk: int, share: float) -> bool:
    """Whether this row is among the share that is drawn for something."""
    return place(f"{what}/{pk}") < share * 2**64
