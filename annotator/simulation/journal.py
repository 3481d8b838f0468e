"""What scripted people did, written down by themselves. Nothing of it is read from the server but what
nobody can know from their own acts: with which prompts a task begins, what a model proposed, what was gold."""

from __future__ import annotations

import json
import threading
import time
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any


class Journal:
    """Acts in the order they were done, each a line of JSON. Safe to write from many threads."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("w", buffering=1)
        self._lock = threading.Lock()
        self.acts: list[dict[str, Any]] = []

    def write(self, person: str, act: str, **facts: Any) -> None:
        line = {"at": round(time.time(), 3), "person": person, "act": act, **facts}
        with self._lock:
            self.acts.append(line)
            self._file.write(json.dumps(line) + "\n")

    def close(self) -> None:
        self._file.close()


def on_gold(acts: Iterable[dict[str, Any]], scored: Iterable[tuple[str, float]]) -> set[int]:
    """The masklets that turned out to be work on gold: what each person handed in at the time they were scored."""
    handed_in = [act for act in acts if act["act"] == "submitted" and not act.get("training")]
    found = set()
    for person, at in scored:
        if theirs := [act for act in handed_in if act["person"] == person]:
            found.add(min(theirs, key=lambda act: abs(act["at"] - at))["masklet"])
    return found


def tasks_done(acts: Iterable[dict[str, Any]]) -> dict[str, int]:
    """How many tasks of each kind people finished."""
    return dict(sorted(Counter(act["kind"] for act in acts if act["act"] == "done").items()))


def counts(acts: Iterable[dict[str, Any]], fact: str) -> dict[str, int]:
    """How often each value of the fact occurs."""
    return dict(sorted(Counter(str(act[fact]) for act in acts if fact in act).items()))
