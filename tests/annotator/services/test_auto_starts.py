"""Which videos auto runs begin on, in which order, and how all are stopped."""

from __future__ import annotations

from typing import Any

import pytest

from annotator.errors import Conflict, NotPossible
from annotator.models import AutoRun, Masklet, Project, Propagation, User, Video
from annotator.redis import client
from annotator.selectors import auto_runs as selector
from annotator.services import auto_runs, videos
from inference_worker.protocol import messages
from tests.annotator.autos import begun, candidate, finished, proposed
from tests.annotator.desk import square
from tests.factories import make_project, make_video

pytestmark = pytest.mark.usefixtures("worker")


def test_one_run_at_a_time_makes_masklets_of_a_video(project: Project, manager: User, video: Video) -> None:
    auto_runs.start(project=project, user=manager)
    with pytest.raises(Conflict) as refused:
        auto_runs.start(project=project, user=manager, videos=[video.pk])
    assert refused.value.code == "running"
    with pytest.raises(NotPossible):
        auto_runs.start(project=project, user=manager)
    with pytest.raises(NotPossible):
        auto_runs.start(project=project, user=manager, videos=[video.pk + 99])


def test_a_chosen_video_that_is_in_a_run_is_named(project: Project, manager: User, video: Video) -> None:
    other = make_video(project, manager)
    auto_runs.start(project=project, user=manager, videos=[video.pk])
    with pytest.raises(Conflict) as refused:
        auto_runs.start(project=project, user=manager, videos=[video.pk, other.pk])
    assert refused.value.data == {"videos": [video.pk]} and video.name in refused.value.message
    assert AutoRun.objects.count() == 1, "the other one was not begun on either"


def test_a_second_run_of_a_video_asks_for_what_the_first_did_not_find(
    project: Project, manager: User, video: Video, sweep: Any
) -> None:
    finished(project, manager, sweep, 30)
    assert not selector.without_run(selector.videos(project))
    [again] = auto_runs.start(project=project, user=manager, videos=[video.pk])
    [message] = sweep()
    assert (message.run, message.known) == (again.pk, [square(30, 10)])


def test_failed_and_stopped_runs_leave_their_videos_new(project: Project, manager: User) -> None:
    ran = {state: make_video(project, manager) for state in AutoRun.State.values}
    for state, one in ran.items():
        AutoRun.objects.create(video=one, requested_by=manager, state=state)
    again = auto_runs.start(project=project, user=manager)
    assert [run.video for run in again] == [ran["stopped"], ran["failed"]]


def test_all_runs_are_stopped_at_once_and_those_of_other_projects_go_on(
    project: Project, manager: User, video: Video, sweep: Any
) -> None:
    elsewhere = make_video(make_project("other"), manager)
    [going_on] = auto_runs.start(project=elsewhere.project, user=manager)
    run = begun(project, manager, sweep)
    proposed(run, candidate(5))
    make_video(project, manager)
    auto_runs.start(project=project, user=manager)
    assert auto_runs.stop_all(project=project) == 2
    assert selector.counts(project) == {**dict.fromkeys(AutoRun.State.values, 0), "stopped": 2}
    assert not Masklet.objects.filter(deleted_at=None).exists()
    assert auto_runs.stop_all(project=project) == 0
    going_on.refresh_from_db()
    assert going_on.state == "proposing"


def test_a_run_of_a_deleted_video_is_stopped(
    project: Project, manager: User, video: Video, sweep: Any
) -> None:
    run = begun(project, manager, sweep)
    proposed(run, candidate(5))
    videos.delete(video=video)
    sweep()
    run.refresh_from_db()
    assert (run.state, Propagation.objects.get().state) == ("stopped", "stopping")


def test_runs_are_listed_as_their_turn_comes_and_then_the_newest_first(
    project: Project, manager: User
) -> None:
    states = ["finished", "queued", "proposing", "failed", "queued", "tracking", "stopped"]
    rows = [
        AutoRun.objects.create(video=make_video(project, manager), requested_by=manager, state=state)
        for state in states
    ]
    listed = [rows.index(run) for run in selector.in_project(project)]
    assert listed == [2, 5, 1, 4, 6, 3, 0]


def test_only_so_many_runs_are_sent_at_once(project: Project, manager: User, sweep: Any) -> None:
    for _ in range(auto_runs.AT_ONCE + 2):
        make_video(project, manager)
    auto_runs.start(project=project, user=manager)
    assert len(sweep()) == auto_runs.AT_ONCE
    assert sweep() == []
    auto_runs.stop(run=AutoRun.objects.order_by("pk")[0])
    assert len(sweep()) == 1


def test_runs_wait_while_there_is_no_worker(
    project: Project, manager: User, video: Video, sweep: Any
) -> None:
    client().delete(messages.worker_key("w"))
    [run] = auto_runs.start(project=project, user=manager)
    assert sweep() == []
    run.refresh_from_db()
    assert run.state == "queued"
