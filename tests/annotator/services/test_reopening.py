"""Having a masklet judged again that was rejected or set aside."""

from __future__ import annotations

from typing import Any

import pytest

from annotator.errors import AnnotatorError
from annotator.models import Consensus, Masklet, Project, Task, TaskEvent, User, Verification, Video
from annotator.selectors import invariants
from annotator.services import claims, consensus, copies, facts, masklets
from tests.annotator.api.http import Http
from tests.annotator.autos import finished
from tests.annotator.golds import make_gold
from tests.annotator.pairs import deciding, make_pair
from tests.annotator.services.test_tasks import judge, select_one, session_of, track, waiting
from tests.factories import make_member

pytestmark = pytest.mark.django_db


@pytest.fixture
def selector(project: Project) -> User:
    return make_member(project, "annotator", "selector")


def reopen(masklet: Masklet | int, user: User, **fields: Any) -> Task:
    pk = masklet if isinstance(masklet, int) else masklet.pk
    row = Masklet.objects.select_related("video__project").get(pk=pk)
    return masklets.reopen(masklet=row, user=user, **fields)


def refused(masklet: Masklet | int, user: User) -> str:
    with pytest.raises(AnnotatorError) as error:
        reopen(masklet, user)
    return error.value.code


def stands(masklet: Masklet) -> tuple[str, str]:
    masklet.refresh_from_db()
    return masklet.state, masklet.set_aside


def test_what_was_rejected_by_mistake_is_accepted_by_another_reviewer_and_both_verdicts_stay(
    project: Project, annotator: User, selector: User, reviewer: User, manager: User, owner: User
) -> None:
    masklet = select_one(project, selector)
    track(masklet, annotator)
    judge(masklet, reviewer, "rejected")
    before = Masklet.objects.get(pk=masklet.pk)
    task = reopen(masklet, manager, note="Look at the tail", priority=3, skill="")
    assert (stands(masklet), waiting(masklet)) == (("submitted", ""), ["verify"])
    assert (task.note, task.priority) == ("Look at the tail", 3)
    assert (masklet.version, masklet.submitted_at) == (before.version + 1, before.submitted_at)
    assert TaskEvent.objects.get(task=task).user == manager
    assert not invariants.broken(project)
    judge(masklet, owner, "satisfactory")
    verdicts = Verification.objects.order_by("id").values_list("reviewer__username", "verdict")
    assert [verdict for _, verdict in verdicts] == ["rejected", "satisfactory"]
    assert (stands(masklet), invariants.broken(project)) == (("accepted", ""), {})


def test_it_goes_to_nobody_who_made_it_or_judged_it_before(
    project: Project, annotator: User, selector: User, reviewer: User, manager: User, owner: User
) -> None:
    project.audit_share = 1
    project.save()
    masklet = select_one(project, selector)
    track(masklet, annotator)
    judge(masklet, reviewer, "satisfactory")
    judge(masklet, owner, "rejected", kind="audit")
    task = reopen(masklet, manager)
    assert task.workers == sorted(user.pk for user in (selector, annotator, reviewer, owner))
    assert claims.claim_next(user=reviewer, project=project, kinds=["verify"]) == []
    assert claims.claim_next(user=manager, project=project, kinds=["verify"]) == [task]


def test_what_was_too_easy_is_verified_and_once_sent_back_not_too_easy_again(
    project: Project, annotator: User, selector: User, reviewer: User, manager: User
) -> None:
    project.min_edited_frames = 20
    project.save()
    masklet = select_one(project, selector)
    track(masklet, annotator)
    assert stands(masklet) == ("set_aside", "too_easy")
    reopen(masklet, manager)
    assert (stands(masklet), invariants.broken(project)) == (("submitted", ""), {})
    judge(masklet, reviewer, "unsatisfactory")
    track(masklet, annotator, edited=2)
    assert (stands(masklet), waiting(masklet)) == (("submitted", ""), ["verify"])


