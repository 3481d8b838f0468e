"""Whose masks, signals and comments a person is shown: not those beside what they track, live or asked for."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from annotator import events
from annotator.models import Masklet, Membership, Project, Session, Task, User
from annotator.redis import client
from annotator.services import claims, masklets, prompts, propagations, routing, sessions
from annotator.spans import Bounds
from inference_worker.protocol import messages
from tests.annotator.api.http import Http
from tests.annotator.desk import Desk, square
from tests.annotator.golds import copy_id, make_gold, next_task, work
from tests.factories import make_member, make_video

pytestmark = pytest.mark.django_db
PATHS = ("", "/look", "/masks", "/signals", "/coverage")


@pytest.fixture
def other(project: Project) -> User:
    return make_member(project, "annotator", "other")


@pytest.fixture
def twins(project: Project, annotator: User, other: User, manager: User) -> tuple[Task, Task]:
    """The two tasks to track one object, which two people hold."""
    desk = Desk(manager, make_video(project, manager))
    desk.draw(0, square(5))
    sessions.close(session=desk.session)
    project.consensus_share = 1
    project.save()
    masklet = Masklet.objects.select_related("video__project").get(pk=desk.masklet)
    selection = Task(kind="select", video=masklet.video)
    routing.after_selection(selection, [masklet], manager)
    mine, theirs = next_task(annotator, project), next_task(other, project)
    assert mine is not None and theirs is not None
    return mine, theirs


def session_of(task: Task) -> Session:
    return Session.objects.select_related("user", "task", "video__project").get(task=task, state="open")


def statuses(user: User, masklet: int) -> set[int]:
    return {Http(user)("GET", f"masklets/{masklet}{path}").status_code for path in PATHS}


def listed(user: User, video: int) -> list[int]:
    return [row["id"] for row in Http(user)("GET", f"videos/{video}/masklets").json()["results"]]


def comment(user: User, video: int, masklet: int | None, text: str = "Hard.") -> Any:
    return Http(user)("POST", f"videos/{video}/threads", {"masklet": masklet, "text": text})


def comments(user: User, video: int) -> list[str]:
    rows = Http(user)("GET", f"videos/{video}/threads").json()["results"]
    return [row["comments"][0]["text"] for row in rows]


def everywhere(user: User) -> list[str]:
    """The same in all videos of the project, sorted; the count of unresolved ones agrees."""
    rows = Http(user)("GET", "projects/street/threads").json()["results"]
    videos = Http(user)("GET", "projects/street/videos").json()["results"]
    assert sum(video["open_threads"] for video in videos) == len(rows)
    return sorted(row["comments"][0]["text"] for row in rows)


def draw(session: Session, masklet: int, frame: int = 12) -> None:
    version = Masklet.objects.values_list("version", flat=True).get(pk=masklet)
    prompts.add(
        session=session, user=session.user, masklet_id=masklet, base_version=version, frame_index=frame,
        new=[messages.MaskPrompt(counts=square(9))],
    )  # fmt: skip


def propagate(session: Session, masklet: int) -> None:
    version = Masklet.objects.values_list("version", flat=True).get(pk=masklet)
    propagations.start(
        session=session, user=session.user, wanted={masklet: version}, start_frame=0, direction="forward",
        bounds=Bounds(),
    )  # fmt: skip


@pytest.fixture
def heard(django_capture_on_commit_callbacks: Any) -> Any:
    """What a session is told while something happens, as kind and masklet."""

    @contextmanager
    def listening(session: Session) -> Iterator[set[tuple[str, int]]]:
        told: set[tuple[str, int]] = set()
        client().delete(events.stream_key(session.pk))
        with django_capture_on_commit_callbacks(execute=True):
            yield told
        for _, fields in client().xrange(events.stream_key(session.pk)):
            kind, data = fields["kind"], json.loads(fields["data"])
            about = data["masklet"] if kind in ("change", "thread") else data
            ids = about["masklets"] if kind == "propagation" else [about if kind == "thread" else about["id"]]
            told |= {(kind, pk) for pk in ids}

    return listening


def test_who_tracks_one_of_two_reads_nothing_of_the_other(
    twins: tuple[Task, Task], annotator: User, other: User
) -> None:
    mine, theirs = twins
    draw(session_of(theirs), copy_id(theirs))
    assert (statuses(annotator, copy_id(theirs)), statuses(annotator, copy_id(mine))) == ({403}, {200})
    assert (statuses(other, copy_id(mine)), statuses(other, copy_id(theirs))) == ({403}, {200})
    assert listed(annotator, mine.video_id) == [copy_id(mine)]
    assert listed(other, mine.video_id) == [copy_id(theirs)]


def test_who_tracks_one_of_two_hears_nothing_of_the_other(twins: tuple[Task, Task], heard: Any) -> None:
    mine, theirs = (session_of(task) for task in twins)
    with heard(mine) as told:
        draw(theirs, copy_id(twins[1]))
        propagate(theirs, copy_id(twins[1]))
        comment(theirs.user, theirs.video_id, copy_id(twins[1]))
    assert told == set()
    with heard(mine) as told:
        draw(mine, copy_id(twins[0]))
        propagate(mine, copy_id(twins[0]))
        comment(mine.user, mine.video_id, copy_id(twins[0]))
    assert told == {(kind, copy_id(twins[0])) for kind in ("change", "propagation", "thread")}


def test_comments_on_one_of_two_are_not_for_who_tracks_the_other(
    twins: tuple[Task, Task], annotator: User, other: User, reviewer: User
) -> None:
    mine, theirs = twins
    made = comment(other, mine.video_id, copy_id(theirs), "On theirs.").json()["id"]
    comment(reviewer, mine.video_id, None, "On the video.")
    assert comments(annotator, mine.video_id) == ["On the video."]
    assert sorted(comments(reviewer, mine.video_id)) == ["On the video.", "On theirs."]
    assert (everywhere(annotator), everywhere(reviewer)) == (
        ["On the video."],
        ["On the video.", "On theirs."],
    )
    for act, body in (("comments", {"text": "So?"}), ("resolve", None), ("reopen", None)):
        assert Http(annotator)("POST", f"threads/{made}/{act}", body).status_code == 404, act
    assert comment(annotator, mine.video_id, copy_id(theirs)).json()["code"] == "no_masklet"


def test_whoever_decides_hears_of_comments_on_both(
    twins: tuple[Task, Task], heard: Any, reviewer: User, project: Project
) -> None:
    first, second = (copy_id(task) for task in twins)
    for task in twins:
        work(task, session_of(task).user, 5)
    decision = claims.claim(user=reviewer, task=Task.objects.get(kind="decide"))
    with heard(session_of(decision)) as told:
        for masklet in (first, second):
            assert comment(reviewer, decision.video_id, masklet).status_code == 201
    assert told == {("thread", first), ("thread", second)}


def test_what_one_tracked_is_read_by_the_other_once_theirs_is_handed_in(
    twins: tuple[Task, Task], annotator: User
) -> None:
    mine, theirs = twins
    comment(session_of(theirs).user, theirs.video_id, copy_id(theirs))
    claims.hold(task=mine, user=annotator, reason="Lunch.")
    assert (statuses(annotator, copy_id(theirs)), everywhere(annotator)) == ({403}, [])
    claims.claim(user=annotator, task=mine)
    work(mine, annotator, 5)
    assert (statuses(annotator, copy_id(theirs)), everywhere(annotator)) == ({200}, ["Hard."])


@pytest.mark.parametrize(("leave", "status"), [(claims.give_back, 403), (claims.skip, 200)])
def test_where_work_is_pulled_nobody_looks_between_two_tries(
    twins: tuple[Task, Task], annotator: User, project: Project, leave: Any, status: int
) -> None:
    project.pull_only = True
    project.save()
    mine, theirs = twins
    leave(task=mine, user=annotator, **({"reason": "Too dark."} if leave is claims.skip else {}))
    assert statuses(annotator, copy_id(theirs)) == {status}
    Task.objects.filter(pk=mine.pk).update(state="cancelled")
    assert statuses(annotator, copy_id(theirs)) == {200}


def test_who_has_the_whole_video_open_sees_all_of_it_live(
    twins: tuple[Task, Task], manager: User, annotator: User, heard: Any
) -> None:
    mine, theirs = twins
    for user in (manager, annotator):  # also who tracks in it under a task besides
        free = Session.objects.select_related("user", "video__project").get(
            pk=sessions.open_for_annotating(user=user, video=mine.video).pk
        )
        snapshot = Http(user)("GET", f"sessions/{free.pk}").json()
        assert {row["id"] for row in snapshot["masklets"]} >= {copy_id(mine), copy_id(theirs)}
        with heard(free) as told:
            draw(session_of(theirs), copy_id(theirs))
            masklets.create(session=free, user=user)
            comment(theirs.holder or manager, mine.video_id, copy_id(theirs))
        assert {("change", copy_id(theirs)), ("thread", copy_id(theirs))} < told
        assert "masklet" in {kind for kind, _ in told}
        assert statuses(user, copy_id(theirs)) == {200}
        assert set(listed(user, mine.video_id)) > {copy_id(mine), copy_id(theirs)}
        assert comments(user, mine.video_id)
        sessions.close(session=free)


@pytest.fixture
def training(project: Project, annotator: User, other: User) -> Task:
    """A trainee's task on gold, in a project where annotators open videos."""
    make_gold(project, other)
    Membership.objects.filter(user=annotator).update(queue="training")
    task = next_task(annotator, project)
    assert task is not None and task.masklet is not None
    return task


