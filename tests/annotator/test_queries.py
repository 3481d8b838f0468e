"""What the hot paths ask of the database does not grow with the work that is already there."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from annotator.models import AutoRun, Change, Masklet, Project, Task, User
from annotator.services import claims, masklets, routing, tasks
from tests.annotator.api.http import Http
from tests.annotator.desk import Desk, square
from tests.factories import make_member, make_video

POINT = {"kind": "point", "x": 5, "y": 5, "positive": True}


def queries(act: Callable[[], Any]) -> int:
    with CaptureQueriesContext(connection) as asked:
        act()
    return len([query for query in asked if "SAVEPOINT" not in query["sql"]])


def crowded(desk: Desk) -> Desk:
    """More masklets in the video, and human frames, passes, undone steps and prompts on this one."""
    for _ in range(6):
        masklets.create(session=desk.session, user=desk.user)
    for frame in range(0, 100, 20):
        desk.draw(frame, square(5))
        desk.click(frame + 4)
    desk.fill(desk.propagate(200), list(range(104, 401, 4)), 5, state="finished")
    desk.mark(Change.Kind.ACCEPT, *range(200, 300, 4))
    return desk


@pytest.fixture
def bare(annotator: User, project: Project) -> Desk:
    return Desk(annotator, make_video(project, annotator, frames=401))


@pytest.fixture
def full(annotator: User, project: Project) -> Desk:
    return crowded(Desk(annotator, make_video(project, annotator, frames=401)))


def click(desk: Desk, frame: int) -> int:
    http = Http(desk.user)
    body = {"frame_index": frame, "base_version": desk.version, "prompts": [POINT]}
    path = f"sessions/{desk.session.pk}/masklets/{desk.masklet}/prompts"
    found: list[Any] = []
    count = queries(lambda: found.append(http("POST", path, body)))
    assert found[0].status_code == 201
    return count


def test_a_click_costs_the_same_however_much_is_there(bare: Desk, full: Desk) -> None:
    click(bare, 8)
    assert click(bare, 12) == click(full, 12) <= 14


def test_an_answer_costs_the_same_however_much_is_there(bare: Desk, full: Desk) -> None:
    def answer(desk: Desk) -> int:
        change = desk.click(12)["change"]["id"]
        return queries(lambda: desk.answer(change, 12, square(5)))

    answer(bare)
    assert answer(bare) == answer(full) <= 10


def test_a_chunk_costs_the_same_for_one_frame_and_for_many(bare: Desk) -> None:
    bare.draw(0, square(5))
    row = bare.propagate(0)
    bare.fill(row, [4], 5)
    assert queries(lambda: bare.fill(row, [8], 5)) == queries(
        lambda: bare.fill(row, list(range(12, 300, 4)), 5)
    )


def test_a_snapshot_costs_the_same_however_much_is_there(bare: Desk, full: Desk) -> None:
    bare.draw(0, square(5))
    bare.fill(bare.propagate(0), [4], 5, state="stopped")

    def read(desk: Desk) -> int:
        http = Http(desk.user)
        return queries(lambda: http("GET", f"sessions/{desk.session.pk}"))

    assert read(bare) == read(full)


def row(project: Project, annotator: User, state: str) -> None:
    """A masklet that waits for a verdict, or was sent back."""
    desk = Desk(annotator, make_video(project, annotator))
    Masklet.objects.filter(pk=desk.masklet).update(
        state=state, tracked_by=annotator, submitted_at=desk.session.opened_at
    )
    masklet = Masklet.objects.select_related("video__project").get(pk=desk.masklet)
    if state == "submitted":
        routing.after_submit(masklet, annotator)
    else:
        masklet.verifications.create(
            project=project,
            reviewer=annotator,
            verdict="unsatisfactory",
            comment="Again.",
            version=0,
        )


def test_the_next_task_costs_the_same_however_many_wait(project: Project, annotator: User) -> None:
    http = Http(make_member(project, "reviewer"))

    def pull() -> int:
        given: list[Any] = []
        asked = {"kinds": ["verify"]}
        count = queries(lambda: given.append(http("POST", "projects/street/tasks/next", asked)))
        http("POST", f"tasks/{given[0].json()['tasks'][0]['id']}/give-back")
        return count

    row(project, annotator, "submitted")
    pull()
    one = pull()
    for _ in range(4):
        row(project, annotator, "submitted")
    assert pull() == one <= 13


@pytest.mark.parametrize(
    "path",
    [
        "projects/street/videos",
        "projects/street/reviews",
        "projects/street/work",
        "projects/street/tasks?state=open&order=priority",
        "projects/street/numbers/masklets",
        "projects/street/numbers/videos?manual=true",
    ],
)
def test_a_list_costs_the_same_for_one_row_and_for_many(project: Project, annotator: User, path: str) -> None:
    http = Http(make_member(project, "manager"))
    state = "refine" if path.endswith("work") else "submitted"

    def read() -> int:
        return queries(lambda: http("GET", path))

    row(project, annotator, state)
    one = read()
    for _ in range(4):
        row(project, annotator, state)
    assert read() == one


@pytest.mark.parametrize("path", ["auto-videos", "auto-runs", "auto-state"])
def test_auto_runs_cost_the_same_for_one_video_and_for_many(project: Project, path: str) -> None:
    who = make_member(project, "manager")
    http = Http(who)

    def row() -> None:
        AutoRun.objects.create(video=make_video(project, who), requested_by=who, state="finished")

    row()
    one = queries(lambda: http("GET", f"projects/street/{path}"))
    for _ in range(4):
        row()
    assert queries(lambda: http("GET", f"projects/street/{path}")) == one


def test_the_queue_costs_the_same_however_many_skipped_what_is_in_it(project: Project) -> None:
    http = Http(make_member(project, "manager"))

    def read() -> int:
        return queries(lambda: http("GET", "projects/street/tasks?state=open"))

    def skip(times: int) -> None:
        people = [make_member(project, "annotator", f"p{Task.objects.count()}{n}") for n in range(times)]
        task = tasks.add(kind="select", video=make_video(project, people[0]))
        for user in people:
            claims.skip(task=claims.claim(user=user, task=task), user=user, reason="Too hard.")

    skip(1)
    one = read()
    for times in (2, 3):
        skip(times)
    assert read() == one


def test_the_list_of_projects_costs_the_same_for_one_and_for_many(project: Project) -> None:
    from annotator.models import Membership
    from tests.factories import make_project

    who = make_member(project, "manager")
    http = Http(who)
    one = queries(lambda: http("GET", "projects"))
    for n in range(4):
        Membership.objects.create(project=make_project(f"other-{n}"), user=who, role="annotator")
    assert queries(lambda: http("GET", "projects")) == one
