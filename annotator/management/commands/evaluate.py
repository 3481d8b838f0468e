"""`manage.py evaluate`: the inference worker's evaluation, which imports nothing of Django."""

from __future__ import annotations

import subprocess
import sys

from django.core.management.base import BaseCommand


class Command(BaseCommand):
    help = "Measure an engine on labelled sequences."

    def run_from_argv(self, argv: list[str]) -> None:
        """Ends the process with the evaluation's own exit code; all arguments are its own."""
        command = [sys.executable, "-m", "inference_worker.evaluation", *argv[2:]]
        sys.exit(subprocess.run(command, check=False).returncode)
