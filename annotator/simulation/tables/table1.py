"""Table 1 of the SAM 2 paper, of all phases and of each."""

from __future__ import annotations

from typing import Any

from annotator.simulation.history import History, Masklet
from annotator.simulation.tables import alignment
from annotator.simulation.tables.answers import PHASES, Get, in_phase, ratio

_NONE = {
    "masklets": 0, "seconds_per_frame": None, "edited_percent": None, "clicks_per_clicked_frame": None,
    "compared": 0, "aligned": None, "aligned_small": None, "aligned_medium": None, "aligned_large": None,
}  # fmt: skip


def of_log(history: History) -> dict[str, Any]:
    found = _line(history, history.manual)
    for phase in PHASES:
        found |= in_phase(phase, _line(history, [one for one in history.manual if one.phase == phase]))
    return found


def of_server(get: Get) -> dict[str, Any]:
    rows = {row["key"]: row for row in get("numbers/table1?by=phase")["rows"]}
    found = _told(rows.get("all", _NONE))
    for phase in PHASES:
        found |= in_phase(phase, _told(rows.get(str(phase), _NONE)))
    return found


def _told(row: dict[str, Any]) -> dict[str, Any]:
    return {name: row[name] for name in _NONE}


def _line(history: History, manual: list[Masklet]) -> dict[str, Any]:
    """Work on gold counts for the alignment only."""
    counted = [one for one in manual if not one.is_copy]
    frames = {one.pk: history.videos[one.video].annotated for one in counted}
    timed = [one for one in counted if one.active_ms]
    return {
        "masklets": len(counted),
        "seconds_per_frame": ratio(
            sum(one.active_ms for one in timed) / 1000, sum(frames[one.pk] for one in timed)
        ),
        "edited_percent": ratio(100 * sum(len(one.edited) / frames[one.pk] for one in counted), len(counted)),
        "clicks_per_clicked_frame": ratio(
            sum(one.clicks for one in counted), sum(len(one.clicked) for one in counted)
        ),
        **alignment.of_masklets(history, manual),
    }
