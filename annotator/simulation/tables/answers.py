"""How tables ask the server, and name what they compare."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

PHASES = (1, 2, 3)

Get = Callable[[str], dict[str, Any]]  # of a path of the project's


def in_phase(phase: int, numbers: Mapping[str, Any]) -> dict[str, Any]:
    return {f"{name}_in_phase_{phase}": value for name, value in numbers.items()}


def ratio(amount: float, of: float) -> float | None:
    return amount / of if of else None
