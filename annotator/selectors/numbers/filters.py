"""Which masklets a number is about."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date, timedelta
from typing import Any

from django.db import connection

from annotator.models import Project


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


_CONDITIONS = {
    "phase": "cell.phase = %(phase)s",
    "model": "cell.model_version_id = %(model)s",
    "person": "cell.person_id = (SELECT id FROM annotator_user WHERE username = %(person)s)",
    "type": "cell.type = %(type)s",
    "since": "cell.tracked AND cell.week >= %(first_day)s",
    "until": "cell.tracked AND cell.week <= %(last_day)s",
}


def where(project: Project, filters: Filters) -> tuple[str, dict[str, Any]]:
    """The condition on rows `cell`, and its parameters."""
    wanted = [name for name, value in asdict(filters).items() if value not in (None, "")]
    days = {"first_day": filters.first_day, "last_day": filters.last_day}
    conditions = ["cell.project_id = %(project)s", *(_CONDITIONS[name] for name in wanted)]
    return " AND ".join(conditions), {"project": project.pk, **asdict(filters), **days}


def rows(sql: str, parameters: dict[str, Any]) -> list[dict[str, Any]]:
    """The statement's rows by the names of its columns."""
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        names = [column.name for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor]
