"""What scripted people did, written down by themselves. Nothing of it is read from the server but what
nobody can know from their own acts: with which prompts a task begins, what a model proposed, what was gold."""

from __future__ import annotations

import json
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import Any

ASIDE = ("too_easy", "not_chosen", "auto_failure")
_OPEN = ("submitted", "refine", "accepted", "rejected")
_LEADS_TO = {"satisfactory": "accepted", "unsatisfactory": "refine", "rejected": "rejected"}
_Acts = list[dict[str, Any]]


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
    acts = _without_gold(list(acts))
    auto = {act["masklet"] for act in acts if act["act"] == "auto"}
    frames = {act["masklet"]: act["frames"] for act in acts if act["act"] == "submitted"}
    verdicts = [act for act in acts if act["act"] == "verdict"]
    sent_back = [act for act in verdicts if act["verdict"] == "unsatisfactory" and not act["put_aside"]]
    states = _states(acts, auto, min_edited_frames)
    counted = Counter(states.values())
    aside = {f"set_aside_{reason}": counted[reason] for reason in ASIDE}
    return {
        "tracked": len(frames.keys() | auto),
        "verified": len({act["masklet"] for act in verdicts}),
        "refined": len({act["masklet"] for act in sent_back}),
        **{state: counted[state] for state in _OPEN},
        "set_aside": sum(aside.values()),
        **aside,
        "masklets": len(frames),
        "accepted_auto": sum(states[pk] == "accepted" for pk in auto - frames.keys()),
        **_of_manual(acts, frames),
        **_of_people(acts, states),
    }


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


def _without_gold(acts: _Acts) -> _Acts:
    blind = {act["masklet"] for act in acts if act["act"] == "was_gold"}
    return [act for act in acts if not act.get("training") and act.get("masklet") not in blind]


def _of_manual(acts: _Acts, frames: dict[int, int]) -> dict[str, float | None]:
    """frames: annotated ones, of each masklet that a person handed in."""
    clicks: Counter[int] = Counter()
    clicked: dict[int, set[int]] = defaultdict(set)
    active: Counter[int] = Counter()
    edited = _edited(acts)
    for act in acts:
        if act["act"] == "prompt" and act["kind"] == "point":
            clicks[act["masklet"]] += 1
            clicked[act["masklet"]].update(act["frames"])
        elif act["act"] == "looked" and act["kind"] in ("track", "refine"):
            active[act["masklet"]] += act["active_ms"]
    timed = [pk for pk in frames if active[pk]]
    return {
        "seconds_per_frame": _ratio(sum(active[pk] for pk in timed) / 1000, sum(frames[pk] for pk in timed)),
        "edited_percent": _ratio(100 * sum(len(edited[pk]) / frames[pk] for pk in frames), len(frames)),
        "clicks_per_clicked_frame": _ratio(
            sum(clicks[pk] for pk in frames), sum(len(clicked[pk]) for pk in frames)
        ),
    }


def _of_people(acts: _Acts, states: dict[int, str]) -> dict[str, dict[str, int]]:
    """A masklet is that of who handed it in last."""
    last = {act["masklet"]: act["person"] for act in acts if act["act"] == "submitted"}
    accepted = [person for pk, person in last.items() if states[pk] == "accepted"]
    judges = [act["person"] for act in acts if act["act"] == "verdict"]
    return {
        "masklets_by_person": dict(Counter(last.values())),
        "accepted_by_person": dict(Counter(accepted)),
        "verdicts_by_person": dict(Counter(judges)),
    }


def _edited(acts: _Acts) -> dict[int, set[int]]:
    found: dict[int, set[int]] = defaultdict(set)
    for act in acts:
        if act["act"] == "prompt":
            found[act["masklet"]].update(act["frames"])
    return found


def _states(acts: _Acts, auto: set[int], min_edited_frames: int) -> dict[int, str]:
    """Where each masklet that was handed in came to stand, by what people did last about it; of one that was set
    aside, why. A model's masklet is never too easy, also where people refined it."""
    found = dict.fromkeys(auto, "submitted")
    edited = _edited(acts)
    for act in acts:
        pk: Any = act.get("masklet")
        if act["act"] == "submitted":
            easy = len(edited[pk]) < min_edited_frames and pk not in auto
            found[pk] = "too_easy" if easy else "submitted"
        elif act["act"] == "verdict":
            found[pk] = "auto_failure" if act["put_aside"] else _LEADS_TO[act["verdict"]]
        elif act["act"] == "decided":
            found.update({other: "not_chosen" for other in act["pair"] if other != pk})
    return found


def _ratio(amount: float, of: float) -> float | None:
    return amount / of if of else None
