"""What the lists of tasks say over HTTP: to who steers the queue, and to who works from it."""

from __future__ import annotations

from typing import Any

import pytest

from annotator.models import Masklet, Membership, Project, Task, User
from annotator.services import claims, masklets, tasks
from tests.annotator.api.http import Http
from tests.factories import make_member, make_video

pytestmark = pytest.mark.django_db


@pytest.fixture
def three(project: Project, manager: User) -> list[Task]:
    """Waiting selections, the first made first; the second asks for a skill, the last is urgent."""
    fields: list[dict[str, Any]] = [{}, {"skill": "surgery"}, {"priority": 5}]
    return [tasks.add(kind="select", video=make_video(project, manager), **more) for more in fields]


def listed(who: User, query: str) -> list[int]:
    return [row["id"] for row in Http(who)("GET", f"projects/street/tasks?{query}").json()["results"]]


def test_a_manager_reads_the_queue_oldest_or_most_urgent_first(manager: User, three: list[Task]) -> None:
    first, skilled, urgent = (task.pk for task in three)
    assert listed(manager, "state=open&order=oldest") == [first, skilled, urgent]
    assert listed(manager, "state=open&order=priority") == [urgent, first, skilled]
    assert listed(manager, "state=open") == [urgent, skilled, first]  # newest first


def test_who_steers_reads_who_skipped_a_task_and_why_until_it_is_offered_again(
    project: Project, manager: User, annotator: User, reviewer: User, three: list[Task]
) -> None:
    task = three[0]
    other = make_member(project, "annotator", "other")
    said = {annotator: "It is too hard for me", other: "The video is broken: green frames"}
    for user, reason in said.items():
        claims.claim(user=user, task=task)
        assert Http(user)("POST", f"tasks/{task.pk}/skip", {"reason": reason}).status_code == 204

    def read(who: User) -> list[dict[str, Any]]:
        rows = Http(who)("GET", "projects/street/tasks").json()["results"]
        return next(row["skip_reasons"] for row in rows if row["id"] == task.pk)

    for who in (manager, make_member(project, "owner")):
        told = [(row["user"], row["reason"]) for row in read(who)]
        assert told == [(user.username, reason) for user, reason in said.items()]
    for user in (annotator, other, reviewer):
        assert Http(user)("GET", "projects/street/tasks").status_code == 403
        assert "skip_reasons" not in str(Http(user)("GET", "projects/street/tasks/mine").json())
    [given] = Http(manager)("POST", "projects/street/tasks/next", {"kinds": ["select"]}).json()["tasks"]
    assert "skip_reasons" not in given
    claims.claim(user=manager, task=task)
    claims.give_back(task=task, user=manager)
    assert "skip_reasons" not in Http(annotator)("GET", f"tasks/{task.pk}").json()
    Http(manager)("POST", f"tasks/{task.pk}/release", {})
    assert read(manager) == []


def test_open_tasks_are_those_that_wait_are_held_or_on_hold(
    manager: User, annotator: User, three: list[Task]
) -> None:
    claimed, parked, over = three
    for task in three:
        Task.objects.filter(pk=task.pk).update(skill="")
        claims.claim(user=annotator, task=task)
    claims.hold(task=parked, user=annotator, reason="lunch")
    tasks.finish(task=over, user=annotator, outcome="selected")
    assert listed(manager, "state=open&order=oldest") == [claimed.pk, parked.pk]
    assert listed(manager, f"state=open&holder={annotator.username}") == [parked.pk, claimed.pk]


def test_tasks_are_found_by_the_skill_that_they_ask_for(manager: User, three: list[Task]) -> None:
    assert listed(manager, "state=open&skill=surgery") == [three[1].pk]


@pytest.mark.parametrize("query", ["video=abc", "masklet=1.5", "state=lost", "order=colour"])
def test_a_list_of_what_there_cannot_be_is_refused(manager: User, query: str) -> None:
    answer = Http(manager)("GET", f"projects/street/tasks?{query}")
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid")


def test_who_has_nothing_to_do_is_told_how_much_waits_for_others(
    project: Project, annotator: User, manager: User, three: list[Task]
) -> None:
    http = Http(annotator)

    def others() -> int | None:
        answer: int | None = http("GET", "projects/street/tasks/mine").json()["others"]
        return answer

    assert others() is None  # something waits for them
    Task.objects.update(skipped_by=[annotator.pk])
    assert others() == 3
    Task.objects.filter(pk=three[0].pk).update(for_user=manager)  # nobody else's business
    assert others() == 2
    Membership.objects.filter(user=annotator).update(queue="training")
    assert others() == 0


def test_a_manager_calls_off_what_was_asked_for_on_a_video_while_nobody_has_begun(
    manager: User, annotator: User, three: list[Task]
) -> None:
    free, skilled, held = three
    http = Http(manager)
    claims.claim(user=annotator, task=held)
    assert http("DELETE", f"tasks/{free.pk}").status_code == 204
    assert http("DELETE", f"tasks/{held.pk}").json()["code"] == "held"
    assert http("DELETE", f"tasks/{free.pk}").json()["code"] == "not_open"
    masklets.create(session=held.sessions.get(), user=annotator)
    claims.give_back(task=held, user=annotator)
    assert http("DELETE", f"tasks/{held.pk}").json()["code"] == "begun"
    tracked = tasks.add(kind="track", video=skilled.video, masklet=Masklet.objects.get())
    assert http("DELETE", f"tasks/{tracked.pk}").json()["code"] == "not_asked_for"
    assert listed(manager, "state=cancelled") == [free.pk]
