"""Tables for people."""

from __future__ import annotations

from typing import Any

TITLES = {
    "frames": "A pass, by objects",
    "click": "A click",
    "memory": "Memory of a session, by length of the video",
    "tokens": "Tokens attended, by corrections",
    "phases": "Parts of a frame, ms",
}


def head(facts: dict[str, Any]) -> None:
    print(", ".join(f"{name} {facts[name]}" for name in ("model", "device", "threads", "torch", "dtype")))
    print(f"image {facts['architecture']['image_size']} px", flush=True)


def table(part: str, rows: list[dict[str, Any]]) -> None:
    print(f"\n{TITLES[part]}")
    names = list(rows[0])
    lines = [names, *([_shown(row[name]) for name in names] for row in rows)]
    widths = [max(len(line[at]) for line in lines) for at in range(len(names))]
    for line in lines:
        print("  ".join(cell.rjust(width) for cell, width in zip(line, widths, strict=True)), flush=True)


def _shown(value: Any) -> str:
    return f"{value:.2f}" if isinstance(value, float) else str(value)
