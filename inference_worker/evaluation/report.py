"""The figures of an evaluation: per sequence and protocol, and their means."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from inference_worker.evaluation.protocols import Run

COLUMNS = ("name", "protocol", "objects", "J", "F", "JF", "clicks", "edited_frames", "ms_per_frame")
MEANS = ("J", "F", "JF", "clicks", "edited_frames", "ms_per_frame")


def summary(name: str, protocol: str, runs: list[Run]) -> dict[str, Any]:
    """One sequence's row. J, F, JF: means over its objects, 0 to 1, None when no object could be scored.

    clicks, edited_frames: sums over the objects. ms_per_frame: engine time per object and frame.
    """
    scores = [run.scores for run in runs if run.scores]
    frames = sum(run.frames for run in runs)
    return {
        "name": name,
        "protocol": protocol,
        "objects": len(runs),
        "J": _mean(s.j for s in scores),
        "F": _mean(s.f for s in scores),
        "JF": _mean(s.jf for s in scores),
        "clicks": sum(run.clicks for run in runs),
        "edited_frames": sum(run.edited_frames for run in runs),
        "ms_per_frame": round(1000 * sum(run.seconds for run in runs) / max(frames, 1), 1),
    }


def means(rows: list[dict[str, Any]]) -> dict[str, dict[str, float | None]]:
    """Protocol -> figure -> mean over the sequences, each counting once."""
    by_protocol: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        by_protocol.setdefault(row["protocol"], []).append(row)
    return {
        protocol: {key: _mean(row[key] for row in group if row[key] is not None) for key in MEANS}
        for protocol, group in by_protocol.items()
    }


def table_line(row: dict[str, Any]) -> str:
    """One row of the table, in fixed columns."""
    return f"{row['name']:<24} {row['protocol']:<16}" + "".join(
        f" {_cell(row[key]):>13}" for key in COLUMNS[2:]
    )


def table_head() -> str:
    """The names over the columns of `table_line`."""
    return table_line(dict(zip(COLUMNS, COLUMNS, strict=True)))


def _cell(value: Any) -> str:
    if value is None:
        return "-"
    return f"{value:.3f}" if isinstance(value, float) else str(value)


def _mean(values: Iterable[float]) -> float | None:
    known = list(values)
    return round(float(np.mean(known)), 4) if known else None
