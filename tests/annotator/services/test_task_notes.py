"""What people write on a task for whoever does it next, or for themselves."""

from __future__ import annotations

import pytest

from annotator.models import Project, Session, Task, User
from annotator.services import claims, selections, tasks
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
