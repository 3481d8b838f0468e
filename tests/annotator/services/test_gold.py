"""Gold: who trains on it, and what the scores of it are."""

from __future__ import annotations

import numpy as np
import pytest

from annotator.models import GoldScore, Masklet, Membership, Project, Task, User
from annotator.selectors import masks
from annotator.services import (
    changes,
    claims,
    copies,
    gold,
    masklets,
    projects,
    recovery,
    scores,
    sessions,
    tasks,
    training,
)
from annotator.shapes import sessions as session_shapes
from inference_worker.protocol import metrics, rle
from tests.annotator.api.http import Http
from tests.annotator.desk import HEIGHT, WIDTH, square
from tests.annotator.golds import (
    copy_id,
    make_gold,
    membership,
    next_task,
    refused,
    work,
)
from tests.annotator.pairs import full, mask_all
from tests.factories import make_user, make_video

pytestmark = pytest.mark.django_db


@pytest.fixture
def trainee(project: Project, author: User, manager: User) -> User:
    """A new annotator of a project that has three gold masklets, and production work waiting."""
    for _ in range(3):
        make_gold(project, author)
    projects.set_member(project=project, username=make_user("trainee").username, role="annotator")
    tasks.add(kind="select", video=make_video(project, manager))
    return User.objects.get(username="trainee")


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
    snapshot = session_shapes.snapshot(task.sessions.get(), "")
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
