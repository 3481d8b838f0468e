"""Tasks that the queue offers to nobody are told of, and offered again."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from annotator.errors import AnnotatorError
from annotator.models import Membership, Project, Task, TaskEvent, User
from annotator.selectors import tasks as selector
from annotator.services import claims, tasks
from tests.annotator.api.http import Http
from tests.factories import make_member, make_video

pytestmark = pytest.mark.django_db


@pytest.fixture
def people(project: Project, annotator: User, manager: User, reviewer: User) -> list[int]:
    """All who select in the project: not the reviewer."""
    return sorted([annotator.pk, manager.pk])


def found(project: Project) -> list[Task]:
    project.refresh_from_db()
    return list(selector.starving(project, selector.in_project(project), claims.DOERS))


def test_a_task_starves_when_all_who_do_its_kind_skipped_it_or_took_part_before(
    project: Project, manager: User, people: list[int]
) -> None:
    videos = [make_video(project, manager) for _ in range(2)]
    tasks.add(kind="select", video=videos[0], skipped_by=people[:1], workers=[])
    starving = tasks.add(kind="select", video=videos[1], skipped_by=people[:1], workers=people[1:])
    assert found(project) == [starving]
    Project.objects.update(independent_review=False)
    assert found(project) == []
    Project.objects.update(independent_review=True)
    make_member(project, "reviewer", "judge")
    assert found(project) == [starving]
    make_member(project, "annotator", "new")
    assert found(project) == []


def test_a_task_starves_for_a_skill_or_a_queue_that_nobody_is_in(
    project: Project, manager: User, annotator: User, people: list[int]
) -> None:
    skilled = tasks.add(kind="select", video=make_video(project, manager), skill="surgery")
    trained = tasks.add(kind="select", video=make_video(project, manager), queue="training")
    assert found(project) == [skilled, trained]
    Membership.objects.filter(user=annotator).update(skills=["surgery"], queue="training")
    assert found(project) == [skilled]
    Membership.objects.filter(user=manager).update(skills=["surgery"])
    assert found(project) == []


def test_people_who_are_gone_do_nothing(project: Project, manager: User, people: list[int]) -> None:
    task = tasks.add(kind="select", video=make_video(project, manager), skipped_by=people[:1])
    User.objects.filter(pk__in=people[1:]).update(is_active=False)
    assert found(project) == [task]


def test_a_manager_sees_what_starves_and_offers_it_again_to_who_skipped_it(
    project: Project, manager: User, annotator: User, people: list[int]
) -> None:
    task = tasks.add(kind="select", video=make_video(project, manager), skipped_by=people)
    tasks.add(kind="select", video=make_video(project, manager))
    http = Http(manager)
    page = http("GET", "projects/street/tasks?state=waiting&starving=1").json()
    assert [(row["id"], row["skips"]) for row in page["results"]] == [(task.pk, 2)]
    assert http("POST", f"tasks/{task.pk}/release", {}).status_code == 200
    assert http("GET", "projects/street/tasks?starving=1").json()["count"] == 0
    assert claims.claim_next(user=annotator, project=project) == [task]
    kinds = TaskEvent.objects.filter(task=task).order_by("id").values_list("kind", flat=True)
    assert list(kinds) == ["created", "released", "claimed"]


def test_that_nothing_starves_is_asked_once(project: Project, manager: User, people: list[int]) -> None:
    tasks.add(kind="select", video=make_video(project, manager))
    with CaptureQueriesContext(connection) as asked:
        page = Http(manager)("GET", "projects/street/tasks?state=waiting&starving=1").json()
    assert (page["count"], page["results"]) == (0, [])
    assert len([query for query in asked if "skipped_by)" in query["sql"]]) == 1


def test_releasing_what_waits_and_nobody_skipped_is_refused(project: Project, manager: User) -> None:
    task = tasks.add(kind="select", video=make_video(project, manager))
    with pytest.raises(AnnotatorError) as error:
        claims.release(task=task, user=manager)
    assert error.value.code == "nobody_skipped"
