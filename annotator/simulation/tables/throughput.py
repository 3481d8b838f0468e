"""What was handed in, accepted, rejected and set aside on each day."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import UTC, datetime
from typing import Any

from annotator.simulation.history import History
from annotator.simulation.tables.answers import Get
from annotator.simulation.tables.funnel import ASIDE

_CLOSED = {"accepted": "accepted", "rejected": "rejected", **dict.fromkeys(ASIDE, "set_aside")}
_STEPS = ("handed_in", "accepted", "rejected", "set_aside")


def of_log(history: History) -> dict[str, Any]:
    days: dict[str, Counter[str]] = defaultdict(Counter)
    for one in history.masklets:
        days[_day(one.handed_in_at)]["handed_in"] += 1
        if step := _CLOSED.get(one.state):
            days[_day(one.moved_at)][step] += 1
    return _named(days)


def of_server(get: Get) -> dict[str, Any]:
    rows = get("numbers/progress")["rows"]
    return _named({row["label"]: row for row in rows if any(row[step] for step in _STEPS)})


def _named(days: dict[str, Any]) -> dict[str, Any]:
    """Of a run over midnight all days together: on which of two an act fell is a matter of milliseconds."""
    if len(days) > 1:
        days = {"all": {step: sum(day[step] for day in days.values()) for step in _STEPS}}
    return {f"{step}_by_day": {day: found[step] for day, found in days.items()} for step in _STEPS}


def _day(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).date().isoformat()
