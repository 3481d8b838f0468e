"""manage.py auto_masklets --project SLUG [--video ID...] [--as USER]"""

from __future__ import annotations

import time
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db.models import Sum

from annotator.errors import AnnotatorError
from annotator.management import named
from annotator.models import AutoRun, Project, Video
from annotator.selectors import auto_runs as selector
from annotator.services import auto_runs

LOOK_S = 2.0


class Command(BaseCommand):
    help = (
        "Has auto masklets made of videos by the workers that are running, and tells how far they are. "
        "To stop the command does not stop the runs: the page does."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--project", required=True, metavar="SLUG")
        parser.add_argument(
            "--video", nargs="+", metavar="ID", help="such as street_000001; default: all new ones"
        )
        parser.add_argument(
            "--as", dest="username", help="who asks for it; default: the project's first owner"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        project = named.project(options["project"])
        user = named.member(project, options["username"])
        videos = _videos(project, options["video"])
        try:
            runs = auto_runs.start(project=project, user=user, videos=videos)
        except AnnotatorError as error:
            raise CommandError(error.message) from error
        failed = self._watch([run.pk for run in runs])
        if failed:
            raise CommandError(f"{failed} of {len(runs)} runs were stopped or failed.")

    def _watch(self, pks: list[int]) -> int:
        """Tell of each run's progress until all have ended; how many did not come to their end."""
        told: dict[int, str] = {}
        while True:
            runs = list(AutoRun.objects.select_related("video").filter(pk__in=pks).order_by("pk"))
            for run in runs:
                line = f"{run.video.video_id}: {_progress(run)}"
                if told.get(run.pk) != line:
                    self.stdout.write(line)
                    told[run.pk] = line
            if not any(run.state in AutoRun.ACTIVE for run in runs):
                return sum(run.state != AutoRun.State.FINISHED for run in runs)
            time.sleep(LOOK_S)


def _progress(run: AutoRun) -> str:
    state = AutoRun.State
    if run.state == state.QUEUED:
        return "waits for its turn and a worker"
    if run.state == state.PROPOSING:
        return f"proposing, {run.prompts_done} of {run.prompts_total} points"
    if run.state == state.TRACKING:
        frames = selector.passes_of(run).aggregate(done=Sum("frames_done"), total=Sum("frames_total"))
        return f"tracking {run.kept} masklets, {frames['done']} of {frames['total']} masks"
    if run.state == state.FINISHED:
        return f"{run.kept} auto masklets of {run.candidates} candidates wait to be verified"
    return run.error or run.state


def _videos(project: Project, named: list[str] | None) -> list[int] | None:
    if not named:
        return None
    there = dict(
        Video.objects.filter(project=project, video_id__in=named, deleted_at__isnull=True).values_list(
            "video_id", "pk"
        )
    )
    missing = sorted(set(named) - set(there))
    if missing:
        raise CommandError(f"There is no video {', '.join(missing)} in {project.slug}.")
    return list(there.values())
