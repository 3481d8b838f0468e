"""How fast a project goes, when it will be through, and who does how much of it."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.utils import timezone

from annotator.models import Project, User
from annotator.selectors.numbers import verdicts
from annotator.selectors.numbers.filters import Filters, days, rows, span, where

RATE_DAYS = 14
STEPS = ("handed_in", "accepted", "rejected", "set_aside")

_HANDED_IN = """
SELECT (facts.submitted_at AT TIME ZONE 'UTC')::date AS day, 'handed_in' AS step, count(*) AS masklets
FROM annotator_maskletfacts facts
WHERE {where} AND NOT facts.copy AND facts.submitted_at >= %(begin)s AND facts.submitted_at < %(end)s
GROUP BY 1
"""
_CLOSED = """
SELECT (facts.moved_at AT TIME ZONE 'UTC')::date AS day, facts.state AS step, count(*) AS masklets
FROM annotator_maskletfacts facts
WHERE {where} AND NOT facts.copy AND facts.moved_at >= %(begin)s AND facts.moved_at < %(end)s
    AND facts.state IN ('accepted', 'rejected', 'set_aside')
GROUP BY 1, 2
"""
_CLOSED_EARLIER = """
SELECT EXISTS(
    SELECT FROM annotator_maskletfacts facts
    WHERE {where} AND NOT facts.copy AND facts.moved_at < %(begin)s
        AND facts.state IN ('accepted', 'rejected', 'set_aside')
) AS found
"""
_OPEN = """
SELECT coalesce(sum(cell.masklets), 0)::int AS masklets FROM annotator_factscell cell
WHERE {where} AND NOT cell.copy AND cell.state IN ('in_work', 'submitted', 'refine')
"""
_ANNOTATORS = """
SELECT cell.person_id AS person, sum(cell.masklets)::int AS masklets,
    coalesce(sum(cell.masklets) FILTER (WHERE cell.state = 'accepted'), 0)::int AS accepted,
    sum(cell.timed_ms) / 3600000.0 AS hours, sum(cell.timed_frames)::bigint AS frames
FROM annotator_factscell cell
WHERE {where} AND NOT cell.copy AND cell.tracked AND cell.person_id IS NOT NULL GROUP BY 1
"""


def progress(project: Project, filters: Filters) -> dict[str, Any]:
    """Masklets handed in, accepted, rejected and set aside on each day (UTC), and a forecast.

    Days: those that since and until ask for, at most the newest 182; without them the last 28. Forecast:
    what is in work, submitted or to refine / what was accepted, rejected or set aside per day over the last
    14 days or, where the first of them was closed later, since that day (`since`); whatever since and until
    ask for. Videos that nobody has selected from yet are not in it. What was never handed in has no phase,
    person or model yet. Work on gold masklets is left out.
    """
    first, last = days(filters)
    lines = [
        {"label": (first + timedelta(days=day)).isoformat(), **dict.fromkeys(STEPS, 0)}
        for day in range((last - first).days + 1)
    ]
    by_day = {line["label"]: line for line in lines}
    for row in [
        *_counted(_HANDED_IN, project, filters, first, last),
        *_closed(project, filters, first, last),
    ]:
        by_day[row["day"].isoformat()][row["step"]] = row["masklets"]
    return {"rows": lines, "forecast": _forecast(project, filters)}


def _counted(sql: str, project: Project, filters: Filters, first: date, last: date) -> list[dict[str, Any]]:
    condition, parameters = where(project, filters, "facts", weeks=False)
    return rows(sql.format(where=condition), parameters | span(first, last))


def _closed(project: Project, filters: Filters, first: date, last: date) -> list[dict[str, Any]]:
    return _counted(_CLOSED, project, filters, first, last)


def _forecast(project: Project, filters: Filters) -> dict[str, Any]:
    today = timezone.now().date()
    since = today - timedelta(days=RATE_DAYS - 1)
    newest = _closed(project, filters, since, today)
    first = min((row["day"] for row in newest), default=since)
    if first > since and not _counted(_CLOSED_EARLIER, project, filters, since, today)[0]["found"]:
        since = first
    condition, parameters = where(project, filters, "cell", weeks=False)
    remaining = rows(_OPEN.format(where=condition), parameters)[0]["masklets"]
    per_day = sum(row["masklets"] for row in newest) / ((today - since).days + 1)
    finish = timezone.now() + timedelta(days=min(remaining / per_day, 36_500)) if per_day else None
    return {
        "remaining": remaining,
        "per_day": per_day,
        "since": since.isoformat(),
        "finish": finish.date().isoformat() if finish and remaining else None,
    }


def people(project: Project, filters: Filters) -> dict[str, Any]:
    """What each person handed in, how it was judged, and what they judged.

    masklets: that they handed in last; hours: active, of everybody who annotated these. judged:
    verifications of work that they had handed in, whoever mended it afterwards; rework_percent: of these,
    unsatisfactory. verdicts: verifications and audits that they gave. Verdicts are those of the days of
    progress(), whatever the phase, model or type of the masklets.
    """
    condition, parameters = where(project, filters, "cell")
    annotators = {row.pop("person"): row for row in rows(_ANNOTATORS.format(where=condition), parameters)}
    begin, end = span(*days(filters)).values()
    worked, judged = verdicts.on_work(project, begin, end), verdicts.by_reviewers(project, begin, end)
    names = dict(User.objects.filter(pk__in={*annotators, *worked, *judged}).values_list("pk", "username"))
    lines = [
        _person(name, annotators.get(pk, {}), worked.get(pk, {}), judged.get(pk, {}))
        for pk, name in names.items()
        if filters.person in ("", name)
    ]
    return {"rows": sorted(lines, key=lambda line: (-line["masklets"], line["label"]))}


def _person(
    label: str, handed_in: dict[str, Any], worked: dict[str, int], judged: dict[str, int]
) -> dict[str, Any]:
    hours, frames = float(handed_in.get("hours", 0)), handed_in.get("frames", 0)
    return {
        "label": label,
        "masklets": handed_in.get("masklets", 0),
        "accepted": handed_in.get("accepted", 0),
        "judged": sum(worked.values()),
        "rework_percent": _percent(worked, "unsatisfactory"),
        "hours": hours,
        "seconds_per_frame": 3600 * hours / float(frames) if hours and frames else None,
        "verdicts": sum(judged.values()),
        "satisfactory_percent": _percent(judged, "satisfactory"),
    }


def _percent(given: dict[str, int], verdict: str) -> float | None:
    return 100 * given[verdict] / sum(given.values()) if given else None
