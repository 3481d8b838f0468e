"""What a session without a task may change while the queue gives the same objects out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from annotator.errors import AnnotatorError
from annotator.models import Masklet, Project, Session, Task, User
from annotator.selectors import invariants
from annotator.services import (
    changes,
    claims,
    masklets,
    projects,
    prompts,
    propagations,
    routing,
    sessions,
    tasks,
    videos,
)
from inference_worker.protocol import messages
from tests.annotator.desk import Desk, square
from tests.annotator.services.test_races import at_once
from tests.factories import make_member, make_video

pytestmark = pytest.mark.django_db
POINT = messages.Point(x=5, y=5, positive=True)
TRIES = 5


@pytest.fixture
def masklet(project: Project, manager: User) -> Masklet:
    """An object that somebody else selected, with a task to track it."""
    video = make_video(project, manager)
    made = Masklet.objects.create(video=video, number=0, name="Object 1", created_by=manager)
    tasks.add(kind="track", video=video, masklet=made)
    return made


@pytest.fixture
def other(project: Project) -> User:
    return make_member(project, "annotator", "second")


def free(user: User, masklet: Masklet) -> Session:
    return sessions.open_for_annotating(user=user, video=masklet.video)


def version(masklet: Masklet) -> int:
    return Masklet.objects.values_list("version", flat=True).get(pk=masklet.pk)


def click(session: Session, masklet: Masklet) -> dict[str, Any]:
    return prompts.add(
        session=session, user=session.user, masklet_id=masklet.pk, base_version=version(masklet),
        frame_index=0, new=[POINT],
    )  # fmt: skip


def refused(act: Callable[[], Any]) -> AnnotatorError:
    with pytest.raises(AnnotatorError) as error:
        act()
    return error.value


def the_task() -> Task:
    return Task.objects.select_related("holder").get()


def test_what_somebody_holds_is_changed_by_nobody_else_and_the_refusal_names_them(
    masklet: Masklet, annotator: User, other: User
) -> None:
    session = free(annotator, masklet)
    claims.claim(user=other, task=the_task())
    acts: list[Callable[[], Any]] = [
        lambda: click(session, masklet),
        lambda: changes.undo(
            session=session, user=annotator, masklet_id=masklet.pk, base_version=version(masklet)
        ),
        lambda: masklets.edit(
            session=session, masklet_id=masklet.pk, base_version=version(masklet), name="x"
        ),
        lambda: masklets.delete(session=session, masklet_id=masklet.pk, base_version=version(masklet)),
    ]
    for act in acts:
        error = refused(act)
        assert (error.code, error.data["held_by"]) == ("held", "second")
    claims.hold(task=the_task(), user=other, reason="which part?")
    assert refused(lambda: click(session, masklet)).code == "held"
    assert version(masklet) == 0


def test_the_first_change_takes_up_what_waits_so_that_nobody_else_is_given_it(
    masklet: Masklet, annotator: User, other: User, project: Project
) -> None:
    session = free(annotator, masklet)
    click(session, masklet)
    assert (the_task().state, the_task().holder) == ("claimed", annotator)
    assert claims.claim_next(user=other, project=project) == []
    click(session, masklet)
    assert invariants.broken(project) == {}


def test_a_name_takes_nothing_up_and_a_deletion_calls_off_what_waits(masklet: Masklet, manager: User) -> None:
    session = free(manager, masklet)
    masklets.edit(session=session, masklet_id=masklet.pk, base_version=0, name="Dog")
    assert the_task().state == "waiting"
    masklets.delete(session=session, masklet_id=masklet.pk, base_version=1)
    assert the_task().state == "cancelled"


def test_an_earlier_stage_of_one_s_own_is_not_taken_up_by_a_change_either(
    masklet: Masklet, manager: User, project: Project
) -> None:
    session = free(manager, masklet)
    assert refused(lambda: click(session, masklet)).code == "own_work"
    assert (the_task().state, version(masklet)) == ("waiting", 0)
    Project.objects.filter(pk=project.pk).update(independent_review=False)
    click(session, masklet)
    assert the_task().holder == manager


def test_a_stale_change_takes_nothing_up(masklet: Masklet, annotator: User) -> None:
    session = free(annotator, masklet)
    Masklet.objects.filter(pk=masklet.pk).update(version=3)
    stale = refused(
        lambda: changes.undo(session=session, user=annotator, masklet_id=masklet.pk, base_version=0)
    )
    assert (stale.code, the_task().state) == ("stale_version", "waiting")


def test_an_object_that_somebody_is_choosing_is_theirs_until_they_are_done(
    project: Project, manager: User, annotator: User, other: User
) -> None:
    task = claims.claim(user=other, task=tasks.add(kind="select", video=make_video(project, manager)))
    choosing = Session.objects.get(task=task, state="open")
    begun = Masklet.objects.get(pk=masklets.create(session=choosing, user=other)["id"])
    session = free(annotator, begun)
    assert refused(lambda: click(session, begun)).code == "held"
    click(Session.objects.get(pk=choosing.pk), begun)
    claims.give_back(task=task, user=other)
    assert click(session, begun)["change"]["number"] == 2


@pytest.mark.django_db(transaction=True)
def test_of_a_change_beside_the_queue_and_a_pull_at_once_one_gets_the_object(
    project: Project, manager: User, annotator: User, other: User
) -> None:
    outcomes: Counter[str] = Counter()
    for number in range(TRIES):
        video = make_video(project, manager)
        made = Masklet.objects.create(video=video, number=number, name="o", created_by=manager)
        task = tasks.add(kind="track", video=video, masklet=made)
        session = free(annotator, made)
        clicked, _ = at_once(
            lambda session=session, made=made: click(session, made)["change"]["number"],
            lambda: claims.claim_next(user=other, project=project),
        )
        task.refresh_from_db()
        assert task.state == "claimed" and clicked in (1, "held")
        assert task.holder == (annotator if clicked == 1 else other)
        assert Session.objects.filter(task=task, state="open").get().user == task.holder
        outcomes[str(clicked)] += 1
    assert sum(outcomes.values()) == TRIES


def test_where_work_is_pulled_only_managers_choose_and_others_take_up_what_they_had(
    masklet: Masklet, project: Project, annotator: User, reviewer: User, manager: User
) -> None:
    Project.objects.filter(pk=project.pk).update(pull_only=True)
    Masklet.objects.filter(pk=masklet.pk).update(
        state="submitted", tracked_by=annotator, submitted_at=masklet.created_at
    )
    submitted = Masklet.objects.select_related("video__project").get(pk=masklet.pk)
    verify = tasks.add(kind="verify", video=masklet.video, masklet=submitted, workers=[annotator.pk])
    assert refused(lambda: claims.open_verifying(user=reviewer, masklet=submitted)).code == "by_tasks_only"
    assert refused(lambda: claims.claim(user=annotator, task=Task.objects.get(kind="track"))).code == (
        "by_tasks_only"
    )
    assert claims.claim_next(user=reviewer, project=project) == [verify]
    assert claims.open_verifying(user=reviewer, masklet=submitted).user == reviewer
    claims.give_back(task=verify, user=reviewer)
    assert claims.claim(user=reviewer, task=verify).holder == reviewer
    claims.give_back(task=verify, user=reviewer)
    assert claims.open_verifying(user=manager, masklet=submitted).user == manager


@pytest.mark.parametrize(("state", "kind"), [("in_work", "track"), ("refine", "refine")])
def test_what_is_deleted_and_restored_waits_again_for_whom_it_waited(
    masklet: Masklet, annotator: User, state: str, kind: str
) -> None:
    if state == "refine":
        tasks.finish(task=the_task(), user=None, outcome="submitted")
        Masklet.objects.update(state=state)
        routing.sent_back(masklet, None)
    session = free(annotator, masklet)
    masklets.delete(session=session, masklet_id=masklet.pk, base_version=version(masklet))
    assert not Task.objects.filter(state__in=Task.OPEN).exists()
    for _ in range(2):
        masklets.restore(session=session, masklet_id=masklet.pk)
        assert [task.kind for task in Task.objects.filter(state="waiting")] == [kind]
    assert not invariants.broken(masklet.video.project)


def test_what_nobody_asked_for_is_not_asked_for_once_it_is_restored(
    masklet: Masklet, annotator: User
) -> None:
    session = free(annotator, masklet)
    mine = masklets.create(session=session, user=annotator)
    masklets.delete(session=session, masklet_id=mine["id"], base_version=0)
    masklets.restore(session=session, masklet_id=mine["id"])
    assert not Task.objects.filter(masklet=mine["id"]).exists()


@pytest.mark.parametrize("kind", ["track", "exhaust"])
def test_under_a_task_nothing_else_of_the_video_is_restored(
    masklet: Masklet, annotator: User, other: User, kind: str
) -> None:
    session = free(annotator, masklet)
    away = masklets.create(session=session, user=annotator)["id"]
    masklets.delete(session=session, masklet_id=away, base_version=0)
    sessions.close(session=session)
    if kind == "exhaust":
        tasks.add(kind=kind, video=masklet.video)
    task = claims.claim(user=other, task=Task.objects.get(kind=kind))
    held = Session.objects.select_related("user", "task").get(task=task)
    assert refused(lambda: masklets.restore(session=held, masklet_id=away)).code == "not_found"


def test_where_work_comes_from_the_queue_from_now_on_it_asks_for_all_that_is_there(
    masklet: Masklet, annotator: User, manager: User, project: Project
) -> None:
    Task.objects.all().delete()
    begun = free(annotator, masklet)
    untouched = make_video(project, manager)
    projects.edit(project=project, pull_only=True)
    assert set(Task.objects.values_list("kind", "video", "masklet", "state")) == {
        ("track", masklet.video_id, masklet.pk, "waiting"), ("select", untouched.pk, None, "waiting"),
    }  # fmt: skip
    begun.refresh_from_db()
    assert begun.state == "closed", "who annotated freely pulls"
    projects.edit(project=project, pull_only=True)
    assert Task.objects.count() == 2


@pytest.mark.parametrize("change", ["queue", "role", "leaving"])
@pytest.mark.parametrize("is_on_hold", [False, True])
def test_what_somebody_may_not_do_any_more_is_anybody_s_again(
    masklet: Masklet, annotator: User, project: Project, change: str, is_on_hold: bool
) -> None:
    task = claims.claim(user=annotator, task=the_task())
    if is_on_hold:
        claims.hold(task=task, user=annotator, reason="later")
    other_video = make_video(project, annotator)
    freely = sessions.open_for_annotating(user=annotator, video=other_video)
    if change == "queue":
        projects.set_member(project=project, username=annotator.username, queue="training")
    elif change == "role":
        projects.set_member(project=project, username=annotator.username, role="reviewer")
    else:
        projects.remove_member(project=project, username=annotator.username)
    freely.refresh_from_db()
    assert (the_task().state, the_task().holder, freely.state) == ("waiting", None, "closed")
    assert not invariants.broken(project)


def test_what_somebody_still_does_stays_theirs_when_their_skills_change(
    masklet: Masklet, annotator: User, project: Project
) -> None:
    claims.claim(user=annotator, task=the_task())
    projects.set_member(project=project, username=annotator.username, skills=["birds"])
    assert the_task().holder == annotator


def test_nothing_waits_on_a_video_that_is_deleted_in_the_moment_that_it_is_asked_for(
    masklet: Masklet, sweep: Any
) -> None:
    videos.delete(video=masklet.video)
    assert the_task().state == "cancelled"
    tasks.add(kind="select", video=masklet.video)
    sweep()
    assert not Task.objects.filter(state__in=Task.OPEN).exists()


def test_under_a_task_only_passes_of_its_masklet_are_stopped(
    masklet: Masklet, manager: User, annotator: User
) -> None:
    desk = Desk(manager, masklet.video)
    desk.draw(0, square(5))
    row = desk.propagate(0)
    task = claims.claim(user=annotator, task=the_task())
    session = Session.objects.select_related("user").get(task=task)
    assert refused(lambda: propagations.stop(session=session, propagation_id=row.pk)).code == "not_found"
    row.refresh_from_db()
    assert row.state == "queued"
    propagations.stop(session=desk.session, propagation_id=row.pk)
