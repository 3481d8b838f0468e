"""manage.py demo --out DIR"""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from annotator.simulation import demo
from annotator.simulation.client import Refused
from annotator.simulation.labelling import ModelFailed
from annotator.simulation.local import logins, running_maskloom


class Command(BaseCommand):
    help = "Runs the whole loop on the sample through the HTTP API, with a scripted annotator and reviewer."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--out", required=True, type=Path, metavar="DIR", help="where the SA-V export goes"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        out: Path = options["out"]
        if out.exists() and (not out.is_dir() or any(out.iterdir())):
            raise CommandError(f"{out} is there already and is not an empty folder. Name another one.")
        began = time.monotonic()

        def say(line: str) -> None:
            self.stderr.write(f"{time.monotonic() - began:6.1f} s  {line}")

        try:
            with running_maskloom(say) as url:
                result = demo.run(url, logins(), out, say)
        except (demo.DemoFailed, ModelFailed, Refused, OSError) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(json.dumps(result))
