"""What stops a start, in sentences for people."""

from __future__ import annotations

from pathlib import Path

_ENOUGH_TO_RUN = 200_000_000  # bytes
_ELSEWHERE = "Make room, or keep the data on another disk: ./run --data DIR"


class StartError(Exception):
    """A sentence that says what is wrong and what to do."""


def log_tail(log: Path) -> str:
    """The last lines of a log, indented, and where the rest is."""
    text = log.read_text(errors="replace").splitlines()[-15:] if log.exists() else []
    return "\n".join([*(f"    {line}" for line in text), f"The whole log: {log}"])


def out_of_space(where: Path, free: int, hint: str) -> StartError:
    return StartError(f"The disk of {where} is full ({free // 1_000_000} MB free). {hint}")


def check_space(where: Path, free: int, needed: int = _ENOUGH_TO_RUN, hint: str = _ELSEWHERE) -> None:
    """Raises StartError when fewer than `needed` bytes are free."""
    if free < needed:
        raise out_of_space(where, free, hint)
