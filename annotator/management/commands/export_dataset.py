"""manage.py export_dataset --project SLUG --format sav --out DIR"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from annotator.errors import AnnotatorError
from annotator.management import named
from annotator.models import Export
from annotator.services import exports


class Command(BaseCommand):
    help = "Writes a project's accepted masklets into a folder, and checks what it wrote."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--project", required=True, metavar="SLUG")
        parser.add_argument("--format", choices=Export.Format.values, default=Export.Format.SAV.value)
        parser.add_argument("--out", required=True, type=Path, metavar="DIR", help="a new or empty folder")

    def handle(self, *args: Any, **options: Any) -> None:
        out: Path = options["out"]
        if out.exists() and (not out.is_dir() or any(out.iterdir())):
            raise CommandError(f"{out} is there already and is not an empty folder. Name another one.")
        project = named.project(options["project"])
        try:
            export = exports.request(project=project, user=None, format=options["format"], wake=False)
        except AnnotatorError as error:
            raise CommandError(error.message) from error
        export = exports.build(export_id=export.pk, out=out)
        for problem in export.problems:
            self.stderr.write(f"{problem['level']}: {problem['file']}: {problem['message']}")
        if export.state != Export.State.DONE:
            raise CommandError(export.error)
        self.stdout.write(
            f"{out}: {export.videos_done} videos, {export.masklets} masklets, {export.masks} masks."
        )
