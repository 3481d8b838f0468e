"""What scripted people did, written down by themselves: nothing of it is read from the server."""

from __future__ import annotations

import json
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import Any


class Journal:
    """Acts in the order they were done, each a line of JSON. Safe to write from many threads."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("w")
        self._lock = threading.Lock()
        self.acts: list[dict[str, Any]] = []

    def write(self, person: str, act: str, **facts: Any) -> None:
        line = {"at": round(time.time(), 3), "person": person, "act": act, **facts}
        with self._lock:
            self.acts.append(line)
            self._file.write(json.dumps(line) + "\n")

    def close(self) -> None:
        self._file.close()


def numbers(acts: Iterable[dict[str, Any]]) -> dict[str, Any]:
    """What the acts come to, computed from them alone, in the words of the server's own numbers."""
    acts = list(acts)
    done = Counter(act["kind"] for act in acts if act["act"] == "done")
    judged = [act for act in acts if act["act"] == "verdict"]
    submitted = {act["masklet"] for act in acts if act["act"] == "submitted"}
    return {
        "tasks_done": dict(sorted(done.items())),
        "verdicts": dict(sorted(Counter(f"{act['kind']} {act['verdict']}" for act in judged).items())),
        "masklets_submitted": len(submitted),
        "skips": sum(act["act"] == "skipped" for act in acts),
    }


def by_masklet(acts: Iterable[dict[str, Any]]) -> dict[int, dict[str, Any]]:
    """Clicks, clicked and edited frames and active milliseconds of each masklet that was prompted."""
    clicks: Counter[int] = Counter()
    clicked: dict[int, set[int]] = defaultdict(set)
    edited: dict[int, set[int]] = defaultdict(set)
    active: Counter[int] = Counter()
    for act in acts:
        if act["act"] == "prompt":
            edited[act["masklet"]].update(act["frames"])
            if act["kind"] == "point":
                clicks[act["masklet"]] += 1
                clicked[act["masklet"]].update(act["frames"])
        elif act["act"] == "looked" and act["masklet"]:
            active[act["masklet"]] += act["active_ms"]
    return {
        pk: {
            "clicks": clicks[pk],
            "clicked_frames": len(clicked[pk]),
            "edited_frames": len(edited[pk]),
            "active_ms": active[pk],
        }
        for pk in sorted(edited)
    }
