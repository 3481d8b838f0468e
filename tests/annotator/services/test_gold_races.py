"""Two at once over gold and pairs: nothing is given or decided twice, and nothing is left lying."""

from __future__ import annotations

from typing import Any

import pytest

from annotator.models import Consensus, GoldScore, Masklet, Membership, Project, Session, Task, User
from annotator.services import claims, consensus, masklets, scores, training
from tests.annotator.golds import make_gold, work
from tests.annotator.pairs import deciding, full, make_pair
from tests.annotator.services.test_races import at_once, codes
from tests.factories import make_member

pytestmark = pytest.mark.django_db(transaction=True)
TRIES = 3


@pytest.fixture
def other(project: Project) -> User:
    return make_member(project, "annotator", "other")


def fresh(session: Session) -> Session:
    return Session.objects.select_related("task", "video__project").get(pk=session.pk)


def test_of_two_decisions_one_holds(project: Project, annotator: User, other: User, reviewer: User) -> None:
    for _ in range(TRIES):
        pair = make_pair(project, annotator, other)
        session = deciding(pair, reviewer).sessions.get(state="open")
        found = at_once(
            *[
                lambda chosen=chosen, session=session: (
                    consensus.decide(session=fresh(session), user=reviewer, chosen=chosen).chosen_id
                )
                for chosen in (pair.first_id, pair.second_id)
            ]
        )
        pair.refresh_from_db()
        assert sorted(map(str, found)) == sorted([str(pair.chosen_id), "decided"])
        assert Masklet.objects.filter(pk__in=(pair.first_id, pair.second_id), state="submitted").count() == 1


def test_two_who_hand_in_at_once_are_decided_between(project: Project, annotator: User, other: User) -> None:
    for _ in range(TRIES):
        desks = [full(who, project) for who in (annotator, other)]
        Consensus.objects.create(first_id=desks[0].masklet, second_id=desks[1].masklet)
        wanted = [{desk.masklet: desk.version} for desk in desks]
        found = at_once(
            *[
                lambda desk=desk, one=one: masklets.submit(session=desk.session, user=desk.user, wanted=one)
                for desk, one in zip(desks, wanted, strict=True)
            ]
        )
        assert codes(found) == {"done": 2}
        asked = Task.objects.filter(masklet__in=[desk.masklet for desk in desks])
        assert [(task.kind, task.masklet_id) for task in asked] == [("decide", desks[0].masklet)]


def test_two_tabs_of_a_trainee_are_given_two_gold_masklets(
    project: Project, annotator: User, other: User
) -> None:
    for _ in range(2):
        make_gold(project, other)
    Membership.objects.filter(user=annotator).update(queue="training")
    found = at_once(*[lambda: claims.claim_next(user=annotator, project=project)] * 4)
    given = [task.masklet and task.masklet.gold_of_id for one in found for task in one]
    assert len(given) == len(set(given)) == 2


def test_a_promotion_and_a_pull_leave_nothing_that_nobody_can_take(
    project: Project, annotator: User, other: User, manager: User
) -> None:
    for _ in range(TRIES):
        make_gold(project, other)
        Membership.objects.filter(user=annotator).update(queue="training")
        member = Membership.objects.get(user=annotator)
        at_once(
            lambda: claims.claim_next(user=annotator, project=project),
            lambda member=member: training.promote(membership=member, by=manager),
        )
        training.demote(membership=member, by=manager)
        training.promote(membership=member, by=manager)
        assert not Task.objects.filter(queue="training", state="waiting").exists()


def test_a_score_computed_twice_at_once_is_one_score(project: Project, annotator: User, other: User) -> None:
    make_gold(project, other)
    Membership.objects.filter(user=annotator).update(queue="training")
    (task,) = claims.claim_next(user=annotator, project=project)
    work(task, annotator, 5)
    score: Any = GoldScore.objects.get()
    assert at_once(*[lambda: scores.score_gold(score.pk)] * 3) == [None] * 3
    score.refresh_from_db()
    assert (score.j, score.f, len(score.frames)) == (1.0, 1.0, 11)
