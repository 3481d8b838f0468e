"""What people write on a task for whoever does it next, or for themselves."""

from __future__ import annotations

from importlib import import_module

import pytest
from django.db import connection

from annotator.models import Project, Session, Task, User
from annotator.services import claims, selections, tasks
from tests.annotator.api.http import Http
from tests.factories import make_member, make_video

pytestmark = pytest.mark.django_db


def test_what_is_said_to_be_left_is_read_by_whoever_selects_it_after_others_gave_it_back(
    project: Project, annotator: User
) -> None:
    video = make_video(project, annotator)
    asked = claims.claim(user=annotator, task=tasks.add(kind="exhaust", video=video))
    session = Session.objects.select_related("video__project", "task").get(task=asked, state="open")
    selections.answer_exhaustivity(session=session, user=annotator, left=True, note="the dog behind the car")
    select = Task.objects.get(kind="select")
    hasty = make_member(project, "annotator", "hasty")
    claims.give_back(task=claims.claim(user=hasty, task=select), user=hasty)
    assert claims.claim(user=annotator, task=select).note == "the dog behind the car"


@pytest.mark.parametrize("words", ["a dog", ""])
def test_the_answer_leaves_the_question_as_it_was_asked(
    project: Project, annotator: User, manager: User, words: str
) -> None:
    video = make_video(project, annotator)
    asked = tasks.add(kind="exhaust", video=video, note="Any birds in the far trees?")
    session = claims.claim(user=annotator, task=asked).sessions.get()
    assert (
        Http(annotator)(
            "POST", f"sessions/{session.pk}/exhaustivity", {"left": True, "note": words}
        ).status_code
        == 204
    )
    [row] = Http(manager)("GET", "projects/street/tasks?kind=exhaust").json()["results"]
    assert (row["note"], row["answer_note"]) == ("Any birds in the far trees?", words)
    assert Task.objects.get(kind="select").note == words


def test_words_that_stood_in_place_of_the_question_are_the_answer_s_from_now_on(
    project: Project, annotator: User
) -> None:
    answered, asked = (
        tasks.add(kind="exhaust", video=make_video(project, annotator), note="a dog") for _ in range(2)
    )
    tasks.finish(task=answered, user=annotator, outcome="something_left")
    with connection.cursor() as cursor:
        cursor.execute(import_module("migrations.0023_words_of_answers").APART)
    rows = Task.objects.filter(pk__in=[answered.pk, asked.pk]).order_by("pk")
    assert list(rows.values_list("note", "answer_note")) == [("", "a dog"), ("a dog", "")]


def test_what_is_said_to_be_left_stands_beside_what_an_open_selection_says(
    project: Project, annotator: User
) -> None:
    video = make_video(project, annotator)
    select = tasks.add(kind="select", video=video, note="small animals first")
    for note in ("the dog behind the car", "the dog behind the car"):
        asked = claims.claim(user=annotator, task=tasks.add(kind="exhaust", video=video))
        session = Session.objects.select_related("video__project", "task").get(task=asked, state="open")
        selections.answer_exhaustivity(session=session, user=annotator, left=True, note=note)
    select.refresh_from_db()
    assert select.note == "small animals first\nthe dog behind the car"


def test_why_a_task_is_on_hold_stands_beside_what_others_said_until_its_holder_lets_go(
    project: Project, annotator: User
) -> None:
    task = tasks.add(kind="select", video=make_video(project, annotator), note="small animals first")
    claims.claim(user=annotator, task=task)
    for reason in ("lunch", "ask which shapes count"):
        claims.hold(task=task, user=annotator, reason=reason)
        task = claims.claim(user=annotator, task=task)
        assert (task.note, task.held_because) == ("small animals first", reason)
    claims.give_back(task=task, user=annotator)
    task.refresh_from_db()
    assert (task.state, task.note, task.held_because) == ("waiting", "small animals first", "")
