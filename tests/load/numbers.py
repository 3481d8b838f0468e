"""How long each number and each list of a page takes with 600,000 masklets in the tables.

Run: python -m tests.load.numbers [MASKLETS]
"""

from __future__ import annotations

import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import date, timedelta
from functools import partial
from pathlib import Path

from deploy.local.services import start_postgres
from tests.load import tables

ROUNDS = 7
# As pages ask for them.
LISTS = (
    "videos", "videos?page=900", "videos?q=clip 4999", "reviews", "reviews?order=priority",
    "reviews?order=suspicion", "reviews?kind=verify&page=1500", "tasks", "tasks?page=11000",
    "tasks?kind=verify&state=done&page=5000", "tasks?holder=person7", "tasks/mine", "work", "people",
"auto-videos?page=900", "auto-runs", "auto-runs?page=900", "auto-models", "auto-failures",
    "auto-failures?page=2000", "auto-failures?model={model}&page=1500",
    "numbers/masklets?proposed_by={model}&outcome=rejected", "numbers/masklets?proposed_by={model}&page=6000",
    "numbers/masklets?proposed_by={model}&outcome=accepted&page=2500", "numbers/masklets?outcome=unsatisfactory",
    "tasks?state=waiting&starving=1&page_size=1", "numbers/masklets", "numbers/masklets?page=11000",
    "numbers/masklets?state=accepted&page=5000", "numbers/masklets?person=person7&returned=true",
    "numbers/masklets?phase=2&returned=true&page=700", "numbers/masklets?state=set_aside&set_aside=not_chosen",
    "numbers/masklets?state=accepted&share=7", "numbers/masklets?manual=true&tracked=true&copies=true&compared=any",
    "numbers/videos?state=accepted&copies=true", "numbers/verdicts", "numbers/verdicts?unseen=true",
    "numbers/verdicts?unseen=true&since=2000-01-01", "numbers/verdicts?since=2020-01-01&page=900",
    "numbers/verdicts?worker=person7&stage=verify&verdict=rejected", "numbers/verdicts?reviewer=person7&days=365",
    "numbers/verdicts?reviewer=person7&overturned=true&days=365", "numbers/masklets?person=person7&days=365",
    "people?days=365", "tasks?state=open&order=oldest", "tasks?state=open&order=priority", "threads",
    "threads?resolved=false&page=400", "threads?page=900",
)  # fmt: skip


def main() -> None:
    masklets = int(sys.argv[1]) if len(sys.argv) > 1 else tables.MASKLETS
    with tempfile.TemporaryDirectory(prefix="maskloom-load-") as folder:
        server = start_postgres(Path(folder))
        os.environ |= {
            "DATABASE_URL": server.url, "REDIS_URL": "redis://127.0.0.1:1", "DJANGO_SECRET_KEY": "load",
            "DJANGO_SETTINGS_MODULE": "annotator.settings", "MASKLOOM_DATA": folder,
        }  # fmt: skip
        try:
            import django

            django.setup()
            _measure(masklets)
        finally:
            server.stop()


def _measure(masklets: int) -> None:
    from django.conf import settings
    from django.core.management import call_command
    from django.db import connection, transaction

    from annotator.models import FactsCell, Membership, Project, User
    from annotator.services import cells

    settings.ALLOWED_HOSTS = ["testserver"]
    call_command("migrate", verbosity=0)
    project = Project.objects.create(slug="load", name="Load")
    user = User.objects.create_user("manager", password="x" * 20)
    Membership.objects.create(project=project, user=user, role="manager")
    print(f"filling in {masklets} masklets ...", flush=True)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(tables.filling(project.pk, user.pk, masklets))
    begin = time.perf_counter()
    cells.add_up_touched()
    print(
        f"all cells added up in {time.perf_counter() - begin:.0f} s: {FactsCell.objects.count()}", flush=True
    )
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
        cursor.execute("SET max_parallel_workers_per_gather = 0")  # so that one process does the work
        cursor.execute("SELECT pg_backend_pid()")
        backend = int(cursor.fetchone()[0])
    print(f"load average {os.getloadavg()[0]:.1f}", flush=True)
    for name, read in measured(project, user, masklets).items():
        before = _processor_ms(backend)
        times = [_timed(read) for _ in range(ROUNDS)]
        busy = (_processor_ms(backend) - before) / ROUNDS
        median, most = statistics.median(times), max(times)
        print(f"{name:70} median {median:6.0f} ms  most {most:6.0f} ms  processor {busy:6.0f} ms", flush=True)


def measured(project, user, masklets: int) -> dict[str, Callable[[], object]]:  # type: ignore[no-untyped-def]
    """What is measured, by name; pages far down only in a project of the full size."""
    numbers, lists = _numbers(project), _lists(user, masklets)
    assert not numbers.keys() & lists.keys()
    return numbers | lists


def _numbers(project) -> dict[str, Callable[[], object]]:  # type: ignore[no-untyped-def]
    from annotator.models import ModelVersion
    from annotator.selectors.numbers import dataset, funnel, progress, table1
    from annotator.selectors.numbers.filters import Filters

    model = ModelVersion.objects.order_by("-id").values_list("pk", flat=True)[0]
    every, some = Filters(), Filters(phase=2, model=model)
    half_a_year = Filters(since=date.today() - timedelta(days=182))
    return {
        **{f"table1 by {key}": partial(table1.table1, project, every, key) for key in table1.KEYS},
        "table1 of a phase and model": lambda: table1.table1(project, some),
        "dataset": lambda: dataset.dataset(project, every),
        "funnel": lambda: funnel.funnel(project, every),
        "queues": lambda: funnel.queues(project),
        "progress": lambda: progress.progress(project, every),
        "progress by person": lambda: progress.people(project, every),
        "progress by person, half a year": lambda: progress.people(project, half_a_year),
        "dataset of auto": lambda: dataset.dataset(project, Filters(type="auto")),
        "funnel of a phase and model": lambda: funnel.funnel(project, some),
        "progress of a phase and model": lambda: progress.progress(project, some),
    }


def _lists(user, masklets: int) -> dict[str, Callable[[], object]]:  # type: ignore[no-untyped-def]
    from rest_framework.test import APIClient

    from annotator.models import ModelVersion

    model = ModelVersion.objects.latest("id").pk
    client = APIClient()
    client.force_authenticate(user)
    named = [name.format(model=model) for name in LISTS]
    asked = named if masklets == tables.MASKLETS else [name for name in named if "page=" not in name]

    def read(name: str) -> None:
        answer = client.get(f"/api/projects/load/{name}")
        assert answer.status_code == 200, answer.content

    return {name: partial(read, name) for name in asked}


def _processor_ms(backend: int) -> float:
    """What the database's process has worked; on a busy machine it says more than the clock."""
    fields = Path(f"/proc/{backend}/stat").read_text().rsplit(") ", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) * 1000 / os.sysconf("SC_CLK_TCK")


def _timed(read: Callable[[], object]) -> float:
    begin = time.perf_counter()
    read()
    return (time.perf_counter() - begin) * 1000


if __name__ == "__main__":
    main()
