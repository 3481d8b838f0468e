"""Auto masklets as rows: proposed, tracked, handed to verification, stopped, found again."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import msgspec
import pytest
from django.utils import timezone

from annotator import inference
from annotator.errors import NotPossible, NotThere
from annotator.models import (
    AutoRun,
    Change,
    Mask,
    Masklet,
    Project,
    Prompt,
    Propagation,
    Session,
    Task,
    User,
    Video,
)
from annotator.redis import client
from annotator.selectors import auto_runs as selector
from annotator.selectors import invariants
from annotator.services import (
    auto_runs,
    claims,
    priorities,
    projects,
    recovery,
    sessions,
    tasks,
)
from inference_worker.protocol import broker, messages
from tests.annotator.autos import FRAMES, begun, candidate, finished, proposed, tracked
from tests.annotator.desk import Desk, square
from tests.factories import make_video

pytestmark = pytest.mark.usefixtures("worker")
LONG = timedelta(hours=1)


def test_a_run_asks_for_masks_of_what_the_video_has_not_yet(
    project: Project, manager: User, annotator: User, video: Video, sweep: Any
) -> None:
    Desk(annotator, video).draw(0, square(5))
    [run] = auto_runs.start(project=project, user=manager)
    [message] = sweep()
    assert (message.run, message.attempt, message.points, message.known) == (run.pk, 1, 0, [square(5)])
    assert msgspec.to_builtins(message.settings) == run.settings
    assert (run.prompts_total, message.settings.points) == (2304, 2304)
    assert sweep() == []


def test_a_run_has_the_thresholds_of_its_project_and_keeps_them(
    project: Project, manager: User, video: Video, sweep: Any
) -> None:
    assert auto_runs.settings_of(Project()) == messages.ProposeSettings(), "those of the released generator"
    project.auto_min_iou, project.auto_min_stability, project.auto_most = 0.7, 0.9, 3
    project.save()
    [run] = auto_runs.start(project=project, user=manager)
    Project.objects.update(auto_min_iou=0.1, auto_most=100)
    [message] = sweep()
    kept = message.settings
    assert (kept.min_iou, kept.min_stability, kept.most) == (0.7, 0.9, 3)
    assert msgspec.to_builtins(kept) == run.settings


def test_what_was_proposed_is_tracked_from_the_model_s_own_masks(
    project: Project, manager: User, video: Video, sweep: Any, django_capture_on_commit_callbacks: Any
) -> None:
    run = begun(project, manager, sweep)
    with django_capture_on_commit_callbacks(execute=True):
        proposed(run, candidate(30), candidate(5))
    run.refresh_from_db()
    assert (run.state, run.candidates, run.kept, run.found) == ("tracking", 7, 2, {})
    made = Masklet.objects.filter(video=video).order_by("pk")
    assert [(one.type, one.state, one.created_by, one.tracked_by) for one in made] == [
        ("auto", "in_work", manager, None)
    ] * 2
    first = Mask.objects.get(masklet=made[0])
    assert (first.frame_index, first.state, first.human, first.counts) == (0, "predicted", False, square(30))
    assert (first.score, first.stability, first.model_version) == (0.9, 0.97, run.model_version)
    assert not Prompt.objects.exists(), "nobody prompted anything"
    passes = selector.passes_of(run)
    assert [(row.frames_done, row.frames_total) for row in passes] == [(1, 11)] * 2, "a pass for each"
    assert [row.engine_ms for row in passes] == [300, 300], "what proposing took is theirs"


def test_the_pass_is_bulk_work_that_holds_on_to_the_proposed_mask(
    project: Project, manager: User, video: Video, sweep: Any
) -> None:
    run = begun(project, manager, sweep)
    proposed(run, candidate(30))
    run.refresh_from_db()
    tracked(run, FRAMES[1:10], state="running")
    Propagation.objects.update(progress_at=timezone.now() - LONG)
    [message] = sweep()
    assert (message.bulk, message.small_area) == (True, 1)
    known = {frame.frame_index: frame.human for frame in message.objects[0].known}
    assert known[0] and sum(known.values()) == 1
    assert message.runs == [[36, 40]]


def test_what_is_tracked_is_verified_last_of_all_and_by_anybody(
    project: Project, manager: User, video: Video, sweep: Any
) -> None:
    made = finished(project, manager, sweep, 30, 5)
    assert {(one.state, one.type, one.tracked_by) for one in made} == {("submitted", "auto", None)}
    found = Task.objects.order_by("pk")
    assert [(task.kind, task.masklet, task.priority, task.workers) for task in found] == [
        ("verify", one, priorities.LAST_IN_LINE, []) for one in made
    ]
    run = AutoRun.objects.get()
    assert (run.state, run.session.state if run.session else "") == ("finished", "closed")


def test_what_is_tracked_is_verified_by_suspicion_where_the_project_orders_by_it(
    project: Project, manager: User, video: Video, sweep: Any
) -> None:
    project.suspicious_first = True
    project.save()
    made = finished(project, manager, sweep, 30, 5)
    suspected = [(one.suspicion or 0) for one in made]
    assert suspected[0] != suspected[1]
    assert list(Task.objects.order_by("pk").values_list("priority", flat=True)) == [
        priorities.BY_SUSPICION + round(9 * each) for each in suspected
    ]


def test_a_person_s_work_is_verified_before_auto_masklets(
    project: Project, manager: User, annotator: User, reviewer: User, video: Video, sweep: Any
) -> None:
    finished(project, manager, sweep, 30)
    masklet = Masklet.objects.create(
        video=video, number=9, name="mine", state="submitted", created_by=annotator, tracked_by=annotator,
        submitted_at=timezone.now(),
    )  # fmt: skip
    tasks.add(kind="verify", video=video, masklet=masklet)
    first, second = claims.claim_next(user=reviewer, project=project, most=2)
    assert first.masklet == masklet
    assert second.masklet is not None and second.masklet.type == "auto"


def test_a_run_that_finds_nothing_is_finished(
    project: Project, manager: User, video: Video, sweep: Any
) -> None:
    run = begun(project, manager, sweep)
    proposed(run)
    run.refresh_from_db()
    assert (run.state, run.kept) == ("finished", 0)
    assert not Masklet.objects.exists()


def test_an_object_that_somebody_began_while_masks_were_proposed_does_not_come_again(
    project: Project, manager: User, annotator: User, video: Video, sweep: Any
) -> None:
    run = begun(project, manager, sweep)
    desk = Desk(annotator, video)
    desk.draw(0, square(6))
    proposed(run, candidate(5), candidate(30))
    assert list(Mask.objects.exclude(masklet=desk.masklet).values_list("counts", flat=True)) == [square(30)]


def test_an_image_needs_no_tracking(project: Project, manager: User, sweep: Any) -> None:
    make_video(project, manager, frames=1)
    run = begun(project, manager, sweep)
    proposed(run, candidate(5))
    sweep()
    assert Masklet.objects.get().state == "submitted"


def test_a_run_that_no_worker_has_goes_on_from_the_windows_that_are_through(
    project: Project, manager: User, video: Video, sweep: Any
) -> None:
    run = begun(project, manager, sweep)
    through = messages.Proposed(points=1024, candidates=3, found=[candidate(5)])
    proposed(run, state="running", points=1024, done=through)
    proposed(run, state="running", points=1088, done=None)
    assert sweep() == []
    AutoRun.objects.update(progress_at=timezone.now() - LONG)
    client().set(messages.alive_run_key(run.pk), 1, ex=60)
    assert sweep() == [], "a living worker has it"
    client().delete(messages.alive_run_key(run.pk))
    [message] = sweep()
    assert (message.attempt, message.points, message.done) == (2, 1024, through)
    proposed(run, candidate(5), attempt=1)
    run.refresh_from_db()
    assert run.state == "proposing", "what the earlier attempt says is let go"


def test_what_waits_for_people_to_leave_a_worker_free_is_not_sent_again(
    project: Project, manager: User, video: Video, sweep: Any
) -> None:
    run = begun(project, manager, sweep)
    waiting = broker.waiting_key(messages.INFERENCE_QUEUE, messages.BULK_PRIORITY)
    client().lpush(waiting, "a message")
    AutoRun.objects.update(progress_at=timezone.now() - LONG)
    assert sweep() == []
    proposed(run, candidate(5))
    Propagation.objects.update(progress_at=timezone.now() - LONG)
    assert sweep() == []
    client().delete(waiting)
    [message] = sweep()
    assert (message.bulk, message.attempt) == (True, 2)


def test_bulk_work_goes_to_the_shared_queue_where_it_is_seen_to_wait(
    project: Project, manager: User, video: Video, django_capture_on_commit_callbacks: Any
) -> None:
    auto_runs.start(project=project, user=manager)
    assert not inference.bulk_waits()
    with django_capture_on_commit_callbacks(execute=True):
        recovery.sweep()
    assert inference.bulk_waits()
    client().delete(broker.waiting_key(messages.INFERENCE_QUEUE, messages.BULK_PRIORITY))


def test_a_run_that_ends_its_workers_again_and_again_is_given_up(
    project: Project, manager: User, video: Video, sweep: Any
) -> None:
    run = begun(project, manager, sweep)
    AutoRun.objects.update(progress_at=timezone.now() - LONG, attempt=auto_runs.MAX_ATTEMPTS)
    assert sweep() == []
    run.refresh_from_db()
    assert (run.state, "again and again" in run.error) == ("failed", True)


def test_an_engine_that_fails_fails_the_run_with_its_sentence(
    project: Project, manager: User, video: Video, sweep: Any
) -> None:
    run = begun(project, manager, sweep)
    proposed(run, state="failed", error="This engine cannot propose masks.", done=None)
    run.refresh_from_db()
    assert (run.state, run.error) == ("failed", "This engine cannot propose masks.")
    auto_runs.start(project=project, user=manager)


@pytest.mark.parametrize("when", ["queued", "proposing", "tracking"])
def test_a_stopped_run_puts_away_what_it_made(
    project: Project, manager: User, video: Video, sweep: Any, when: str
) -> None:
    [run] = auto_runs.start(project=project, user=manager)
    if when != "queued":
        sweep()
    if when == "tracking":
        proposed(run, candidate(5))
    run.refresh_from_db()
    assert run.state == when
    auto_runs.stop(run=run)
    auto_runs.stop(run=run)
    run.refresh_from_db()
    assert run.state == "stopped"
    proposed(run, candidate(9))
    assert not Masklet.objects.filter(deleted_at=None).exists()
    assert not Propagation.objects.filter(state__in=("queued", "running")).exists()
    assert not Session.objects.filter(state="open").exists()
    assert not Task.objects.exists()


def test_a_pass_that_fails_fails_the_run_and_puts_away_what_is_half_done(
    project: Project, manager: User, video: Video, sweep: Any
) -> None:
    run = begun(project, manager, sweep)
    proposed(run, candidate(5))
    run.refresh_from_db()
    tracked(run, [4], state="failed", error="The frames are gone.")
    sweep()
    run.refresh_from_db()
    assert (run.state, run.error) == ("failed", "The frames are gone.")
    assert not Masklet.objects.filter(deleted_at=None).exists()


def test_what_was_tracked_is_handed_in_also_where_another_could_not_be(
    project: Project, manager: User, video: Video, sweep: Any
) -> None:
    run = begun(project, manager, sweep)
    proposed(run, candidate(30), candidate(5))
    first = selector.passes_of(run)[0]
    Propagation.objects.filter(pk=first.pk).update(state="failed", error="The frames are gone.")
    tracked(run, FRAMES[1:])
    sweep()
    run.refresh_from_db()
    assert (run.state, run.error) == (
        "finished", "1 of 2 masklets could not be tracked: The frames are gone.",
    )  # fmt: skip
    assert [one.state for one in Masklet.objects.filter(deleted_at=None)] == ["submitted"]


def test_an_auto_masklet_that_a_person_took_up_is_theirs(
    project: Project, manager: User, annotator: User, video: Video, sweep: Any
) -> None:
    run = begun(project, manager, sweep)
    proposed(run, candidate(30), candidate(5))
    mine, other = Masklet.objects.order_by("pk")
    desk = Desk(annotator, video)
    desk.masklet = mine.pk
    desk.draw(8, square(31))
    run.refresh_from_db()
    tracked(run, FRAMES[1:])
    sweep()
    states = dict(Masklet.objects.filter(pk__in=(mine.pk, other.pk)).values_list("pk", "state"))
    assert states == {mine.pk: "in_work", other.pk: "submitted"}
    projects.edit(project=project, pull_only=True)
    assert Task.objects.get(masklet=mine).kind == "track"


def test_what_the_model_is_at_is_not_asked_of_people_who_pull(
    project: Project, manager: User, video: Video, sweep: Any
) -> None:
    proposed(begun(project, manager, sweep), candidate(30))
    projects.edit(project=project, pull_only=True)
    assert list(Task.objects.values_list("kind", "masklet")) == [("select", None)]


def test_what_the_model_is_at_is_nobody_s_task(
    project: Project, manager: User, video: Video, sweep: Any
) -> None:
    proposed(begun(project, manager, sweep), candidate(5))
    with pytest.raises(NotPossible) as refused:
        tasks.make(project=project, by=manager, kind="track", masklet=Masklet.objects.get().pk)
    assert refused.value.code == "in_a_run"


def test_who_accepted_a_frame_of_an_auto_masklet_took_it_up(
    project: Project, manager: User, annotator: User, video: Video, sweep: Any
) -> None:
    run = begun(project, manager, sweep)
    proposed(run, candidate(5))
    desk = Desk(annotator, video)
    desk.masklet = Masklet.objects.get(type="auto").pk
    desk.mark(Change.Kind.ACCEPT, 0)
    tracked(run, FRAMES[1:])
    sweep()
    assert Masklet.objects.get(pk=desk.masklet).state == "in_work"
    assert not Task.objects.filter(masklet=desk.masklet).exists()
    assert invariants.broken(project) == {}


def test_nobody_acts_under_the_session_of_a_run(
    project: Project, manager: User, video: Video, sweep: Any
) -> None:
    run = begun(project, manager, sweep)
    with pytest.raises(NotThere):
        sessions.held(run.session_id or 0, manager)
