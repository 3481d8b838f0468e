"""The promises that `check_project` asks the tables about: what keeps them, and what it says of what does not."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import timezone

from annotator.models import Masklet, Project, Task, User, Verification, Video
from annotator.selectors import invariants
from annotator.services import claims, consensus, gold, masklets, selections, tasks
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
