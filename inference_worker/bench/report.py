"""Tables for people."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

TITLES = {
    "frames": "A pass, by objects",
    "click": "A click",
    "memory": "Memory of a session, by length of the video",
    "tokens": "Tokens attended, by corrections",
    "phases": "Parts of a frame, ms",
    "long": "A long pass of many objects",
}


def head(facts: dict[str, Any]) -> None:
    print(", ".join(f"{name} {facts[name]}" for name in ("model", "device", "threads", "torch", "dtype")))
    print(f"image {facts['architecture']['image_size']} px", flush=True)


def table(part: str, rows: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """The rows, each printed as it comes."""
    print(f"\n{TITLES[part]}")
    found: list[dict[str, Any]] = []
    for row in rows:
        if not found:
            _line(row, list(row))
        _line(row, [_shown(value) for value in row.values()])
        found.append(row)
    return found


def _line(names: Iterable[str], cells: Iterable[str]) -> None:
    print(
        "  ".join(cell.rjust(max(len(name), 8)) for name, cell in zip(names, cells, strict=True)), flush=True
    )


def _shown(value: Any) -> str:
    return f"{value:.2f}" if isinstance(value, float) else str(value)
