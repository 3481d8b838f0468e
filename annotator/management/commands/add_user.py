"""manage.py add_user NAME [--staff]"""

from __future__ import annotations

import getpass
import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from annotator.errors import AnnotatorError
from annotator.services import users


class Command(BaseCommand):
    help = "Adds a person. The password is asked for, or read as a line from a pipe."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("username", metavar="NAME")
        parser.add_argument("--staff", action="store_true", help="may make projects and add people")

    def handle(self, *args: Any, **options: Any) -> None:
        password = getpass.getpass("Password: ") if sys.stdin.isatty() else sys.stdin.readline().rstrip("\n")
        try:
            user = users.add(username=options["username"], password=password, is_staff=options["staff"])
        except AnnotatorError as error:
            raise CommandError(error.message) from error
        self.stdout.write(f"Added {user.username}. An owner can now give them a role in a project.")
