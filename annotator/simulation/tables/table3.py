"""Table 3 of the SAM 2 paper: what was accepted, of both types together and of each."""

from __future__ import annotations

from typing import Any

from annotator.simulation.history import History
from annotator.simulation.tables.answers import Get

FPS = 24  # of every working video
_NAMES = ("masklets", "videos", "hours", "masks", "frames")


def of_log(history: History) -> dict[str, Any]:
    accepted = [one for one in history.masklets if one.state == "accepted"]
    by_type = {
        "all": accepted,
        "manual": [one for one in accepted if one.phase],
        "auto": [one for one in accepted if not one.phase],
    }
    found: dict[str, Any] = {}
    for label, masklets in by_type.items():
        videos = [history.videos[pk] for pk in {one.video for one in masklets}]
        numbers = (
            len(masklets),
            len(videos),
            sum(video.frames for video in videos) / FPS / 3600,
            sum(one.visible for one in masklets),
            sum(video.annotated for video in videos),
        )
        found |= _named(label, dict(zip(_NAMES, numbers, strict=True)))
    return found


def of_server(get: Get) -> dict[str, Any]:
    rows = {row["label"]: row for row in get("numbers/dataset")["rows"]}
    found: dict[str, Any] = {}
    for label in ("all", "manual", "auto"):
        found |= _named(label, rows.get(label, dict.fromkeys(_NAMES, 0)))
    return found


def _named(label: str, numbers: dict[str, Any]) -> dict[str, Any]:
    return {f"accepted_{label}_{name}": numbers[name] for name in _NAMES}
