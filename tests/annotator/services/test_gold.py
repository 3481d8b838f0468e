"""Gold: who trains on it, that it is met blindly in production, and what the scores of it are."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import numpy as np
import pytest

from annotator.errors import AnnotatorError
from annotator.models import GoldScore, Masklet, Membership, Project, Session, Task, User
from annotator.selectors import masks
from annotator.services import (
    changes,
    claims,
    copies,
    facts,
    gold,
    masklets,
    projects,
    recovery,
    scores,
    sessions,
    tasks,
    training,
)
from annotator.shapes import masklets as masklet_shapes
from annotator.shapes import sessions as session_shapes
from annotator.shapes import tasks as task_shapes
from inference_worker.protocol import metrics, rle
from tests.annotator.api.http import Http
from tests.annotator.desk import HEIGHT, WIDTH, Desk, square
from tests.annotator.pairs import full, mask_all
from tests.factories import make_member, make_user, make_video

pytestmark = pytest.mark.django_db


def make_gold(project: Project, by: User, x: int = 5) -> Masklet:
    desk = full(by, project, x)
    Masklet.objects.filter(pk=desk.masklet).update(state="accepted", tracked_by=by)
    sessions.close(session=desk.session)
    return gold.mark(masklet=Masklet.objects.get(pk=desk.masklet), user=by)


def next_task(user: User, project: Project) -> Task | None:
    return next(iter(claims.claim_next(user=user, project=project)), None)


def copy_id(task: Task) -> int:
    assert task.masklet_id is not None
    return task.masklet_id


def work(task: Task, user: User, x: int) -> Masklet:
    """Draw a square on every frame of the task's masklet and hand it in."""
    masklet = Masklet.objects.select_related("video__project").get(pk=copy_id(task))
    mask_all(masklet, user, x)
    session = Session.objects.select_related("video__project").get(task=task, state="open")
    masklets.submit(session=session, user=user, wanted={masklet.pk: masklet.version})
    return Masklet.objects.get(pk=masklet.pk)


def refused(act: Any) -> str:
    with pytest.raises(AnnotatorError) as error:
        act()
    return error.value.code


@pytest.fixture
def author(project: Project) -> User:
    return make_member(project, "annotator", "author")


@pytest.fixture
def trainee(project: Project, author: User, manager: User) -> User:
    """A new annotator of a project that has three gold masklets, and production work waiting."""
    for _ in range(3):
        make_gold(project, author)
    projects.set_member(project=project, username=make_user("trainee").username, role="annotator")
    tasks.add(kind="select", video=make_video(project, manager))
    return User.objects.get(username="trainee")


def membership(user: User) -> Membership:
    return Membership.objects.select_related("project", "user").get(user=user)


def test_only_what_was_accepted_is_gold_and_it_stays_in_the_dataset(project: Project, author: User) -> None:
    desk = full(author, project)
    assert (
        refused(lambda: gold.mark(masklet=Masklet.objects.get(pk=desk.masklet), user=author))
        == "not_accepted"
    )
    marked = make_gold(project, author)
    assert Masklet.objects.filter(is_gold=True, state="accepted").get() == marked
    gold.unmark(masklet=marked, user=author)
    assert not Masklet.objects.filter(is_gold=True).exists()


def test_an_audit_that_waits_for_what_becomes_gold_is_called_off(
    project: Project, author: User, manager: User
) -> None:
    made = make_gold(project, author)
    gold.unmark(masklet=made, user=manager)
    audit = tasks.make(project=project, by=manager, kind="audit", masklet=made.pk)
    gold.mark(masklet=made, user=manager)
    audit.refresh_from_db()
    assert audit.state == "cancelled"
    assert (
        refused(lambda: tasks.make(project=project, by=manager, kind="audit", masklet=made.pk)) == "is_gold"
    )


def test_a_new_annotator_trains_first_where_there_is_gold(trainee: User, project: Project) -> None:
    assert membership(trainee).queue == "training"
    projects.set_member(project=project, username=make_user("judge").username, role="reviewer")
    assert Membership.objects.get(user__username="judge").queue == "production"


def test_a_new_annotator_begins_in_production_where_there_is_no_gold(project: Project) -> None:
    projects.set_member(project=project, username=make_user("early").username, role="annotator")
    assert Membership.objects.get(user__username="early").queue == "production"


def test_a_trainee_is_given_each_gold_masklet_once_and_nothing_else(trainee: User, project: Project) -> None:
    given = []
    while task := next_task(trainee, project):
        assert (task.kind, task.queue) == ("track", "training")
        given.append(work(task, trainee, 5).gold_of_id or 0)
    assert sorted(given) == sorted(Masklet.objects.filter(is_gold=True).values_list("pk", flat=True))


