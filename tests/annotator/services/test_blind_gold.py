"""Nothing tells blind gold in production from any other work."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from annotator.models import GoldScore, Mask, Masklet, Membership, Project, Session, Task, User
from annotator.services import (
    changes,
    claims,
    facts,
    gold,
    masklets,
    tasks,
)
from annotator.shapes import masklets as masklet_shapes
from annotator.shapes import sessions as session_shapes
from annotator.shapes import tasks as task_shapes
from tests.annotator.api.http import Http
from tests.annotator.desk import Desk, square
from tests.annotator.golds import (
    copy_id,
    differing,
    make_gold,
    next_task,
    refused,
    two_in_a_row,
    work,
)
from tests.annotator.pairs import mask_all
from tests.factories import make_member, make_video

pytestmark = pytest.mark.django_db


def test_nothing_in_the_answers_tells_blind_gold_from_any_other_task(
    project: Project, author: User, annotator: User, manager: User
) -> None:
    make_gold(project, author)
    plain, blind = two_in_a_row(project, annotator, author)
    one, other = (
        {"task": task_shapes.tasks([task.pk])[0], **session_shapes.snapshot(task.sessions.get(), "")}
        for task in (plain, blind)
    )
    assert differing(one, other) == set()
    handed_in = [masklet_shapes.masklet(work(task, annotator, 5).pk) for task in (plain, blind)]
    assert [row["state"] for row in handed_in] == ["submitted", "submitted"]
    assert task_shapes.tasks([blind.pk])[0]["outcome"] == task_shapes.tasks([plain.pk])[0]["outcome"]
    assert GoldScore.objects.get().queue == "production"


def select_by_clicks(desk: Desk) -> Masklet:
    """Two clicks on one frame, both answered, as most selections are made."""
    for x, counts in ((7, square(4)), (9, square(5))):
        desk.answer(desk.click(0, x)["change"]["id"], 0, counts)
    return Masklet.objects.select_related("video__project").get(pk=desk.masklet)


@pytest.fixture
def every_second(project: Project, author: User, manager: User, monkeypatch: pytest.MonkeyPatch) -> Masklet:
    """Three objects wait to be tracked, and every second task is blind gold, of which there is one masklet; all
    selected by two clicks."""
    desk = Desk(author, make_video(project, author))
    select_by_clicks(desk)
    desk.fill(desk.propagate(0), list(range(4, 41, 4)), 5, state="finished")
    Masklet.objects.filter(pk=desk.masklet).update(state="accepted", tracked_by=author)
    made = gold.mark(masklet=Masklet.objects.get(pk=desk.masklet), user=author)
    for _ in range(3):
        selected = select_by_clicks(Desk(author, make_video(project, author)))
        tasks.add(kind="track", video=selected.video, masklet=selected, by=author)
    Session.objects.update(state="closed")
    project.gold_share = 0.5
    project.save()
    monkeypatch.setattr("annotator.services.copies.drawn", lambda what, at, share: at % 2 == 1)
    return made


def read(user: User, path: str) -> Any:
    return Http(user)("GET", path).json()  # type: ignore[attr-defined]


def counted(user: User) -> dict[str, int]:
    """What counts people's work: the queue, the person's scorecard."""
    facts.refresh_stale()
    queues = read(user, "projects/street/tasks/mine")["queues"]
    card = read(user, f"projects/street/people/{user.username}/scorecard")
    return {
        "waiting": sum(row["waiting"] for row in queues), "tasks": card["tasks"]["track"],
        "masklets": card["work"]["masklets"], "frames": card["work"]["frames"], "verdicts": card["verdicts"]["rejected"],
    }  # fmt: skip


def told(user: User, task: Task) -> dict[str, Any]:
    """Every answer about the task's masklet."""
    at = f"masklets/{copy_id(task)}"
    found = {path: read(user, f"{at}{path}") for path in ("", "/look", "/masks", "/signals", "/coverage")}
    for session in Session.objects.filter(task=task, state="open"):
        found["snapshot"] = read(user, f"sessions/{session.pk}")
    listed = read(user, f"videos/{task.video_id}/masklets")["results"]
    found["listed"] = [row for row in listed if row["id"] == task.masklet_id]
    found["threads"] = read(user, f"videos/{task.video_id}/threads")
    return found | {"task": read(user, f"tasks/{task.pk}")}


def steps(user: User, project: Project) -> tuple[list[dict[str, int]], list[dict[str, Any]], Task]:
    """What changed in the counts, and what was told, when the next task was pulled and when it was handed in."""
    moved, heard, before = [], [], counted(user)
    task = next_task(user, project)
    assert task is not None
    for act in (lambda: None, lambda: work(task, user, 5)):
        act()
        after = counted(user)
        moved.append({name: after[name] - before[name] for name in after})
        heard.append(told(user, task))
        before = after
    return moved, heard, task


@pytest.mark.parametrize(("asked", "told_as"), [(0, "submitted"), (2, "set_aside")])
def test_no_count_and_no_answer_tells_blind_gold_from_the_tasks_before_and_after(
    every_second: Masklet, project: Project, annotator: User, asked: int, told_as: str
) -> None:
    project.min_edited_frames = asked
    project.save()
    moved, heard, found = zip(*(steps(annotator, project) for _ in range(4)), strict=True)
    met = [Masklet.objects.get(pk=copy_id(task)).gold_of_id for task in found]
    assert met == [None, every_second.pk, None, None]
    pulled, handed_in = moved[0]
    assert (pulled["waiting"], handed_in["tasks"], handed_in["masklets"]) == (-1, 1, 1)
    assert moved[1] == moved[2] == moved[3] == moved[0]
    for others in (heard[0], heard[2], heard[3]):
        assert [differing(*pair) for pair in zip(heard[1], others, strict=True)] == [set(), set()]
    assert heard[1][0]["snapshot"]["masklets"][0]["version"] == 2
    for _, after in heard:
        shown = [after[""], after["/look"]["masklets"][0], *after["listed"], after["task"]["masklet"]]
        assert [row["state"] for row in shown] == [told_as] * 4
        assert after["/look"]["set_aside"] == ("too_easy" if asked else "")


