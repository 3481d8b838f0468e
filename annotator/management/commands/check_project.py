"""manage.py check_project --project SLUG"""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from annotator.management import named
from annotator.selectors import invariants


class Command(BaseCommand):
    help = "Asks the tables whether everything holds that must hold: one state each, nothing lost, nobody judging themselves."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--project", required=True, metavar="SLUG")

    def handle(self, *args: Any, **options: Any) -> None:
        project = named.project(options["project"])
        found = invariants.broken(project)
        for promise, rows in found.items():
            self.stdout.write(f"BROKEN: {promise}: {len(rows)} rows, such as {rows[:10]}")
        if found:
            raise CommandError(f"{len(found)} promises do not hold in {project.slug}.")
        self.stdout.write(f"Everything holds in {project.slug}.")
