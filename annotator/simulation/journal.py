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


def numbers(acts: Iterable[dict[str, Any]], min_edited_frames: int) -> dict[str, Any]:
    """What the acts come to, computed from them alone, under the names of the server's own numbers.
    Work on gold counts for nothing.

    min_edited_frames: of the protocol that people worked by.
    """
    acts = [act for act in acts if not act.get("training")]
    frames = {act["masklet"]: act["frames"] for act in acts if act["act"] == "submitted"}
    prompted = {pk: found for pk, found in _by_masklet(acts).items() if pk in frames}
    verdicts = _verdicts(acts)
    states = Counter(_states(acts, prompted, min_edited_frames).values())
    timed = [pk for pk in frames if prompted[pk]["active_ms"]]
    return {
        "tracked": len(frames),
        "verified": len(verdicts),
        "refined": sum("unsatisfactory" in given for given in verdicts.values()),
        **{state: states[state] for state in ("submitted", "refine", "accepted", "rejected", "set_aside")},
        "seconds_per_frame": _ratio(
            sum(prompted[pk]["active_ms"] for pk in timed) / 1000, sum(frames[pk] for pk in timed)
        ),
        "edited_percent": _ratio(
            100 * sum(prompted[pk]["edited"] / frames[pk] for pk in frames), len(frames)
        ),
        "clicks_per_clicked_frame": _ratio(
            sum(found["clicks"] for found in prompted.values()),
            sum(found["clicked"] for found in prompted.values()),
        ),
    }


def tasks_done(acts: Iterable[dict[str, Any]]) -> dict[str, int]:
    """How many tasks of each kind people finished."""
    return dict(sorted(Counter(act["kind"] for act in acts if act["act"] == "done").items()))


def counts(acts: Iterable[dict[str, Any]], fact: str) -> dict[str, int]:
    """How often each value of the fact occurs."""
    return dict(sorted(Counter(str(act[fact]) for act in acts if fact in act).items()))


def _by_masklet(acts: list[dict[str, Any]]) -> dict[int, dict[str, int]]:
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
        elif act["act"] == "looked" and act["kind"] in ("track", "refine"):
            active[act["masklet"]] += act["active_ms"]
    return {
        pk: {
            "clicks": clicks[pk],
            "clicked": len(clicked[pk]),
            "edited": len(edited[pk]),
            "active_ms": active[pk],
        }
        for pk in edited
    }


def _verdicts(acts: list[dict[str, Any]]) -> dict[int, list[str]]:
    found: dict[int, list[str]] = defaultdict(list)
    for act in acts:
        if act["act"] == "verdict":
            found[act["masklet"]].append(act["verdict"])
    return found


def _states(
    acts: list[dict[str, Any]], prompted: dict[int, dict[str, int]], min_edited_frames: int
) -> dict[int, str]:
    """Where each masklet that was handed in came to stand, by what people did last about it."""
    found: dict[int, str] = {}
    leads_to = {"satisfactory": "accepted", "unsatisfactory": "refine", "rejected": "rejected"}
    for act in acts:
        if act["act"] == "submitted":
            easy = prompted[act["masklet"]]["edited"] < min_edited_frames
            found[act["masklet"]] = "set_aside" if easy else "submitted"
        elif act["act"] == "verdict":
            found[act["masklet"]] = leads_to[act["verdict"]]
        elif act["act"] == "decided":
            found.update({pk: "set_aside" for pk in act["pair"] if pk != act["masklet"]})
    return found


def _ratio(amount: float, of: float) -> float | None:
    return amount / of if of else None
