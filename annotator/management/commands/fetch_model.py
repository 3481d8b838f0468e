"""`manage.py fetch_model`: the inference worker's own command, which imports nothing of Django."""

from __future__ import annotations

import subprocess
import sys

from django.core.management.base import BaseCommand


class Command(BaseCommand):
    help = "Fetch published model weights, check them and make them ready."

    def run_from_argv(self, argv: list[str]) -> None:
        """Ends the process with the command's own exit code; all arguments are its own."""
        command = [sys.executable, "-m", "inference_worker.engines.sam2.fetch", *argv[2:]]
        sys.exit(subprocess.run(command, check=False).returncode)
