"""Two people's work on one object: deciding, and taking the decision back."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from annotator.errors import AnnotatorError, Conflict
from annotator.models import (
    Comment,
    Consensus,
    Export,
    Masklet,
    Membership,
    Project,
    Session,
    Task,
    User,
    Verification,
)
from annotator.selectors import invariants
from annotator.services import (
    claims,
    consensus,
    copies,
    masklets,
    routing,
    scores,
    tasks,
    verifications,
    videos,
)
from inference_worker.protocol import metrics, rle
from tests.annotator.api.http import Http
from tests.annotator.desk import HEIGHT, WIDTH, Desk, square
from tests.annotator.pairs import deciding, full, make_pair, mask_all
from tests.factories import make_member

pytestmark = pytest.mark.django_db


@pytest.fixture
def other(project: Project) -> User:
    return make_member(project, "annotator", "other")


@pytest.fixture
def pair(project: Project, annotator: User, other: User) -> Consensus:
    return make_pair(project, annotator, other, x=8)


def decide(pair: Consensus, user: User, chosen: int | None, comment: str = "") -> Consensus:
    session = Session.objects.select_related("task").get(task=deciding(pair, user), state="open")
    return consensus.decide(session=session, user=user, chosen=chosen, comment=comment)


def state(pk: int) -> tuple[str, str]:
    row = Masklet.objects.get(pk=pk)
    return row.state, row.set_aside


def waiting(pk: int) -> list[str]:
    return list(Task.objects.filter(masklet=pk, state="waiting").values_list("kind", flat=True))


def verify(pk: int, user: User, verdict: str) -> None:
    session = claims.open_verifying(
        user=user, masklet=Masklet.objects.select_related("video__project").get(pk=pk)
    )
    session = Session.objects.select_related("task", "masklet", "video__project").get(pk=session.pk)
    version = Masklet.objects.get(pk=pk).version
    verifications.give(session=session, user=user, verdict=verdict, base_version=version, comment="Seen.")


def refused(act: Any) -> str:
    with pytest.raises(AnnotatorError) as error:
        act()
    return error.value.code


@pytest.mark.parametrize("better", ["first", "second"])
def test_the_better_one_is_verified_and_the_other_kept_aside(
    pair: Consensus, reviewer: User, better: str
) -> None:
    chosen, left = pair.first_id, pair.second_id
    if better == "second":
        chosen, left = left, chosen
    decided = decide(pair, reviewer, chosen)
    assert (decided.chosen_id, decided.decided_by) == (chosen, reviewer)
    assert (state(chosen), waiting(chosen)) == (("submitted", ""), ["verify"])
    assert (state(left), waiting(left)) == (("set_aside", "not_chosen"), [])


def test_who_decided_does_not_verify_what_they_chose(pair: Consensus, reviewer: User) -> None:
    decide(pair, reviewer, pair.first_id)
    assert refused(lambda: verify(pair.first_id, reviewer, "satisfactory")) == "own_work"


def test_where_neither_is_good_the_first_is_refined_with_what_was_said(
    pair: Consensus, reviewer: User
) -> None:
    assert refused(lambda: decide(pair, reviewer, None)) == "says_nothing"
    session = Session.objects.select_related("task").get(task__kind="decide", state="open")
    consensus.decide(session=session, user=reviewer, chosen=None, comment="Both lose the tail.")
    assert (state(pair.first_id), waiting(pair.first_id)) == (("refine", ""), ["refine"])
    assert state(pair.second_id) == ("set_aside", "not_chosen")
    assert Comment.objects.get(thread__masklet=pair.first_id).text == "Both lose the tail."


def test_what_was_refined_after_neither_was_chosen_goes_to_be_verified(
    pair: Consensus, reviewer: User, annotator: User
) -> None:
    decide(pair, reviewer, None, "Both lose the tail.")
    task = claims.claim(user=annotator, task=Task.objects.get(masklet=pair.first_id, kind="refine"))
    session = Session.objects.select_related("video__project").get(task=task, state="open")
    version = Masklet.objects.get(pk=pair.first_id).version
    masklets.submit(session=session, user=annotator, wanted={pair.first_id: version})
    assert waiting(pair.first_id) == ["verify"]


def test_only_one_of_the_pair_can_be_chosen(pair: Consensus, reviewer: User, project: Project) -> None:
    foreign = full(reviewer_as_annotator(project), project).masklet
    assert refused(lambda: decide(pair, reviewer, foreign)) == "not_of_the_pair"


def reviewer_as_annotator(project: Project) -> User:
    return make_member(project, "annotator", "third")


def test_a_decision_is_made_once(pair: Consensus, reviewer: User) -> None:
    session = Session.objects.select_related("task").get(task=deciding(pair, reviewer), state="open")
    consensus.decide(session=session, user=reviewer, chosen=pair.first_id)
    again = refused(lambda: consensus.decide(session=session, user=reviewer, chosen=pair.second_id))
    assert again == "decided"
    assert Consensus.objects.get().chosen_id == pair.first_id


def test_neither_of_the_two_decides(project: Project, pair: Consensus, annotator: User) -> None:
    Membership.objects.filter(user=annotator).update(role="manager")
    assert refused(lambda: deciding(pair, annotator)) == "own_work"


@pytest.mark.parametrize("verdict", [None, "satisfactory", "unsatisfactory", "rejected"])
def test_a_reversed_choice_has_the_other_one_verified_and_keeps_what_was_said(
    pair: Consensus, reviewer: User, manager: User, verdict: str | None
) -> None:
    decide(pair, reviewer, pair.first_id)
    if verdict:
        verify(pair.first_id, manager, verdict)
    consensus.reverse(pair=pair, user=manager)
    assert Consensus.objects.get().chosen_id == pair.second_id
    assert (state(pair.second_id), waiting(pair.second_id)) == (("submitted", ""), ["verify"])
    gone = ("rejected", "") if verdict == "rejected" else ("set_aside", "not_chosen")
    assert (state(pair.first_id), waiting(pair.first_id)) == (gone, [])
    assert Verification.objects.count() == (1 if verdict else 0)


def test_a_choice_is_reversed_there_and_back(
    pair: Consensus, reviewer: User, manager: User, owner: User
) -> None:
    decide(pair, reviewer, pair.first_id)
    consensus.reverse(pair=pair, user=manager)
    consensus.reverse(pair=pair, user=manager)
    assert (state(pair.first_id), state(pair.second_id)) == (("submitted", ""), ("set_aside", "not_chosen"))
    verify(pair.first_id, owner, "satisfactory")
    assert state(pair.first_id) == ("accepted", "")


@pytest.mark.parametrize("export", [{"state": "running"}, {"state": "done", "finished_at": timezone.now}])
def test_a_choice_that_a_dataset_holds_is_reversed_only_by_who_knows_of_it(
    pair: Consensus, reviewer: User, manager: User, export: dict[str, Any]
) -> None:
    decide(pair, reviewer, pair.first_id)
    verify(pair.first_id, manager, "satisfactory")
    made = {name: value() if callable(value) else value for name, value in export.items()}
    held = Export.objects.create(project=pair.first.video.project, format="sav", **made)
    ask = Http(manager)
    answer = ask("POST", f"consensus/{pair.pk}/reverse", {})
    told = answer.json()
    assert (answer.status_code, told["code"], told["export"]) == (409, "in_dataset", held.pk)
    assert f"Export #{held.pk}" in told["message"]
    assert state(pair.first_id) == ("accepted", "")
    answer = ask("POST", f"consensus/{pair.pk}/reverse", {"despite_export": True})
    assert (answer.status_code, answer.json()["chosen"]) == (200, pair.second_id)
    assert (state(pair.first_id), waiting(pair.first_id)) == (("set_aside", "not_chosen"), [])
    assert (state(pair.second_id), waiting(pair.second_id)) == (("submitted", ""), ["verify"])


def test_a_dataset_made_before_it_was_accepted_does_not_hold_a_choice(
    pair: Consensus, reviewer: User, manager: User
) -> None:
    decide(pair, reviewer, pair.first_id)
    project = pair.first.video.project
    Export.objects.create(project=project, format="sav", state="done", finished_at=timezone.now())
    verify(pair.first_id, manager, "satisfactory")
    assert consensus.reverse(pair=pair, user=manager).chosen_id == pair.second_id


def test_where_nobody_has_decided_nothing_is_reversed(pair: Consensus, manager: User) -> None:
    assert refused(lambda: consensus.reverse(pair=pair, user=manager)) == "not_decided"


def test_neither_is_reversed_to_the_second_while_the_first_is_being_refined(
    pair: Consensus, reviewer: User, manager: User, annotator: User
) -> None:
    decide(pair, reviewer, None, "Both lose the tail.")
    refining = claims.claim(user=annotator, task=Task.objects.get(masklet=pair.first_id, kind="refine"))
    consensus.reverse(pair=pair, user=manager)
    assert (state(pair.second_id), waiting(pair.second_id)) == (("submitted", ""), ["verify"])
    assert (state(pair.first_id), waiting(pair.first_id)) == (("set_aside", "not_chosen"), [])
    assert Task.objects.get(pk=refining.pk).state == "cancelled"
    assert consensus.reverse(pair=pair, user=manager).chosen_id == pair.first_id


def test_where_one_of_two_was_too_easy_the_other_is_verified(
    project: Project, annotator: User, other: User
) -> None:
    desk = full(annotator, project)
    first = Masklet.objects.select_related("video__project").get(pk=desk.masklet)
    second = Masklet.objects.create(
        video=first.video,
        number=7,
        name="twin",
        created_by=annotator,
        state="set_aside",
        set_aside="too_easy",
    )
    Consensus.objects.create(first=first, second=second)
    masklets.submit(session=desk.session, user=annotator, wanted={first.pk: desk.version})
    assert waiting(first.pk) == ["verify"]


def test_where_the_one_still_awaited_is_lost_the_other_is_verified(
    project: Project, annotator: User, other: User
) -> None:
    desk, late = full(annotator, project), full(other, project)
    Consensus.objects.create(first_id=desk.masklet, second_id=late.masklet)
    masklets.submit(session=desk.session, user=annotator, wanted={desk.masklet: desk.version})
    assert waiting(desk.masklet) == []
    masklets.delete(session=late.session, masklet_id=late.masklet, base_version=late.version)
    assert waiting(desk.masklet) == ["verify"]


def test_agreement_is_j_and_f_of_the_second_against_the_first(pair: Consensus) -> None:
    scores.score_pair(pair.pk)
    pair.refresh_from_db()
    one, two = (rle.decode(square(x), HEIGHT, WIDTH) for x in (5, 8))
    assert pair.j == pytest.approx((one & two).sum() / (one | two).sum())
    assert pair.f == pytest.approx(metrics.boundary_f(two, one))


def test_a_pair_that_is_not_compared_yet_is_asked_for_again(
    pair: Consensus, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tuple[str, int]] = []
    monkeypatch.setattr(
        "annotator.services.scores.queue.wake_on_commit", lambda name, pk: asked.append((name, pk))
    )
    Masklet.objects.update(submitted_at=timezone.now() - timedelta(minutes=5))
    scores.send_lapsed()
    assert asked == [("annotator.score_pair", pair.pk)]


@pytest.fixture
def deleted(project: Project, annotator: User, other: User) -> tuple[Desk, Masklet]:
    """One of two that was deleted in work, and the other, which waits to be verified without it."""
    desk = full(annotator, project)
    first = Masklet.objects.select_related("video__project").get(pk=desk.masklet)
    second = copies.copy_of_selection(first)
    mask_all(second, other, 5)
    Consensus.objects.create(first=first, second=second)
    Masklet.objects.filter(pk=second.pk).update(
        state="submitted", submitted_at=timezone.now(), tracked_by=other
    )
    second.refresh_from_db()
    routing.after_submit(second, other)
    masklets.delete(session=desk.session, masklet_id=desk.masklet, base_version=desk.version)
    assert list(Task.objects.filter(state="waiting").values_list("kind", "masklet")) == [
        ("verify", second.pk)
    ]
    return desk, second


def test_one_of_two_that_is_restored_is_decided_on_and_the_other_not_verified_beside_it(
    deleted: tuple[Desk, Masklet], project: Project, annotator: User
) -> None:
    desk, _ = deleted
    masklets.restore(session=desk.session, masklet_id=desk.masklet)
    masklets.submit(session=desk.session, user=annotator, wanted={desk.masklet: desk.version})
    assert list(Task.objects.filter(state="waiting").values_list("kind", flat=True)) == ["decide"]
    assert not invariants.broken(project)


def test_one_of_two_is_not_restored_once_the_other_is_in_the_dataset(
    deleted: tuple[Desk, Masklet], reviewer: User
) -> None:
    desk, second = deleted
    verify(second.pk, reviewer, "satisfactory")
    with pytest.raises(Conflict) as refused:
        masklets.restore(session=desk.session, masklet_id=desk.masklet)
    assert refused.value.code == "twin_accepted"
    assert Masklet.objects.get(pk=desk.masklet).deleted_at


def test_whoever_decided_verifies_the_chosen_one_not_even_after_it_was_refined(
    project: Project, annotator: User, reviewer: User
) -> None:
    pair = make_pair(project, annotator, make_member(project, "annotator", "second"))
    decision = deciding(pair, reviewer).sessions.select_related("task", "video__project").get()
    consensus.decide(session=decision, user=reviewer, chosen=pair.first_id)
    chosen = Masklet.objects.select_related("video__project").get(pk=pair.first_id)
    tasks.cancel(Task.objects.filter(kind="verify"), None, "it was sent back, and is handed in again")
    routing.after_submit(chosen, annotator)
    assert reviewer.pk in Task.objects.get(kind="verify", state="waiting").workers
    assert reviewer.pk in tasks.add(kind="audit", video=chosen.video, masklet=chosen).workers


def test_a_choice_that_was_set_aside_since_is_reversed_and_stays_what_it_is(
    pair: Consensus, reviewer: User, manager: User
) -> None:
    decide(pair, reviewer, pair.first_id)
    verify(pair.first_id, manager, "unsatisfactory")
    Masklet.objects.filter(pk=pair.first_id).update(state="set_aside", set_aside="too_easy")
    assert consensus.reverse(pair=pair, user=manager).chosen_id == pair.second_id
    assert (state(pair.first_id), waiting(pair.first_id)) == (("set_aside", "too_easy"), [])
    assert waiting(pair.second_id) == ["verify"]


def test_a_choice_in_a_deleted_video_is_not_there_to_reverse(
    pair: Consensus, reviewer: User, manager: User
) -> None:
    decide(pair, reviewer, pair.first_id)
    videos.delete(video=pair.first.video)
    answer = Http(manager)("POST", f"consensus/{pair.pk}/reverse")
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