def test_work_on_gold_is_told_as_suspicious_as_its_worst_mask_as_any_other(
    every_second: Masklet, project: Project, annotator: User
) -> None:
    found = []
    for _ in range(2):
        task = next_task(annotator, project)
        assert task is not None
        masklet = Masklet.objects.select_related("video__project").get(pk=copy_id(task))
        mask_all(masklet, annotator, 5)
        by_model = Mask.objects.filter(masklet=masklet).exclude(frame_index=0)
        by_model.update(human=False, state="predicted", suspicion=0.25)
        session = Session.objects.select_related("video__project").get(task=task, state="open")
        masklets.submit(session=session, user=annotator, wanted={masklet.pk: masklet.version})
        found.append(read(annotator, f"masklets/{masklet.pk}/look")["suspicion"])
    assert found == [0.25, 0.25]


def test_a_selection_of_several_acts_is_undone_act_by_act_on_gold_as_well(
    every_second: Masklet, project: Project, annotator: User
) -> None:
    left = []
    for _ in range(2):
        task = next_task(annotator, project)
        assert task is not None
        session = Session.objects.select_related("user", "video__project").get(task=task, state="open")
        undone = changes.undo(session=session, user=annotator, masklet_id=copy_id(task), base_version=2)
        left.append([row["counts"] for row in undone["masks"]])
        assert len(undone["prompts"]) == 1
    assert left == [[square(4)], [square(4)]]


def test_what_is_given_back_waits_again_whether_it_is_gold_or_not(
    every_second: Masklet, project: Project, annotator: User
) -> None:
    seen = []
    for _ in range(3):
        before = counted(annotator)["waiting"]
        task = next_task(annotator, project)
        assert task is not None
        claims.give_back(task=task, user=annotator)
        assert counted(annotator)["waiting"] == before
        assert next_task(annotator, project) == task
        assert counted(annotator)["waiting"] == before - 1
        seen.append(Masklet.objects.get(pk=copy_id(task)).gold_of_id)
    assert seen == [None, every_second.pk, None]


def test_managers_are_told_of_what_a_person_did_without_the_work_on_gold(
    every_second: Masklet, project: Project, annotator: User, manager: User
) -> None:
    for _ in range(2):
        steps(annotator, project)
    own, theirs = (
        read(user, f"projects/street/people/{annotator.username}/scorecard") for user in (annotator, manager)
    )
    assert (own["work"]["masklets"], theirs["work"]["masklets"]) == (2, 1)


def test_the_task_that_gold_took_the_place_of_is_next(
    project: Project, author: User, annotator: User
) -> None:
    make_gold(project, author)
    _, blind = two_in_a_row(project, annotator, author)
    following = next_task(annotator, project)
    assert following is not None and following.masklet is not None
    gold = Task.objects.get(pk=blind.pk)
    assert following.masklet.gold_of_id is None
    ahead = [following.created_at - gold.created_at, following.waiting_since - gold.waiting_since]
    assert all(timedelta(0) < by < timedelta(seconds=1) for by in ahead), "no two of them at the same time"


def test_who_also_reviews_is_refused_to_judge_their_blind_work_as_any_work_of_theirs(
    project: Project, author: User, annotator: User
) -> None:
    make_gold(project, author)
    pair = two_in_a_row(project, annotator, author)
    Membership.objects.filter(user=annotator).update(role="manager")
    for task in pair:
        handed_in = work(task, annotator, 5)
        assert refused(lambda: claims.open_verifying(user=annotator, masklet=handed_in)) == "own_work"  # noqa: B023


@pytest.mark.parametrize(("asked", "told_as"), [(0, "submitted"), (2, "set_aside")])
def test_a_video_counts_work_on_gold_for_who_does_it_and_as_any_other(
    every_second: Masklet,
    project: Project,
    annotator: User,
    author: User,
    manager: User,
    asked: int,
    told_as: str,
) -> None:
    project.min_edited_frames = asked
    project.save()

    def counts(user: User, video: int) -> dict[str, int]:
        found = [read(user, f"videos/{video}"), *read(user, "projects/street/videos")["results"]]
        (told,) = {tuple(row["masklets"].items()) for row in found if row["id"] == video}
        return dict(told)

    alone = counts(manager, every_second.video_id)
    for _ in range(2):
        task = next_task(annotator, project)
        assert task is not None
        before = counts(annotator, task.video_id)
        assert read(annotator, f"sessions/{task.sessions.get().pk}")["video"]["masklets"] == before
        work(task, annotator, 5)
        after = counts(annotator, task.video_id)
        assert {state: after[state] - before[state] for state in after if after[state] != before[state]} == {
            "in_work": -1, told_as: 1,
        }  # fmt: skip
        assert read(annotator, f"masklets/{task.masklet_id}/look")["video"]["masklets"] == after
    assert [counts(user, every_second.video_id) for user in (manager, author)] == [alone, alone]


def test_whoever_asks_for_a_task_that_somebody_has_is_told_so_whether_it_is_gold_or_not(
    project: Project, author: User, annotator: User
) -> None:
    make_gold(project, author)
    pair = two_in_a_row(project, annotator, author)
    colleague = make_member(project, "annotator", "colleague")
    assert {refused(lambda task=task: claims.claim(user=colleague, task=task)) for task in pair} == {"held"}
