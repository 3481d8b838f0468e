"""How far a project's videos and masklets have come, and what waits."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from annotator.models import Masklet, Project, Task
from annotator.selectors.numbers.filters import Filters, rows, where

_MASKLETS = """
SELECT cell.type, cell.state, cell.set_aside, sum(cell.masklets)::int AS masklets,
    coalesce(sum(cell.masklets) FILTER (WHERE cell.tracked), 0)::int AS tracked,
    sum(cell.verified)::int AS verified, sum(cell.refined)::int AS refined,
    sum(cell.engine_ms) / 1000 AS gpu_seconds
FROM annotator_factscell cell WHERE {where} AND NOT cell.copy GROUP BY 1, 2, 3
"""
_VIDEOS = """
SELECT (
    SELECT count(*) FROM annotator_video
    WHERE project_id = %(project)s AND state = 'ready' AND deleted_at IS NULL
) AS ingested, (
    SELECT count(*) FROM (
        SELECT facts.video_id FROM annotator_maskletfacts facts
        WHERE {where} AND facts.type = 'manual' AND NOT facts.copy
        UNION
        SELECT task.video_id FROM annotator_task task JOIN annotator_video video ON video.id = task.video_id
        WHERE task.project_id = %(project)s AND task.kind = 'select' AND task.state = 'done'
            AND video.deleted_at IS NULL AND NOT %(filtered)s
    ) AS selected
) AS selected
"""
# Those that wait are many, and are read from the index that they are claimed by.
_QUEUES = """
SELECT kind, 'waiting' AS state, count(*) AS tasks, min(waiting_since) AS oldest,
    to_timestamp(avg(date_part('epoch', waiting_since))) AS mean
FROM annotator_task WHERE project_id = %(project)s AND state = 'waiting' GROUP BY kind
UNION ALL
SELECT kind, state, count(*), NULL, NULL
FROM annotator_task WHERE project_id = %(project)s AND state IN ('claimed', 'on_hold') GROUP BY kind, state
"""
_S = Masklet.State


def funnel(project: Project, filters: Filters) -> dict[str, Any]:
    """Videos and masklets past each step, why masklets were set aside, and what accepted ones cost.

    ingested: all videos that are ready, whatever the filters; selected: those with a manual masklet and,
    without filters, those whose selection is done and left none. tracked: masklets handed in at least once;
    verified: with a verdict; refined: sent back by a verdict at least once; the others are states of now.
    gpu_seconds_per_accepted: engine time of all masklets, for proposing, passes and clicks / accepted masklets.
    Work on gold masklets is left out.
    """
    condition, parameters = where(project, filters, "cell")
    kinds = rows(_MASKLETS.format(where=condition), parameters)
    condition, parameters = where(project, filters, "facts")
    [videos] = rows(_VIDEOS.format(where=condition), parameters | {"filtered": bool(filters.wanted)})
    by_state = {state: _sum(kinds, "masklets", state=state) for state in _S.values}
    spent = float(_sum(kinds, "gpu_seconds"))
    return {
        "rows": [
            _step("ingested", "videos", videos["ingested"]),
            _step("selected", "videos", videos["selected"]),
            _step("tracked", "masklets", _sum(kinds, "tracked")),
            _step("verified", "masklets", _sum(kinds, "verified")),
            _step("refined", "masklets", _sum(kinds, "refined")),
            *(_step(state, "masklets", by_state[state]) for state in _S.values),
        ],
        "set_aside": [
            {"label": reason, "value": _sum(kinds, "masklets", set_aside=reason)}
            for reason in Masklet.SetAside.values
        ],
        "gpu_seconds": spent,
        "gpu_seconds_per_accepted": spent / by_state[_S.ACCEPTED] if by_state[_S.ACCEPTED] else None,
    }


def queues(project: Project) -> dict[str, Any]:
    """Open tasks by kind: how many wait, are held or parked, and how old those that wait are, in seconds."""
    now = timezone.now()
    found: dict[tuple[str, str], dict[str, Any]] = {
        (row["kind"], row["state"]): row for row in rows(_QUEUES, {"project": project.pk})
    }
    lines: list[dict[str, Any]] = []
    for kind in Task.Kind.values:
        waiting = found.get((kind, Task.State.WAITING))
        lines.append(
            {
                "label": kind,
                **{str(state): found.get((kind, state), {"tasks": 0})["tasks"] for state in Task.OPEN},
                "oldest_s": (now - waiting["oldest"]).total_seconds() if waiting else None,
                "mean_s": (now - waiting["mean"]).total_seconds() if waiting else None,
            }
        )
    return {"rows": lines}


def _step(label: str, of: str, value: int) -> dict[str, Any]:
    return {"label": label, "of": of, "value": value}


def _sum(kinds: list[dict[str, Any]], name: str, **only: str) -> Any:
    return sum(kind[name] for kind in kinds if all(kind[key] == value for key, value in only.items()))
