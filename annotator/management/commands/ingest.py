"""manage.py ingest FILE... --project SLUG [--as USER] [--metadata CSV]"""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from annotator.errors import AnnotatorError
from annotator.management import named
from annotator.metadata import read_csv
from annotator.models import Project, User, Video
from annotator.services import uploads, videos


class Command(BaseCommand):
    help = "Takes video and image files into a project. The files stay where they are."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("files", nargs="+", type=Path, metavar="FILE")
        parser.add_argument("--project", required=True, metavar="SLUG")
        parser.add_argument(
            "--as", dest="username", help="whose videos they are; default: the project's first owner"
        )
        parser.add_argument(
            "--metadata",
            type=Path,
            metavar="CSV",
            help="a row per file: filename, and any of environment, country, author, licence, "
            "consent_reference, objectionable, split, tags (separated by ;)",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        project = named.project(options["project"])
        user = named.member(project, options["username"])
        metadata = _metadata(options["metadata"])
        refused = [path for path in options["files"] if not self._take(project, user, path, metadata)]
        if refused:
            raise CommandError(f"{len(refused)} of {len(options['files'])} files were refused.")

    def _take(self, project: Project, user: User, path: Path, metadata: dict[str, dict[str, Any]]) -> bool:
        if not path.is_file():
            self.stderr.write(f"{path}: there is no such file.")
            return False
        video = _add(project, user, path, metadata.get(path.name, {}))
        video = videos.ingest(video_id=video.pk)
        video.refresh_from_db()
        if video.state == Video.State.READY:
            self.stdout.write(
                f"{path}: {video.video_id}, {video.frame_count} frames, {video.width} x {video.height}"
            )
            return True
        self.stderr.write(f"{path}: {video.refusal_message}")
        video.delete()
        return False


def _add(project: Project, user: User, path: Path, metadata: dict[str, Any]) -> Video:
    work = Path(settings.DATA_DIR, "work")
    work.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=work) as folder:
        copy = Path(folder, "source")
        shutil.copyfile(path, copy)
        # Nobody is woken: this process does the work itself.
        return videos.add(
            project=project,
            user=user,
            path=copy,
            filename=uploads.safe_name(path.name),
            metadata=metadata,
            wake=False,
        )


def _metadata(path: Path | None) -> dict[str, dict[str, Any]]:
    if path is None:
        return {}
    try:
        return read_csv(path.read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError) as error:
        raise CommandError(f"{path} cannot be read: {error}") from error
    except AnnotatorError as error:
        raise CommandError(f"{path}: {error.message}") from error
