"""The promises that `check_project` asks the tables about: what keeps them, and what it says of what does not."""

from __future__ import annotations

from typing import Any

import pytest
from django.db.models import F
from django.utils import timezone

from annotator.models import (
    FactsCell,
    Masklet,
    MaskletFacts,
    Project,
    Task,
    User,
    Verification,
    Video,
)
from annotator.selectors import invariants
from annotator.services import claims, consensus, facts, gold, masklets, selections, tasks
from tests.annotator.autos import finished
from tests.annotator.pairs import deciding, full, make_pair
from tests.annotator.services.test_tasks import draw, session_of
from tests.factories import make_member, make_user

pytestmark = pytest.mark.usefixtures("worker")


def test_who_had_a_model_propose_a_masklet_may_judge_it_also_after_it_was_refined(
    project: Project, manager: User, annotator: User, video: Video, sweep: Any
) -> None:
    [made] = finished(project, manager, sweep, 30)
    assert invariants.broken(project) == {}
    Verification.objects.create(
        project=project, masklet=made, reviewer=manager, verdict="unsatisfactory", version=made.version
    )
    Task.objects.update(state="done", holder=manager, done_at=timezone.now())
    Masklet.objects.update(type="manual", tracked_by=annotator)
    assert "nobody judged what they worked on" not in invariants.broken(project)


def test_who_refined_a_model_s_masklet_may_not_judge_it(
    project: Project, manager: User, annotator: User, video: Video, sweep: Any
) -> None:
    [made] = finished(project, manager, sweep, 30)
    made.changes.create(user=annotator, kind="prompt", number=2, frame_index=0)
    Verification.objects.create(
        project=project, masklet=made, reviewer=annotator, verdict="satisfactory", version=made.version
    )
    assert invariants.broken(project)["nobody judged what they worked on"]


def test_what_a_run_left_lying_is_told(project: Project, manager: User, video: Video, sweep: Any) -> None:
    [made] = finished(project, manager, sweep, 30)
    Task.objects.all().delete()
    Masklet.objects.update(state="in_work")
    assert invariants.broken(project) == {
        "what a finished auto run tracked was handed in or put away": [made.pk]
    }


def test_work_on_gold_that_is_judged_or_given_twice_is_told(
    project: Project, annotator: User, video: Video
) -> None:
    reference = Masklet.objects.get(pk=full(annotator, project).masklet)
    Masklet.objects.update(state="accepted")
    gold.mark(masklet=reference, user=annotator)
    person = make_user("person")
    for number in (8, 9):
        copy = Masklet.objects.create(
            video=video, number=number, name="copy", created_by=annotator, gold_of=reference
        )
        tasks.add(kind="track", video=video, masklet=copy, for_user=person)
    assert invariants.broken(project)["nobody meets a gold masklet twice"] == [reference.pk]
    tasks.add(kind="verify", video=video, masklet=copy)
    assert invariants.broken(project)["nobody judges work on gold"] == [copy.pk]


def test_what_was_selected_and_is_asked_of_nobody_is_told(
    project: Project, manager: User, annotator: User, video: Video
) -> None:
    task = claims.claim(user=annotator, task=tasks.add(kind="select", video=video))
    session = session_of(task)
    made = masklets.create(session=session, user=annotator)["id"]
    draw(session, made, 0)
    assert not invariants.broken(project), "it is being chosen"
    selections.finish(session=session, user=annotator)
    assert not invariants.broken(project)
    Task.objects.filter(kind="track").delete()
    assert invariants.broken(project) == {
        "what was selected waits to be tracked until it is handed in": [made]
    }


def test_of_a_pair_that_was_decided_what_is_handed_in_again_is_missed_where_nobody_verifies_it(
    project: Project, annotator: User, reviewer: User
) -> None:
    pair = make_pair(project, annotator, make_member(project, "annotator", "other"))
    assert not invariants.broken(project)
    session = session_of(deciding(pair, reviewer))
    consensus.decide(session=session, user=reviewer, chosen=None, comment="Neither.")
    Task.objects.filter(kind="refine").delete()
    Masklet.objects.filter(pk=pair.first_id).update(state="submitted")
    assert invariants.broken(project) == {
        "a submitted masklet waits for exactly one judgement": [pair.first_id]
    }


def test_what_waits_on_a_deleted_video_or_for_what_is_done_is_told(
    project: Project, annotator: User, video: Video
) -> None:
    left = tasks.add(kind="select", video=video)
    Video.objects.filter(pk=video.pk).update(deleted_at=timezone.now())
    handed_in = Masklet.objects.get(pk=full(annotator, project).masklet)
    late = tasks.add(kind="track", video=handed_in.video, masklet=handed_in)
    Masklet.objects.filter(pk=handed_in.pk).update(state="accepted")
    promise = "what waits fits the state of its masklet and video"
    assert sorted(invariants.broken(project)[promise]) == [left.pk, late.pk]


def test_who_tracks_what_they_selected_is_told_where_independence_is_asked(
    project: Project, annotator: User, manager: User
) -> None:
    made = Masklet.objects.get(pk=full(annotator, project).masklet)
    task = tasks.add(kind="track", video=made.video, masklet=made, workers=[])
    claims.claim(user=annotator, task=task)
    assert invariants.broken(project) == {"nobody tracks what they selected": [task.pk]}
    project.independent_review = False
    project.save()
    assert not invariants.broken(project)


def test_two_of_one_object_in_the_dataset_are_told(project: Project, annotator: User) -> None:
    pair = make_pair(project, annotator, make_member(project, "annotator", "other"))
    promise = "of two masklets of one object at most one is in the dataset"
    Masklet.objects.filter(pk=pair.second_id).update(state="accepted")
    assert promise not in invariants.broken(project)
    Masklet.objects.filter(pk=pair.first_id).update(state="accepted")
    assert invariants.broken(project)[promise] == [pair.pk]


def test_facts_that_are_not_as_their_masklet_stands_are_told(project: Project, annotator: User) -> None:
    masklet = full(annotator, project).masklet
    promise = "the facts of a masklet are as it stands"
    for wrong in (
        {"state": "accepted"},
        {"person": annotator},
        {"gone": True},
        {"verdicts": 1, "stale": False},
    ):
        before = MaskletFacts.objects.filter(pk=masklet).values(*wrong).get()
        MaskletFacts.objects.filter(pk=masklet).update(**wrong)
        assert invariants.broken(project)[promise] == [masklet], wrong
        MaskletFacts.objects.filter(pk=masklet).update(**before)
        assert promise not in invariants.broken(project)
    MaskletFacts.objects.filter(pk=masklet).delete()
    assert invariants.broken(project)[promise] == [masklet]


def test_cells_that_are_not_the_sums_of_the_facts_are_told_once_they_were_added_up(
    project: Project, annotator: User
) -> None:
    desk = full(annotator, project)
    masklets.submit(session=desk.session, user=annotator, wanted={desk.masklet: desk.version})
    assert not invariants.broken(project), "nothing is added up yet"
    facts.refresh_stale()
    assert not invariants.broken(project)
    promise = {"counts add up: cells are the sums of facts": [annotator.pk]}
    FactsCell.objects.filter(person=annotator).update(clicks=F("clicks") + 1)
    assert invariants.broken(project) == promise
    FactsCell.objects.filter(person=annotator).delete()
    assert invariants.broken(project) == promise
    MaskletFacts.objects.filter(pk=desk.masklet).update(stale=True)
    assert not invariants.broken(project), "that week is to be added up anew"
    facts.refresh_stale()
    assert FactsCell.objects.filter(person=annotator).exists() and not invariants.broken(project)