@pytest.mark.usefixtures("worker")
def test_a_model_s_failure_that_is_looked_at_again_was_never_sent_back(
    project: Project, reviewer: User, manager: User, owner: User, video: Video, sweep: Any
) -> None:
    Project.objects.update(auto_refine_share=0)
    [made] = finished(project, owner, sweep, 30)
    judge(made, reviewer, "unsatisfactory")
    assert stands(made) == ("set_aside", "auto_failure")
    reopen(made, manager)
    judge(made, manager, "satisfactory")
    facts.refresh_stale()
    made.refresh_from_db()
    counted = made.facts  # type: ignore[attr-defined]
    assert (counted.state, counted.verdicts, counted.returns) == ("accepted", 2, 0)
    assert made.type == "auto"


def test_what_is_counted_goes_with_it(
    project: Project, annotator: User, selector: User, reviewer: User, manager: User
) -> None:
    masklet = select_one(project, selector)
    track(masklet, annotator)
    judge(masklet, reviewer, "rejected")

    def funnel() -> dict[str, int]:
        facts.refresh_stale()
        rows = Http(manager)("GET", f"projects/{project.slug}/numbers/funnel").json()["rows"]
        return {line["label"]: line["value"] for line in rows}

    assert [funnel()[label] for label in ("verified", "refined", "submitted", "rejected")] == [1, 0, 0, 1]
    reopen(masklet, manager)
    assert [funnel()[label] for label in ("verified", "refined", "submitted", "rejected")] == [1, 0, 1, 0]
    told = Http(manager)("GET", f"videos/{masklet.video_id}").json()["masklets"]
    assert (told["submitted"], told["rejected"]) == (1, 0)


@pytest.mark.parametrize("state", ["in_work", "submitted", "refine", "accepted"])
def test_only_what_is_closed_is_looked_at_again(
    project: Project, annotator: User, selector: User, manager: User, state: str
) -> None:
    masklet = select_one(project, selector)
    track(masklet, annotator)
    Masklet.objects.filter(pk=masklet.pk).update(state=state)
    assert refused(masklet, manager) == "not_closed"


def test_who_asks_twice_is_refused_the_second_time(
    project: Project, annotator: User, selector: User, reviewer: User, manager: User
) -> None:
    masklet = select_one(project, selector)
    track(masklet, annotator)
    judge(masklet, reviewer, "rejected")
    reopen(masklet, manager)
    assert (refused(masklet, manager), waiting(masklet)) == ("not_closed", ["verify"])


@pytest.fixture
def decided(project: Project, annotator: User, selector: User, reviewer: User) -> Consensus:
    """Of two the first was chosen."""
    pair = make_pair(project, annotator, selector)
    session = session_of(deciding(pair, reviewer))
    return consensus.decide(session=session, user=reviewer, chosen=pair.first_id)


def test_one_that_was_not_chosen_is_had_by_reversing_the_decision(decided: Consensus, manager: User) -> None:
    assert refused(decided.second_id, manager) == "not_chosen"
    answer = Http(manager)("POST", f"masklets/{decided.second_id}/reopen", {})
    assert answer.status_code == 422
    assert "Reverse that decision" in answer.json()["message"]


def test_of_two_of_one_object_only_one_goes_on(
    decided: Consensus, project: Project, manager: User, owner: User
) -> None:
    judge(decided.first, manager, "rejected")
    consensus.reverse(pair=decided, user=owner)
    assert refused(decided.first_id, owner) == "twin_goes_on"
    judge(decided.second, manager, "rejected")
    reopen(decided.first_id, owner)
    assert refused(decided.second_id, owner) == "twin_goes_on"
    assert not invariants.broken(project)


def test_work_on_gold_is_judged_by_nobody(
    project: Project, annotator: User, selector: User, manager: User
) -> None:
    made = make_gold(project, selector)
    copy = copies.copy_of_selection(made, gold_of=made)
    Masklet.objects.filter(pk=copy.pk).update(state="set_aside", set_aside="gold")
    assert refused(copy, manager) == "is_gold"
