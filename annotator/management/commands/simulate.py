"""manage.py simulate --annotators N --hours H [FOLDER...]"""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from annotator.simulation import engine
from annotator.simulation.client import Client, Refused
from annotator.simulation.local import logins, running_maskloom


class Command(BaseCommand):
    help = (
        "Drives the data engine through the HTTP API with scripted people, on videos whose masks are known."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "folders", nargs="*", type=Path, help="labelled sequences, besides the drifting squares"
        )
        parser.add_argument("--annotators", type=int, default=4)
        parser.add_argument("--hours", type=float, default=0.1, help="of real time, at most")
        parser.add_argument("--videos", type=int, default=4, help="of drifting squares")
        parser.add_argument("--objects", type=int, default=4, help="in each of them")
        parser.add_argument("--sample", action="store_true", help="the sample video as well")
        parser.add_argument(
            "--log", type=Path, default=Path("simulation.jsonl"), help="what people did, line by line"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        plan = engine.Plan(
            options["annotators"], options["hours"], options["videos"], options["objects"], options["sample"],
            options["folders"],
        )  # fmt: skip
        began = time.monotonic()

        def say(line: str) -> None:
            self.stderr.write(f"{time.monotonic() - began:6.1f} s  {line}")

        try:
            with running_maskloom(say) as url:
                owner = Client.sign_in(url, "owner", logins()["owner"])
                result = engine.run(url, owner, plan, options["log"], say)
        except (Refused, OSError) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(json.dumps(result))
        if result["faults"] or result["differ"]:
            raise CommandError(
                f"{len(result['faults'])} faults; {len(result['differ'])} numbers differ from the log's."
            )