def test_a_trainee_reaches_no_production_work_by_another_door(trainee: User, project: Project) -> None:
    waiting = Task.objects.get(kind="select")
    assert refused(lambda: claims.claim(user=trainee, task=waiting)) == "in_training"
    assert refused(lambda: sessions.open_for_annotating(user=trainee, video=waiting.video)) == "in_training"


def test_training_begins_with_the_object_in_one_frame_and_shows_nothing_of_the_gold(
    trainee: User, project: Project
) -> None:
    task = next_task(trainee, project)
    assert task is not None
    begun = masks.current([copy_id(task)])
    assert [(row.frame_index, row.counts) for row in begun] == [(0, square(5))]
    snapshot = session_shapes.snapshot(task.sessions.get())
    assert [row["id"] for row in snapshot["masklets"]] == [task.masklet_id]


def test_what_is_skipped_in_training_is_put_away_and_another_is_given(
    trainee: User, project: Project
) -> None:
    first = next_task(trainee, project)
    assert first is not None
    claims.skip(task=first, user=trainee, reason="too dark")
    first.refresh_from_db()
    assert first.state == "cancelled" and Masklet.objects.get(pk=copy_id(first)).deleted_at
    second = next_task(trainee, project)
    assert second is not None
    assert (
        Masklet.objects.get(pk=copy_id(second)).gold_of_id
        != Masklet.objects.get(pk=copy_id(first)).gold_of_id
    )


def test_what_is_given_back_in_training_comes_again_to_the_same_person_only(
    trainee: User, project: Project, author: User
) -> None:
    task = next_task(trainee, project)
    assert task is not None
    claims.give_back(task=task, user=trainee)
    assert next_task(author, project) == Task.objects.get(kind="select")
    assert next_task(trainee, project) == task


def test_the_score_is_j_and_f_of_every_annotated_frame(trainee: User, project: Project) -> None:
    task = next_task(trainee, project)
    assert task is not None
    copy = work(task, trainee, 8)
    score = GoldScore.objects.get(masklet=copy)
    scores.score_gold(score.pk)
    score.refresh_from_db()
    frames = copy.video.annotated_indices
    mine, truth = (masks.by_frame(pk) for pk in (copy.pk, copy.gold_of_id or 0))
    pairs = [[rle.decode(of[at].counts, HEIGHT, WIDTH) for of in (mine, truth)] for at in frames]
    overlap = [(a & b).sum() / (a | b).sum() for a, b in pairs]
    assert score.frames == pytest.approx(overlap, abs=1e-6)
    assert score.j == pytest.approx(np.mean(overlap))
    assert score.f == pytest.approx(np.mean([metrics.boundary_f(a, b) for a, b in pairs]))
    assert (score.user, score.queue, copy.state, copy.set_aside) == (trainee, "training", "set_aside", "gold")


def test_perfect_work_scores_one_and_a_frame_wrongly_left_empty_scores_nothing(
    trainee: User, project: Project
) -> None:
    task = next_task(trainee, project)
    assert task is not None
    masklet = Masklet.objects.select_related("video__project").get(pk=copy_id(task))
    mask_all(masklet, trainee, 5)
    session = task.sessions.get()
    changes.mark_frames(
        session=session,
        user=trainee,
        masklet_id=masklet.pk,
        base_version=masklet.version,
        kind="absent",
        frames=[40],
    )
    masklets.submit(session=session, user=trainee, wanted={masklet.pk: masklet.version + 1})
    score = GoldScore.objects.get()
    scores.score_gold(score.pk)
    score.refresh_from_db()
    assert score.frames == [*[1.0] * 10, 0.0]
    assert [score.j, score.f] == pytest.approx([10 / 11, 10 / 11])


