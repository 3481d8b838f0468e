"""manage.py recount"""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from annotator.services import facts


class Command(BaseCommand):
    help = "Counts what the numbers know of every masklet anew, from prompts, masks, passes and verdicts."

    def handle(self, *args: Any, **options: Any) -> None:
        facts.recount_all()
        self.stdout.write("Counted every masklet that was handed in.")
