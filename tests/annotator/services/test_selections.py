"""What a selection shows, what may be changed in it, and what becomes of it when it is left."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import timezone

from annotator.errors import Conflict, NotAllowed, NotPossible
from annotator.models import Change, Masklet, Project, Prompt, Session, Task, User
from annotator.selectors import tasks as selector
from annotator.services import (
    changes,
    claims,
    consensus,
    masklets,
    prompts,
    propagations,
    selections,
    tasks,
)
from annotator.shapes import sessions as shapes
from annotator.spans import Bounds
from inference_worker.protocol import messages
from tests.annotator.pairs import deciding, make_pair
from tests.annotator.services.test_tasks import draw, session_of
from tests.factories import make_member, make_video

pytestmark = pytest.mark.django_db


def choose(task: Task, user: User) -> Masklet:
    """An object that the person chooses in the selection, which they take up first."""
    session = session_of(claims.claim(user=user, task=task))
    made: int = masklets.create(session=session, user=user)["id"]
    draw(session, made, 0)
    return Masklet.objects.get(pk=made)


def again(task: Task) -> Task:
    """Another selection of the same video."""
    return tasks.add(kind="select", video=task.video)


@pytest.fixture
def task(project: Project, manager: User) -> Task:
    return tasks.add(kind="select", video=make_video(project, manager))


def test_an_object_that_somebody_has_is_shown_to_who_looks_for_others_and_is_not_theirs_to_change(
    project: Project, annotator: User, task: Task
) -> None:
    chosen = choose(task, annotator)
    selections.finish(session=session_of(task), user=annotator)
    other = make_member(project, "annotator", "other")
    for user in (other, annotator):  # not even of who chose it: somebody else tracks it
        second = again(task)
        session = session_of(claims.claim(user=user, task=second))
        snapshot = shapes.snapshot(session, "")
        assert [row["id"] for row in snapshot["masklets"]] == [chosen.pk]
        assert snapshot["begun"] == []
        with pytest.raises(NotAllowed):
            draw(session, chosen.pk, 4)
        with pytest.raises(NotAllowed):
            masklets.delete(session=session, masklet_id=chosen.pk, base_version=chosen.version)
        assert selections.finish(session=session, user=user) == []
    assert Task.objects.get(masklet=chosen, kind="track").state == "waiting"


def test_what_one_begins_stays_ones_own_until_the_selection_is_over(annotator: User, task: Task) -> None:
    chosen = choose(task, annotator)
    assert shapes.snapshot(session_of(task), "")["begun"] == [chosen.pk]
    draw(session_of(task), chosen.pk, 0, side=4)


def test_what_was_chosen_before_a_selection_was_given_back_goes_on_with_the_rest(
    project: Project, annotator: User, task: Task
) -> None:
    left = choose(task, annotator)
    claims.give_back(task=task, user=annotator)
    other = make_member(project, "annotator", "other")
    added = choose(task, other)
    snapshot = shapes.snapshot(session_of(task), "")
    assert [row["id"] for row in snapshot["masklets"]] == [left.pk, added.pk]
    assert snapshot["begun"] == [added.pk]
    assert selections.finish(session=session_of(task), user=other) == [left.pk, added.pk]
    assert annotator.pk in Task.objects.get(masklet=left, kind="track").workers


def test_an_object_that_is_tracked_twice_is_shown_once_and_a_proposal_nobody_accepted_is_not(
    project: Project, annotator: User, task: Task
) -> None:
    project.consensus_share = 1.0
    project.save()
    chosen = choose(task, annotator)
    selections.finish(session=session_of(task), user=annotator)
    assert Masklet.objects.filter(video=task.video).count() == 2
    Masklet.objects.create(video=task.video, number=7, name="Auto", type="auto", created_by=annotator)
    assert selector.shown_masklets(again(task)) == [chosen.pk]


@pytest.mark.parametrize("better", ["first", "second"])
def test_of_an_object_that_was_tracked_twice_the_one_that_was_chosen_is_shown(
    project: Project, annotator: User, reviewer: User, better: str
) -> None:
    pair = make_pair(project, annotator, make_member(project, "annotator", "other"))
    look = tasks.add(kind="exhaust", video=pair.first.video)
    assert selector.shown_masklets(look) == [pair.first_id]
    chosen: int = getattr(pair, f"{better}_id")
    consensus.decide(session=session_of(deciding(pair, reviewer)), user=reviewer, chosen=chosen)
    assert selector.shown_masklets(look) == [chosen]


@pytest.mark.parametrize("state", [{"state": "rejected"}, {"state": "set_aside", "set_aside": "too_easy"}])
def test_an_object_that_was_left_out_is_shown_so_that_nobody_chooses_it_again(
    project: Project, annotator: User, task: Task, state: dict[str, str]
) -> None:
    chosen = choose(task, annotator)
    selections.finish(session=session_of(task), user=annotator)
    Masklet.objects.filter(pk=chosen.pk).update(**state)
    assert selector.shown_masklets(again(task)) == [chosen.pk]


def test_of_an_object_that_was_tracked_twice_the_one_that_goes_on_is_shown(
    project: Project, annotator: User
) -> None:
    pair = make_pair(project, annotator, make_member(project, "annotator", "other"))
    Masklet.objects.filter(pk=pair.first_id).update(state="set_aside", set_aside="too_easy")
    look = tasks.add(kind="exhaust", video=pair.first.video)
    assert selector.shown_masklets(look) == [pair.second_id]


def test_of_an_object_that_was_tracked_twice_the_other_is_shown_once_the_one_is_deleted(
    project: Project, annotator: User
) -> None:
    pair = make_pair(project, annotator, make_member(project, "annotator", "other"))
    Masklet.objects.filter(pk=pair.first_id).update(deleted_at=timezone.now())
    look = tasks.add(kind="exhaust", video=pair.first.video)
    assert selector.shown_masklets(look) == [pair.second_id]


def test_a_selection_waits_for_its_own_clicks_but_not_for_those_of_who_tracks_what_was_chosen_before(
    project: Project, annotator: User, task: Task
) -> None:
    earlier = choose(task, annotator)
    selections.finish(session=session_of(task), user=annotator)
    tracker = make_member(project, "annotator", "tracker")
    click(session_of(claims.claim(user=tracker, task=Task.objects.get(masklet=earlier))), tracker, earlier)
    second = again(task)
    session = session_of(claims.claim(user=annotator, task=second))
    own = Masklet.objects.get(pk=masklets.create(session=session, user=annotator)["id"])
    click(session, annotator, own)
    with pytest.raises(Conflict) as refused:
        selections.finish(session=session, user=annotator)
    assert refused.value.code == "awaiting_model"
    own.changes.update(pending=False)
    assert selections.finish(session=session, user=annotator) == [own.pk]


def click(session: Session, user: User, masklet: Masklet) -> None:
    prompts.add(
        session=session, user=user, masklet_id=masklet.pk, frame_index=0,
        base_version=Masklet.objects.get(pk=masklet.pk).version, new=[messages.Point(x=9, y=9, positive=True)],
    )  # fmt: skip


def test_what_is_chosen_is_neither_tracked_nor_submitted_in_the_same_task(
    annotator: User, task: Task
) -> None:
    chosen = choose(task, annotator)
    wanted, session = {chosen.pk: Masklet.objects.get(pk=chosen.pk).version}, session_of(task)
    way: Any = {"start_frame": 0, "direction": "forward", "bounds": Bounds()}
    with pytest.raises(Conflict, match="somebody else tracks"):
        propagations.start(session=session, user=annotator, wanted=wanted, **way)
    with pytest.raises(Conflict, match="somebody else tracks"):
        masklets.submit(session=session, user=annotator, wanted=wanted)


def test_who_looks_whether_anything_is_left_begins_nothing(annotator: User, task: Task) -> None:
    look = claims.claim(user=annotator, task=tasks.add(kind="exhaust", video=task.video))
    with pytest.raises(Conflict, match="Your task is to look"):
        masklets.create(session=session_of(look), user=annotator)


def test_an_object_whose_prompts_were_all_taken_back_is_not_chosen(annotator: User, task: Task) -> None:
    masklet = choose(task, annotator)
    masklet.refresh_from_db()
    [prompt] = Prompt.objects.filter(masklet=masklet)
    session = session_of(task)
    prompts.remove(
        session=session, user=annotator, masklet_id=masklet.pk, prompt_id=prompt.pk,
        base_version=masklet.version,
    )  # fmt: skip
    assert selections.finish(session=session, user=annotator) == []
    assert not Task.objects.filter(kind="track").exists()


def test_a_video_has_one_selection_at_a_time(annotator: User, task: Task) -> None:
    assert again(task) == task
    choose(task, annotator)
    assert again(task) == task
    selections.finish(session=session_of(task), user=annotator)
    assert again(task) != task


def test_an_object_is_chosen_in_one_frame_and_on_another_once_that_is_undone(
    annotator: User, task: Task
) -> None:
    chosen, session = choose(task, annotator), session_of(task)
    draw(session, chosen.pk, 0, side=4)
    with pytest.raises(NotPossible) as error:
        draw(session, chosen.pk, 4)
    assert error.value.code == "one_frame"
    for _ in range(2):
        version = Masklet.objects.get(pk=chosen.pk).version
        changes.undo(session=session, user=annotator, masklet_id=chosen.pk, base_version=version)
    draw(session, chosen.pk, 4)
    with pytest.raises(Conflict):
        changes.mark_frames(
            session=session, user=annotator, masklet_id=chosen.pk, frames=[8], kind=Change.Kind.ABSENT,
            base_version=Masklet.objects.get(pk=chosen.pk).version,
        )  # fmt: skip
