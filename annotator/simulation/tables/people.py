"""What each person handed in, had accepted, and judged."""

from __future__ import annotations

from collections import Counter
from typing import Any

from annotator.simulation.history import History
from annotator.simulation.tables.answers import Get

_NAMES = ("masklets", "accepted", "verdicts")


def of_log(history: History) -> dict[str, Any]:
    """A masklet is that of who handed it in last."""
    theirs = [one for one in history.masklets if one.phase]
    counted = (
        Counter(one.person for one in theirs),
        Counter(one.person for one in theirs if one.state == "accepted"),
        Counter(judge for one in history.masklets for judge in one.judges),
    )
    return {f"{name}_by_person": dict(found) for name, found in zip(_NAMES, counted, strict=True)}


def of_server(get: Get) -> dict[str, Any]:
    rows = get("numbers/people")["rows"]
    return {f"{name}_by_person": {row["label"]: row[name] for row in rows if row[name]} for name in _NAMES}