def test_a_trainee_reads_the_gold_when_theirs_is_handed_in_and_not_before(
    training: Task, annotator: User, project: Project
) -> None:
    gold = Masklet.objects.get(is_gold=True).pk
    assert (statuses(annotator, gold), listed(annotator, training.video_id)) == ({403}, [copy_id(training)])
    claims.give_back(task=training, user=annotator)
    assert statuses(annotator, gold) == {403}
    again = next_task(annotator, project)
    assert again == training
    work(again, annotator, 5)
    assert statuses(annotator, gold) == {200}
    assert listed(annotator, training.video_id) == [gold, copy_id(training)]


def test_work_on_gold_is_heard_and_commented_by_who_does_it_and_by_managers_only(
    training: Task, annotator: User, manager: User, reviewer: User, heard: Any
) -> None:
    free = sessions.open_for_annotating(user=manager, video=training.video)
    with heard(free) as told:
        draw(session_of(training), copy_id(training))
        comment(annotator, training.video_id, copy_id(training))
    assert told == set()
    sessions.close(session=free)
    said = [comments(user, training.video_id) for user in (annotator, manager, reviewer)]
    assert said == [["Hard."], ["Hard."], []]
    assert [everywhere(user) for user in (annotator, manager, reviewer)] == said
    assert comment(reviewer, training.video_id, copy_id(training)).json()["code"] == "no_masklet"


def test_a_verdict_is_given_beside_what_one_tracks(
    twins: tuple[Task, Task], project: Project, reviewer: User
) -> None:
    """Who annotates and judges reads what they are given to judge."""
    mine, _ = twins
    Membership.objects.filter(user=reviewer).update(role="manager")
    desk = Desk(reviewer, mine.video)
    desk.draw(0, square(20))
    desk.fill(desk.propagate(0), list(range(4, 41, 4)), 20, state="finished")
    masklets.submit(session=desk.session, user=desk.user, wanted={desk.masklet: desk.version})
    judge = session_of(mine).user
    Membership.objects.filter(user=judge).update(role="manager")
    assert statuses(judge, desk.masklet) == {403}
    claims.claim(user=judge, task=Task.objects.get(kind="verify"))
    assert statuses(judge, desk.masklet) == {200}
