"""The promises that `check_project` asks the tables about: what keeps them, and what it says of what does not."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import timezone

from annotator.models import Masklet, Project, Task, User, Verification, Video
from annotator.selectors import invariants
from annotator.services import gold, tasks
from tests.annotator.autos import finished
from tests.annotator.pairs import full
from tests.factories import make_user

pytestmark = pytest.mark.usefixtures("worker")


def test_who_had_a_model_propose_a_masklet_may_judge_it_also_after_it_was_refined(
    project: Project, manager: User, annotator: User, video: Video, sweep: Any
) -> None:
    [made] = finished(project, manager, sweep, 30)
    assert invariants.broken(project) == {}
    Verification.objects.create(
        masklet=made, reviewer=manager, verdict="unsatisfactory", version=made.version
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
        masklet=made, reviewer=annotator, verdict="satisfactory", version=made.version
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