def test_a_score_that_no_worker_gave_is_asked_for_again(
    trainee: User, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    task = next_task(trainee, project)
    assert task is not None
    work(task, trainee, 5)
    asked: list[tuple[str, int]] = []
    monkeypatch.setattr(
        "annotator.services.scores.queue.wake_on_commit", lambda name, pk: asked.append((name, pk))
    )
    owed = GoldScore.objects.get()
    recovery.sweep()
    assert asked == []
    GoldScore.objects.update(created_at=owed.created_at.replace(year=2020))
    recovery.sweep()
    assert asked == [("annotator.score_gold", owed.pk)]


def test_a_promoted_person_is_given_production_work_and_a_demoted_one_trains_again(
    trainee: User, project: Project, manager: User
) -> None:
    left = next_task(trainee, project)
    promoted = training.promote(membership=membership(trainee), by=manager)
    assert promoted.promoted_by == manager and promoted.promoted_at
    assert left is not None and Task.objects.get(pk=left.pk).state == "cancelled"
    held = next_task(trainee, project)
    assert held is not None and (held.kind, held.queue) == ("select", "production")
    training.demote(membership=membership(trainee), by=manager)
    assert Task.objects.get(pk=held.pk).state == "waiting"
    again = next_task(trainee, project)
    assert again is not None and again.queue == "training"


def two_in_a_row(project: Project, user: User, selector: User) -> tuple[Task, Task]:
    """The tasks that a person pulls with no blind gold, and with nothing but."""
    for _ in range(2):
        desk = Desk(selector, make_video(project, selector))
        desk.draw(0, square(5))
        sessions.close(session=desk.session)
        masklet = Masklet.objects.select_related("video__project").get(pk=desk.masklet)
        tasks.add(kind="track", video=masklet.video, masklet=masklet, by=selector)
    plain = next_task(user, project)
    project.gold_share = 1
    project.save()
    blind = next_task(user, project)
    assert plain is not None and blind is not None
    assert [task.masklet and task.masklet.gold_of_id is None for task in (plain, blind)] == [True, False]
    return plain, blind


OF_ITS_OWN = {
    "id", "task", "masklet", "session", "video", "video_id", "change", "number", "color", "name", "last_event_id",
    "created_at", "waiting_since", "claimed_at", "done_at", "lease_until", "until",
    "filmstrip", "frame", "poster", "working", "masklets",
}  # fmt: skip


def differing(one: Any, other: Any, at: str = "") -> set[str]:
    """Where two answers differ, by the path of their keys. Ids, names and times of rows are their own."""
    if isinstance(one, dict) and isinstance(other, dict):
        assert set(one) == set(other), at
        paths = [differing(one[key], other[key], f"{at}.{key}") for key in one]
        return {path for found in paths for path in found}
    if isinstance(one, list) and isinstance(other, list):
        assert len(one) == len(other), at
        return {found for pair in zip(one, other, strict=True) for found in differing(*pair, at)}
    is_its_own = at.rpartition(".")[2] in OF_ITS_OWN or ".video.masklets." in at
    return set() if one == other or is_its_own else {at}


def test_nothing_in_the_answers_tells_blind_gold_from_any_other_task(
    project: Project, author: User, annotator: User, manager: User
) -> None:
    make_gold(project, author)
    plain, blind = two_in_a_row(project, annotator, author)
    one, other = (
        {"task": task_shapes.tasks([task.pk])[0], **session_shapes.snapshot(task.sessions.get())}
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


def test_no_count_and_no_answer_tells_blind_gold_from_the_tasks_before_and_after(
    every_second: Masklet, project: Project, annotator: User
) -> None:
    moved, heard, found = zip(*(steps(annotator, project) for _ in range(4)), strict=True)
    met = [Masklet.objects.get(pk=copy_id(task)).gold_of_id for task in found]
    assert met == [None, every_second.pk, None, None]
    pulled, handed_in = moved[0]
    assert (pulled["waiting"], handed_in["tasks"], handed_in["masklets"]) == (-1, 1, 1)
    assert moved[1] == moved[2] == moved[3] == moved[0]
    for others in (heard[0], heard[2], heard[3]):
        assert [differing(*pair) for pair in zip(heard[1], others, strict=True)] == [set(), set()]
    assert heard[1][0]["snapshot"]["masklets"][0]["version"] == 2


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


def test_nobody_is_measured_against_their_own_work(project: Project, author: User, annotator: User) -> None:
    made = make_gold(project, author)
    assert copies.gold_for(author, project.pk) is None
    assert copies.gold_for(annotator, project.pk) == made


def test_what_there_is_to_train_on_counts_as_waiting(trainee: User, project: Project) -> None:
    def waiting() -> dict[str, int]:
        rows = Http(trainee)("GET", "projects/street/tasks/mine").json()["queues"]  # type: ignore[attr-defined]
        return {row["kind"]: row["waiting"] for row in rows if row["waiting"]}

    assert waiting() == {"track": 3}
    task = next_task(trainee, project)
    assert task is not None and waiting() == {"track": 2}
    claims.give_back(task=task, user=trainee)
    assert waiting() == {"track": 3}


@pytest.mark.parametrize("change", ["queue", "leaving"])
def test_what_was_given_to_train_on_does_not_wait_for_who_has_gone(
    trainee: User, project: Project, change: str
) -> None:
    given = [next_task(trainee, project) for _ in range(2)]
    assert given[0] is not None and given[1] is not None
    claims.give_back(task=given[0], user=trainee)
    if change == "queue":
        projects.set_member(project=project, username="trainee", queue="production")
    else:
        projects.remove_member(project=project, username="trainee")
    assert not Task.objects.filter(queue="training", state__in=Task.OPEN).exists()


def test_who_also_reviews_is_refused_to_judge_their_blind_work_as_any_work_of_theirs(
    project: Project, author: User, annotator: User
) -> None:
    make_gold(project, author)
    pair = two_in_a_row(project, annotator, author)
    Membership.objects.filter(user=annotator).update(role="manager")
    for task in pair:
        handed_in = work(task, annotator, 5)
        assert refused(lambda: claims.open_verifying(user=annotator, masklet=handed_in)) == "own_work"  # noqa: B023
