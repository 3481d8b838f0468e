"""How far videos and masklets came, of all phases and of each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any

from annotator.simulation.history import History, Masklet
from annotator.simulation.tables.answers import PHASES, Get, in_phase, ratio

ASIDE = ("too_easy", "not_chosen", "auto_failure")
OPEN = ("submitted", "refine", "accepted", "rejected")


def of_log(history: History) -> dict[str, Any]:
    found = {"ingested": len(history.videos), "selected": len(history.selected), **_steps(history.masklets)}
    for phase in PHASES:
        mine = [one for one in history.masklets if one.phase == phase]
        found |= in_phase(phase, _steps(mine))
    return found


def of_server(get: Get) -> dict[str, Any]:
    found = _told(get("numbers/funnel"))
    for phase in PHASES:
        found |= in_phase(phase, _told(get(f"numbers/funnel?phase={phase}")))
    return found


def _steps(masklets: Iterable[Masklet]) -> dict[str, Any]:
    masklets = list(masklets)
    states = Counter(one.state for one in masklets)
    aside = {f"set_aside_{reason}": states[reason] for reason in ASIDE}
    judged = sum(bool(one.judges) for one in masklets)
    returned = sum(one.was_sent_back for one in masklets)
    return {
        "tracked": len(masklets),
        "verified": judged,
        "refined": returned,
        "rework_percent": ratio(100 * returned, judged),
        **{state: states[state] for state in OPEN},
        "set_aside": sum(aside.values()),
        **aside,
    }


def _told(answer: dict[str, Any]) -> dict[str, Any]:
    steps = {row["label"]: row["value"] for row in answer["rows"]}
    judged, returned = steps["verified"], steps["refined"]
    return {
        **steps,
        "rework_percent": ratio(100 * returned, judged),
        **{f"set_aside_{row['label']}": row["value"] for row in answer["set_aside"]},
    }
