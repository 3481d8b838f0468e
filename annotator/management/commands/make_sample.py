"""manage.py make_sample"""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from annotator.services import sample


class Command(BaseCommand):
    help = "Makes the sample project, unless it is there, and prints who can sign in to it."

    def handle(self, *args: Any, **options: Any) -> None:
        for name, password in sample.make().items():
            self.stdout.write(f"  sign in as {name:<10} password {password}")
