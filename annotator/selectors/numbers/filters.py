"""Which masklets a number is about."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Literal

from django.db import connection
from django.utils import timezone

from annotator.models import Project

DAYS, MOST_DAYS = 28, 182


@dataclass(frozen=True)
class Filters:
    """Those that are None or empty ask for nothing. since, until: when it was handed in last, in whole weeks
    (UTC) from Monday on: those that the days lie in. model: id of the version of most of its masks."""

    phase: int | None = None
    model: int | None = None
    person: str = ""
    type: str = ""
    since: date | None = None
    until: date | None = None

    @property
    def first_day(self) -> date | None:
        return self.since and self.since - timedelta(days=self.since.weekday())

    @property
    def last_day(self) -> date | None:
        return self.until and self.until + timedelta(days=6 - self.until.weekday())

    @property
    def begin(self) -> datetime | None:
        return midnight(self.first_day) if self.first_day else None

    @property
    def end(self) -> datetime | None:
        """The first moment after the last week."""
        return midnight(self.last_day + timedelta(days=1)) if self.last_day else None

    @property
    def wanted(self) -> dict[str, Any]:
        """Those that ask for something."""
        return {name: value for name, value in asdict(self).items() if value not in (None, "")}


_CONDITIONS = {
    "phase": "{row}.phase = %(phase)s",
    "model": "{row}.model_version_id = %(model)s",
    "person": "{row}.person_id = (SELECT id FROM annotator_user WHERE username = %(person)s)",
    "type": "{row}.type = %(type)s",
}
_WEEKS = {
    "cell": {
        "since": "cell.tracked AND cell.week >= %(first_day)s",
        "until": "cell.tracked AND cell.week <= %(last_day)s",
    },
    "facts": {"since": "facts.submitted_at >= %(begin)s", "until": "facts.submitted_at < %(end)s"},
}


def where(
    project: Project, filters: Filters, row: Literal["cell", "facts"], *, weeks: bool = True
) -> tuple[str, dict[str, Any]]:
    """The condition on rows called `cell` or `facts`, and its parameters; weeks: with since and until."""
    conditions = _CONDITIONS | (_WEEKS[row] if weeks else {})
    asked = [conditions[name].format(row=row) for name in filters.wanted if name in conditions]
    parameters = {
        "project": project.pk,
        **asdict(filters),
        **{name: getattr(filters, name) for name in ("first_day", "last_day", "begin", "end")},
    }
    # Deleted masklets are in no cell.
    kept = [f"{row}.project_id = %(project)s", *(["NOT facts.gone"] if row == "facts" else [])]
    return " AND ".join([*kept, *asked]), parameters


def midnight(day: date) -> datetime:
    """When the day begins (UTC)."""
    return datetime.combine(day, time(), UTC)


def span(first: date, last: date) -> dict[str, datetime]:
    """The begin of the first of these days and the end of the last."""
    return {"begin": midnight(first), "end": midnight(last + timedelta(days=1))}


def days(filters: Filters) -> tuple[date, date]:
    """The first and last of the days that since and until ask for, at most the newest 182; without, of 28."""
    today = timezone.now().date()
    last = min(filters.last_day or today, today)
    first = filters.first_day or last - timedelta(days=DAYS - 1)
    return max(first, last - timedelta(days=MOST_DAYS - 1)), last


def rows(sql: str, parameters: dict[str, Any]) -> list[dict[str, Any]]:
    """The statement's rows by the names of its columns."""
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        names = [column.name for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor]
