"""A person's numbers: what counts for whom, who sees them, and that they cost the same for one and for many."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from annotator.models import GoldScore, Masklet, Membership, Project, Task, User
from annotator.services import claims, consensus, facts, masklets, scores, tasks, training, verifications
from tests.annotator.api.http import Http
from tests.annotator.golds import make_gold, next_task, work
from tests.annotator.pairs import deciding, full, make_pair
from tests.annotator.test_queries import queries
from tests.factories import make_member

pytestmark = pytest.mark.django_db
CARD = "projects/street/people/annotator/scorecard"


def card(viewer: User, path: str = CARD) -> dict[str, Any]:
    facts.refresh_stale()
    answer = Http(viewer)("GET", path)
    assert answer.status_code == 200, answer.content
    return answer.json()


def judged(project: Project, worker: User, reviewer: User, verdict: str) -> Masklet:
    desk = full(worker, project)
    masklets.submit(session=desk.session, user=worker, wanted={desk.masklet: desk.version})
    judge(desk.masklet, reviewer, "verify", verdict)
    return Masklet.objects.get(pk=desk.masklet)


def judge(masklet: int, reviewer: User, kind: str, verdict: str) -> None:
    task = claims.claim(user=reviewer, task=Task.objects.get(masklet=masklet, kind=kind, state="waiting"))
    version = Masklet.objects.get(pk=masklet).version
    session = task.sessions.select_related("task", "masklet", "video__project").get(state="open")
    verifications.give(session=session, user=reviewer, verdict=verdict, base_version=version, comment="Seen.")


def train(project: Project, user: User, shifts: list[int]) -> None:
    """Work on as many gold masklets, each drawn so many pixels beside the truth, scored."""
    for shift in shifts:
        task = next_task(user, project)
        assert task is not None and task.masklet is not None and task.masklet.gold_of_id
        work(task, user, 5 + shift)
        scores.score_gold(GoldScore.objects.latest("pk").pk)


@pytest.fixture
def trainee(project: Project, manager: User, annotator: User) -> User:
    """The annotator, in training, with six gold masklets to train on; two in a row are asked for."""
    project.promotion_tasks, project.promotion_score = 2, 0.9
    project.save()
    author = make_member(project, "annotator", "author")
    for _ in range(6):
        make_gold(project, author)
    Membership.objects.filter(user=annotator).update(queue="training")
    return annotator


def test_verdicts_count_for_whoever_had_handed_the_work_in(
    project: Project, annotator: User, reviewer: User, manager: User
) -> None:
    for verdict in ("satisfactory", "satisfactory", "satisfactory", "rejected"):
        judged(project, annotator, reviewer, verdict)
    seen = card(manager)
    assert seen["verdicts"] == {
        "satisfactory": 3, "unsatisfactory": 0, "rejected": 1, "satisfactory_share": 0.75
    }  # fmt: skip
    assert (seen["work"]["masklets"], seen["work"]["accepted"], seen["work"]["frames"]) == (4, 3, 44)
    assert card(manager, "projects/street/people/reviewer/scorecard")["tasks"]["verify"] == 4


def test_an_overturned_audit_counts_against_the_verdict_before_it(
    project: Project, annotator: User, reviewer: User, manager: User
) -> None:
    project.audit_share = 1
    project.save()
    fine, wrong = (judged(project, annotator, reviewer, "satisfactory") for _ in range(2))
    judge(fine.pk, manager, "audit", "satisfactory")
    judge(wrong.pk, manager, "audit", "unsatisfactory")
    path = "projects/street/people/reviewer/scorecard"
    assert card(manager, path)["reviews"] == {"audited": 2, "overturned": 1}
    assert card(manager)["reviews"] == {"audited": 0, "overturned": 0}


def test_a_person_is_eligible_by_the_newest_scores_only(
    trainee: User, project: Project, manager: User
) -> None:
    train(project, trainee, [8])
    assert not card(trainee)["training"]["eligible"]
    train(project, trainee, [0, 0])
    standing = card(trainee)["training"]
    assert (standing["scored"], standing["jf"], standing["eligible"]) == (2, 1.0, True)
    train(project, trainee, [8])
    assert not card(trainee)["training"]["eligible"]


def test_a_manager_promotes_with_the_numbers_in_the_answer(
    trainee: User, project: Project, manager: User
) -> None:
    train(project, trainee, [0, 0])
    answer = Http(manager)("POST", "projects/street/members/annotator/promotion").json()
    assert (answer["queue"], answer["promoted_by"], answer["training"]["eligible"]) == (
        "production",
        "manager",
        True,
    )
    answer = Http(manager)("DELETE", "projects/street/members/annotator/promotion").json()
    assert (answer["queue"], answer["promoted_at"]) == ("training", None)


def test_what_was_met_blindly_is_told_to_managers_at_once_and_to_the_person_a_week_later(
    trainee: User, project: Project, manager: User
) -> None:
    training.promote(membership=Membership.objects.get(user=trainee), by=manager)
    project.gold_share = 1
    project.save()
    for _ in range(2):
        judged_later = full(manager, project)
        tasks.add(
            kind="track", video=judged_later.video, masklet=Masklet.objects.get(pk=judged_later.masklet)
        )
    train(project, trainee, [4])
    score = GoldScore.objects.get()
    path = f"gold-scores/{score.pk}"
    assert [line["queue"] for line in card(manager)["gold_scores"]] == ["production"]
    assert (card(trainee)["gold_scores"], card(trainee)["gold"]["count"]) == ([], 0)
    assert [Http(who)("GET", path).status_code for who in (manager, trainee)] == [200, 404]
    GoldScore.objects.update(created_at=timezone.now() - timedelta(days=8))
    assert card(trainee)["gold_scores"][0]["id"] == score.pk
    assert Http(trainee)("GET", path).status_code == 200


def test_feedback_shows_both_masks_of_every_frame(trainee: User, project: Project, reviewer: User) -> None:
    train(project, trainee, [4])
    score = GoldScore.objects.get()
    shown = Http(trainee)("GET", f"gold-scores/{score.pk}").json()
    assert [frame["frame_index"] for frame in shown["frames"]] == list(range(0, 41, 4))
    assert all(
        frame["mask"] and frame["gold"] and frame["mask"] != frame["gold"] for frame in shown["frames"]
    )
    assert [frame["j"] for frame in shown["frames"]] == score.frames
    assert Http(reviewer)("GET", f"gold-scores/{score.pk}").status_code == 404


def test_agreement_is_shared_by_the_two_and_the_choice_is_not(
    project: Project, annotator: User, reviewer: User, manager: User
) -> None:
    pair = make_pair(project, annotator, make_member(project, "annotator", "other"), x=8)
    scores.score_pair(pair.pk)
    session = deciding(pair, reviewer).sessions.select_related("task").get()
    consensus.decide(session=session, user=reviewer, chosen=pair.second_id)
    pair.refresh_from_db()
    both = [
        card(manager, f"projects/street/people/{name}/scorecard")["consensus"]
        for name in ("annotator", "other")
    ]
    agreement = ((pair.j or 0) + (pair.f or 0)) / 2
    assert [(one["pairs"], one["chosen"]) for one in both] == [(1, 0), (1, 1)]
    assert [one["jf"] for one in both] == pytest.approx([agreement, agreement])


def test_skips_are_counted_with_their_reasons(project: Project, annotator: User, manager: User) -> None:
    for _ in range(2):
        desk = full(manager, project)
        task = tasks.add(kind="track", video=desk.video, masklet=Masklet.objects.get(pk=desk.masklet))
        claims.skip(task=claims.claim(user=annotator, task=task), user=annotator, reason="too dark")
    shown = card(annotator)
    assert (shown["skips"], shown["skip_reasons"]) == (
        2,
        [{"kind": "track", "reason": "too dark", "count": 2}],
    )


def test_a_person_sees_nobody_elses_scorecard(project: Project, annotator: User, reviewer: User) -> None:
    assert Http(reviewer)("GET", CARD).status_code == 403
    assert Http(annotator)("GET", CARD).status_code == 200


def test_days_that_are_no_number_are_refused(annotator: User) -> None:
    for days in ("x", "0", "99999", "-1"):
        assert Http(annotator)("GET", f"{CARD}?days={days}").status_code == 400


def test_gold_is_listed_with_how_it_was_met(trainee: User, project: Project, manager: User) -> None:
    train(project, trainee, [0])
    listed = Http(manager)("GET", "projects/street/gold").json()["results"]
    assert sorted((row["given"], row["scored"], row["mean_j"]) for row in listed)[-1] == (1, 1, 1.0)
    video = listed[0]["video"]
    assert [
        row["video"] for row in Http(manager)("GET", f"projects/street/gold?video={video}").json()["results"]
    ] == [video]


def test_the_list_of_people_costs_the_same_for_one_and_for_many(
    project: Project, annotator: User, reviewer: User, manager: User
) -> None:
    http = Http(manager)
    judged(project, annotator, reviewer, "satisfactory")
    one = queries(lambda: http("GET", "projects/street/people"))
    for number in range(4):
        other = make_member(project, "annotator", f"other-{number}")
        judged(project, other, reviewer, "satisfactory")
    assert queries(lambda: http("GET", "projects/street/people")) == one <= 16
    shown = http("GET", "projects/street/people").json()
    assert shown["count"] == len(shown["results"]) == 7
