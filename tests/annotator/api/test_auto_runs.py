"""A run from the manager's request to the tasks to verify, with a worker in a process of its own."""

from __future__ import annotations

import base64
import csv
import io
import json
import os
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from django.conf import settings
from django.core.management import call_command
from django.utils import timezone

from annotator import inference
from annotator.models import AutoRun, Mask, Masklet, Project, Propagation, Task, User, Video
from annotator.redis import client
from annotator.selectors import recipes
from annotator.services import auto_runs, recovery, videos
from annotator.tasks import record_result
from inference_worker.protocol import broker, messages
from tests.annotator.api.http import Http
from tests.annotator.clips import write_clip
from tests.factories import make_project, make_video
from tests.inference_worker.worker_process import (
    PATIENCE,
    Asker,
    WorkerProcess,
    a_click,
    a_pass,
    wait_for,
)

SETTINGS = messages.ProposeSettings(points_per_side=(8, 4))


@pytest.fixture(autouse=True)
def small_grids(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(auto_runs, "SETTINGS", SETTINGS)


@pytest.fixture
def video(project: Project, manager: User, tmp_path: Path) -> Video:
    """A clip of 12 frames that was really taken in, three of them annotated."""
    clip = write_clip(tmp_path / "clip.mp4")
    added = videos.add(
        project=project, user=manager, path=clip, filename="clip.mp4", wake=False,
        metadata={"environment": "Outdoor"},
    )  # fmt: skip
    videos.ingest(video_id=added.pk)
    return Video.objects.get(pk=added.pk)


@pytest.fixture
def start_worker(tmp_path: Path) -> Iterator[Callable[..., WorkerProcess]]:
    client().flushdb()
    workers: list[WorkerProcess] = []

    def start(name: str, **environment: str) -> WorkerProcess:
        media, log = Path(settings.MEDIA_ROOT).resolve(), tmp_path / f"{name}.log"
        workers.append(WorkerProcess(os.environ["REDIS_URL"], name, media, log, **environment))
        return workers[-1].wait_until_ready()

    yield start
    for worker in workers:
        worker.stop()
    client().flushdb()


@pytest.fixture
def recorder(django_capture_on_commit_callbacks: Any) -> Callable[[Callable[[], bool]], None]:
    """Sweeps and stores results, as the recorder's process does, until something is so."""
    keys = [broker.waiting_key(messages.RESULTS_QUEUE, step) for step in messages.PRIORITY_STEPS]

    def work(until: Callable[[], bool]) -> None:
        give_up = time.monotonic() + PATIENCE
        while not until():
            assert time.monotonic() < give_up, "what was waited for did not happen"
            with django_capture_on_commit_callbacks(execute=True):
                recovery.sweep()
            while popped := client().brpop(keys, timeout=0.2):
                message = json.loads(base64.b64decode(json.loads(popped[1])["body"]))[0][0]
                with django_capture_on_commit_callbacks(execute=True):
                    record_result(message)

    return work


def run_is(state: str) -> Callable[[], bool]:
    return lambda: AutoRun.objects.get().state == state


def test_what_a_worker_proposes_and_tracks_waits_to_be_verified(
    manager: User, video: Video, start_worker: Any, recorder: Any
) -> None:
    http = Http(manager)
    [run] = http("POST", "projects/street/auto-runs", {"videos": [video.pk]}).json()["runs"]
    told = http("GET", f"auto-runs/{run}").json()
    assert (told["state"], told["prompts_done"], told["prompts_total"]) == ("queued", 0, 128)
    start_worker("one")
    recorder(run_is("finished"))
    told = http("GET", f"auto-runs/{run}").json()
    assert (told["model"]["label"], told["model"]["coarse"]) == ("scripted", False)
    assert told["kept"] == told["masklets"]["submitted"] == 12
    assert (told["prompts_done"], told["frames_done"], told["frames_total"]) == (128, 36, 36)
    assert Task.objects.filter(kind="verify", state="waiting").count() == 12
    assert Mask.objects.filter(human=True).count() == 0
    assert {masklet.type for masklet in Masklet.objects.all()} == {"auto"}
    [listed] = http("GET", "projects/street/auto-runs").json()["results"]
    assert listed == told
    [counted] = http("GET", "projects/street/auto-models").json()
    assert (counted["masklets"], counted["waiting"]) == (12, 12)


def test_a_killed_worker_s_run_goes_on_at_another(
    project: Project, manager: User, video: Video, start_worker: Any, recorder: Any
) -> None:
    auto_runs.start(project=project, user=manager)
    first = start_worker("first", MASKLOOM_SCRIPTED_FRAME_MS="500", MASKLOOM_CHUNK_MS="1")
    recorder(lambda: AutoRun.objects.get().prompts_done >= 80)
    first.kill()
    client().delete(messages.alive_run_key(AutoRun.objects.get().pk))
    AutoRun.objects.update(progress_at=timezone.now() - timedelta(hours=1))
    second = start_worker("second")
    recorder(run_is("finished"))
    run = AutoRun.objects.get()
    assert (run.kept, run.prompts_done) == (12, 128)
    assert run.attempt >= 2 and f"auto-run={run.pk} attempt={run.attempt}" in second.log()
    units = [line for line in second.log().splitlines() if " unit " in line and "points=" in line]
    assert "points=64 " not in units[0], "the windows that are through are not asked about again"


def test_people_s_clicks_and_passes_go_before_a_run(
    manager: User, project: Project, video: Video, start_worker: Any, recorder: Any
) -> None:
    [run] = auto_runs.start(project=project, user=manager)
    run.session_id = 900
    frames = recipes.frames(video)
    asker = Asker(os.environ["REDIS_URL"])
    client().flushdb()
    inference.propose(recipes.propose(run, 0))
    asker.propagate(a_pass(frames, [[4]], propagation=901, session=901))
    asker.click(a_click(frames, session=902))
    worker = start_worker("late")
    wait_for(lambda: "unit session=900" in worker.log())
    log = worker.log()
    assert log.index(" click session=902") < log.index(" chunk session=901") < log.index(" unit session=900")


def test_a_stopped_run_stops_at_its_worker(
    project: Project, manager: User, video: Video, start_worker: Any, recorder: Any,
    django_capture_on_commit_callbacks: Any,
) -> None:  # fmt: skip
    auto_runs.start(project=project, user=manager)
    worker = start_worker("slow", MASKLOOM_SCRIPTED_FRAME_MS="500", MASKLOOM_CHUNK_MS="1")
    recorder(lambda: AutoRun.objects.get().prompts_done > 0)
    with django_capture_on_commit_callbacks(execute=True):
        answer = Http(manager)("POST", f"auto-runs/{AutoRun.objects.get().pk}/stop")
    assert answer.json()["state"] == "stopped"
    wait_for(lambda: " stopped points=" in worker.log())
    assert not Masklet.objects.exists() and not Propagation.objects.exists()


def test_the_command_runs_and_tells_how_far_it_is(
    project: Project, owner: User, video: Video, capsys: pytest.CaptureFixture[str], monkeypatch: Any
) -> None:
    def next_state(_: float) -> None:
        run = AutoRun.objects.get()
        now = {"queued": "proposing", "proposing": "finished"}[run.state]
        AutoRun.objects.update(state=now, prompts_done=64, candidates=9, kept=4)

    monkeypatch.setattr("annotator.management.commands.auto_masklets.time.sleep", next_state)
    call_command("auto_masklets", project="street", video=[video.video_id])
    told = capsys.readouterr().out
    assert f"{video.video_id}: proposing, 64 of 128 points" in told
    assert f"{video.video_id}: 4 auto masklets of 9 candidates wait to be verified" in told


def test_failures_come_as_a_table(project: Project, manager: User) -> None:
    answer = Http(manager)("GET", "projects/street/auto-failures.csv")
    assert answer["Content-Type"].startswith("text/csv")
    [columns] = csv.reader(io.StringIO(b"".join(answer).decode()))
    assert columns[:4] == ["model", "video", "masklet", "number"]
    assert Http(manager)("GET", "projects/street/auto-failures?model=x").status_code == 400


@pytest.mark.parametrize("body", [{"videos": []}, {"videos": ["a"]}, {"videos": "all"}])
def test_a_request_that_names_no_videos_is_refused(manager: User, body: dict[str, Any]) -> None:
    assert Http(manager)("POST", "projects/street/auto-runs", body).status_code == 400


def test_a_video_of_another_project_is_refused(manager: User, stranger: User) -> None:
    other = make_video(make_project("other"), stranger)
    answer = Http(manager)("POST", "projects/street/auto-runs", {"videos": [other.pk]})
    assert (answer.status_code, answer.json()["code"]) == (422, "no_video")


def test_a_manager_chooses_among_ready_videos_and_sees_which_had_a_run(
    project: Project, manager: User
) -> None:
    old, ran, twice = (make_video(project, manager) for _ in range(3))
    Video.objects.create(
        project=project, number=9, video_id="street_9", name="clip 9", stride=4, source_key="", source_bytes=1,
        created_by=manager,
    )  # fmt: skip
    AutoRun.objects.create(video=ran, requested_by=manager, state="finished", kept=3)
    for state in ("finished", "failed"):
        AutoRun.objects.create(video=twice, requested_by=manager, state=state)
    http = Http(manager)
    listed = http("GET", "projects/street/auto-videos").json()
    assert [(one["id"], (one["last_run"] or {}).get("state")) for one in listed["results"]] == [
        (twice.pk, "failed"), (ran.pk, "finished"), (old.pk, None),
    ]  # fmt: skip
    assert listed["results"][1]["last_run"]["kept"] == 3
    [new] = http("GET", "projects/street/auto-videos?new=true").json()["results"]
    [searched] = http("GET", f"projects/street/auto-videos?q={ran.video_id}").json()["results"]
    assert (new["id"], searched["id"]) == (old.pk, ran.pk)


def test_what_the_next_run_would_be_is_told_and_all_are_stopped_at_once(
    project: Project, manager: User, video: Video
) -> None:
    http = Http(manager)
    http("PATCH", "projects/street", {"auto_min_iou": 0.6, "auto_most": 5})
    for name in ("one", "two"):
        model = messages.ModelVersion(engine="opencv", thresholds={"edge": 0.5})
        info = messages.WorkerInfo(name=name, model=model, device="cpu", sessions=0, queue=name)
        client().set(messages.worker_key(name), msgspec.json.encode(info))
    told = http("GET", "projects/street/auto-state").json()
    client().delete(messages.worker_key("one"), messages.worker_key("two"))
    assert (told["new_videos"], told["runs"]["queued"]) == (1, 0)
    assert told["engines"] == [{"label": "opencv", "coarse": True}]
    assert (told["settings"]["min_iou"], told["settings"]["most"]) == (0.6, 5)
    [run] = http("POST", "projects/street/auto-runs", {}).json()["runs"]
    assert http("GET", f"auto-runs/{run}").json()["settings"] == told["settings"]
    assert http("GET", "projects/street/auto-state").json()["runs"]["queued"] == 1
    assert http("POST", "projects/street/auto-runs/stop").json() == {"stopped": 1}
    assert http("GET", "projects/street/auto-state").json()["runs"]["stopped"] == 1
