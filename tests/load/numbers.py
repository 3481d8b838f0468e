"""How long the database takes for each number with 600,000 masklets in the tables.

Run: python -m tests.load.numbers [MASKLETS]
"""

from __future__ import annotations

import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from deploy.local.services import start_postgres

MASKLETS, PER_VIDEO, PEOPLE, ROUNDS = 600_000, 12, 60, 7

_FILL = """
INSERT INTO annotator_user (password, is_superuser, username, first_name, last_name, email, is_staff, is_active,
    date_joined)
SELECT '', false, 'person' || n, '', '', '', false, true, now() FROM generate_series(1, {people}) n;

INSERT INTO annotator_modelversion (engine, weights, weights_sha256, thresholds)
SELECT 'sam2', 'weights' || n, '', '{{}}' FROM generate_series(1, 6) n;

INSERT INTO annotator_video (project_id, number, video_id, name, state, progress, attempt, refusal_code,
    refusal_message, source_key, source_filename, source_bytes, source_sha256, source_facts, stride, height,
    width, frame_count, is_image, working_sha256, source_mapping, decode_faults, filmstrip, environment, country,
    author, licence, consent_reference, objectionable, tags, split, created_by_id, created_at)
SELECT {project}, n, 'load_' || n, 'clip ' || n, 'ready', 1, 1, '', '', '', '', 1, '', '{{}}', 4, 1080, 1440,
    100 + n % 400, false, 'x', '{{}}', '[]', '{{}}', CASE n % 2 WHEN 0 THEN 'Indoor' ELSE 'Outdoor' END,
    'country' || n % 47, 'author' || n % 900, '', '', false, '{{}}', 'train', {user}, now()
FROM generate_series(1, {videos}) n;

INSERT INTO annotator_masklet (video_id, number, name, color, type, state, version, created_by_id, tracked_by_id,
    submitted_at, set_aside, is_gold, phase, created_at)
SELECT video.id, place, 'Object', place % 12, CASE WHEN place % 4 = 0 THEN 'manual' ELSE 'auto' END,
    made.state, 3, {user}, CASE WHEN made.state <> 'in_work' THEN {user} + 1 + (video.id * 7 + place) % {people} END,
    CASE WHEN made.state <> 'in_work' THEN now() - (200 - 200.0 * video.id / {videos}) * interval '1 day' END,
    CASE WHEN made.state = 'set_aside' THEN 'too_easy' ELSE '' END, false,
    CASE WHEN made.state <> 'in_work' THEN 1 + video.id * 3 / ({videos} + 1) END, now()
FROM annotator_video video CROSS JOIN generate_series(0, {per_video} - 1) place
CROSS JOIN LATERAL (SELECT (ARRAY['in_work', 'submitted', 'submitted', 'refine', 'rejected', 'set_aside', 'accepted',
    'accepted', 'accepted', 'accepted', 'accepted', 'accepted'])[1 + (video.id + place) % 12] AS state) made;

UPDATE annotator_maskletfacts SET stale = false, frames = 60, edited_frames = 1 + masklet_id % 20,
    clicks = masklet_id % 40, clicked_frames = 1 + masklet_id % 15, active_ms = 200000 + masklet_id % 100000,
    visible_frames = 50, mean_area = 100 + masklet_id % 40000, relative_area = (100 + masklet_id % 40000) / 1555200.0,
    first_slot = masklet_id % 60, visibility_changes = masklet_id % 4, engine_ms = 4000, verdicts = 1,
    returns = (masklet_id % 5 = 0)::int, compared = 50, aligned = 43, bucket = 'medium',
    moved_at = coalesce(submitted_at, now()),
    model_version_id = (SELECT min(id) FROM annotator_modelversion) + masklet_id * 6 / ({videos} * {per_video} + 1);

INSERT INTO annotator_task (project_id, video_id, masklet_id, kind, state, queue, priority, skill, holder_id, workers,
    skipped_by, outcome, note, created_at, waiting_since, done_at)
SELECT {project}, video_id, id, CASE state WHEN 'refine' THEN 'refine' WHEN 'in_work' THEN 'track' ELSE 'verify' END,
    CASE WHEN state IN ('in_work', 'submitted', 'refine') THEN 'waiting' ELSE 'done' END, 'production', 0, '',
    CASE WHEN state NOT IN ('in_work', 'submitted', 'refine') THEN {user} + 1 + id % {people} END, '{{}}', '{{}}',
    CASE state WHEN 'accepted' THEN 'satisfactory' WHEN 'rejected' THEN 'rejected' ELSE '' END, '', now(),
    coalesce(submitted_at, now()),
    CASE WHEN state NOT IN ('in_work', 'submitted', 'refine') THEN submitted_at END
FROM annotator_masklet;
"""


def main() -> None:
    masklets = int(sys.argv[1]) if len(sys.argv) > 1 else MASKLETS
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
    from django.core.management import call_command
    from django.db import connection

    from annotator.models import FactsCell, Membership, Project, User
    from annotator.services import cells

    call_command("migrate", verbosity=0)
    project = Project.objects.create(slug="load", name="Load")
    user = User.objects.create_user("manager", password="x" * 20)
    Membership.objects.create(project=project, user=user, role="manager")
    print(f"filling in {masklets} masklets ...", flush=True)
    fill = _FILL.format(
        project=project.pk, user=user.pk, videos=masklets // PER_VIDEO, per_video=PER_VIDEO, people=PEOPLE
    )
    with connection.cursor() as cursor:
        for statement in fill.split(";\n"):
            if statement.strip():
                cursor.execute(statement)
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
    for name, read in _numbers(project).items():
        before = _processor_ms(backend)
        times = [_timed(read) for _ in range(ROUNDS)]
        busy = (_processor_ms(backend) - before) / ROUNDS
        median, most = statistics.median(times), max(times)
        print(f"{name:34} median {median:6.0f} ms  most {most:6.0f} ms  processor {busy:6.0f} ms", flush=True)


def _numbers(project) -> dict[str, Callable[[], object]]:  # type: ignore[no-untyped-def]
    from annotator.models import ModelVersion
    from annotator.selectors.numbers import dataset, funnel, listing, progress, table1
    from annotator.selectors.numbers.filters import Filters

    model = ModelVersion.objects.order_by("-id").values_list("pk", flat=True)[0]
    every, some = Filters(), Filters(phase=2, model=model)
    return {
        **{f"table1 by {key}": lambda key=key: table1.table1(project, every, key) for key in table1.KEYS},
        "table1 of a phase and model": lambda: table1.table1(project, some),
        "dataset": lambda: dataset.dataset(project, every),
        "funnel": lambda: funnel.funnel(project, every),
        "queues": lambda: funnel.queues(project),
        "progress": lambda: progress.progress(project),
        "people": lambda: progress.people(project, every),
        "rows, first page and count": lambda: _page(listing.masklets(project, every, listing.Which())),
        "rows sent back, of a phase": lambda: _page(
            listing.masklets(project, Filters(phase=2), listing.Which(returned=True))
        ),
    }


def _page(found) -> object:  # type: ignore[no-untyped-def]
    return found.count(), list(found[:50])


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
