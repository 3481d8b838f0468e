"""How fast a project goes, when it will be through, and who does how much of it."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import Any

from django.utils import timezone

from annotator.models import Project, User
from annotator.selectors.numbers.filters import Filters, rows, where

DAYS = 28
RATE_DAYS = 14
STEPS = ("handed_in", "accepted", "rejected", "set_aside")

_HANDED_IN = """
SELECT (submitted_at AT TIME ZONE 'UTC')::date AS day, count(*) AS masklets
FROM annotator_maskletfacts
WHERE project_id = %(project)s AND NOT gone AND NOT copy AND submitted_at >= %(begin)s GROUP BY 1
"""
_CLOSED = """
SELECT (moved_at AT TIME ZONE 'UTC')::date AS day, state, count(*) AS masklets
FROM annotator_maskletfacts
WHERE project_id = %(project)s AND NOT gone AND NOT copy AND moved_at >= %(begin)s
    AND state IN ('accepted', 'rejected', 'set_aside')
GROUP BY 1, 2
"""
_OPEN = """
SELECT coalesce(sum(cell.masklets), 0)::int AS masklets FROM annotator_factscell cell
WHERE cell.project_id = %(project)s AND NOT cell.copy AND cell.state IN ('in_work', 'submitted', 'refine')
"""
_ANNOTATORS = """
SELECT cell.person_id AS person, sum(cell.masklets)::int AS masklets,
    coalesce(sum(cell.masklets) FILTER (WHERE cell.state = 'accepted'), 0)::int AS accepted,
    sum(cell.verified)::int AS judged, sum(cell.refined)::int AS returned,
    sum(cell.timed_ms) / 3600000.0 AS hours, sum(cell.timed_frames)::bigint AS frames
FROM annotator_factscell cell
WHERE {where} AND NOT cell.copy AND cell.tracked AND cell.person_id IS NOT NULL GROUP BY 1
"""
_REVIEWERS = """
SELECT holder_id AS person, count(*) AS verdicts, count(*) FILTER (WHERE outcome = 'satisfactory') AS satisfactory
FROM annotator_task
WHERE project_id = %(project)s AND kind IN ('verify', 'audit') AND done_at >= %(begin)s AND holder_id IS NOT NULL
GROUP BY 1
"""


def progress(project: Project) -> dict[str, Any]:
    """Masklets handed in, accepted, rejected and set aside on each of the last 28 days (UTC), and a forecast.

    Forecast: what is in work, submitted or to refine / what was accepted, rejected or set aside per day
    over the last 14 days, from now on; videos that nobody has selected from yet are not in it. Work on
    gold masklets is left out.
    """
    today = timezone.now().date()
    begin = datetime.combine(today - timedelta(days=DAYS - 1), time(), UTC)
    parameters = {"project": project.pk, "begin": begin}
    lines = [
        {"label": (begin + timedelta(days=day)).date().isoformat(), **dict.fromkeys(STEPS, 0)}
        for day in range(DAYS)
    ]
    by_day = {line["label"]: line for line in lines}
    for sql in (_HANDED_IN, _CLOSED):
        for row in rows(sql, parameters):
            if line := by_day.get(row["day"].isoformat()):
                line[row.get("state", "handed_in")] = row["masklets"]
    remaining = rows(_OPEN, parameters)[0]["masklets"]
    return {"rows": lines, "forecast": _forecast(lines, remaining)}


def _forecast(lines: list[dict[str, Any]], remaining: int) -> dict[str, Any]:
    newest = lines[-RATE_DAYS:]
    per_day = sum(day[state] for day in newest for state in STEPS[1:]) / RATE_DAYS
    finish = timezone.now() + timedelta(days=min(remaining / per_day, 36_500)) if per_day else None
    return {
        "remaining": remaining,
        "per_day": per_day,
        "finish": finish.date().isoformat() if finish and remaining else None,
    }


def people(project: Project, filters: Filters) -> dict[str, Any]:
    """What each person handed in, and judged in the last 28 days.

    masklets: that they handed in last; rework_percent: of those with a verdict, sent back at least once.
    hours: active, of everybody who annotated these. verdicts: tasks to verify and audit that they did,
    whatever the filters say of masklets.
    """
    condition, parameters = where(project, filters)
    parameters["begin"] = timezone.now() - timedelta(days=DAYS)
    found: dict[int, dict[str, Any]] = {}
    for sql in (_ANNOTATORS.format(where=condition), _REVIEWERS):
        for row in rows(sql, parameters):
            found.setdefault(row.pop("person"), {}).update(row)
    names = dict(User.objects.filter(pk__in=found).values_list("pk", "username"))
    lines = [_person(names[pk], row) for pk, row in found.items() if filters.person in ("", names[pk])]
    return {"rows": sorted(lines, key=lambda line: (-line["masklets"], line["label"]))}


def _person(label: str, row: dict[str, Any]) -> dict[str, Any]:
    hours, frames, judged = float(row.get("hours", 0)), row.get("frames", 0), row.get("judged", 0)
    verdicts = row.get("verdicts", 0)
    return {
        "label": label,
        "masklets": row.get("masklets", 0),
        "accepted": row.get("accepted", 0),
        "rework_percent": 100 * row["returned"] / judged if judged else None,
        "hours": hours,
        "seconds_per_frame": 3600 * hours / float(frames) if hours and frames else None,
        "verdicts": verdicts,
        "satisfactory_percent": 100 * row["satisfactory"] / verdicts if verdicts else None,
    }
