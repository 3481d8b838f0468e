"""What the API tells of a masklet to who is to judge it unled, or tracks the same object; and to everybody else."""

from __future__ import annotations

from typing import Any

import pytest

from annotator.models import Consensus, Masklet, Project, Session, Task, User, VerifierModel
from annotator.services import claims, consensus, masklets, tasks, verifications
from tests.annotator.api.http import Http
from tests.annotator.desk import Desk, square
from tests.annotator.golds import copy_id, differing, make_gold, two_in_a_row, work
from tests.annotator.pairs import deciding, full, make_pair
from tests.annotator.test_queries import crowded, queries
from tests.factories import make_member, make_video

pytestmark = pytest.mark.django_db


@pytest.fixture
def accepted(project: Project, annotator: User, reviewer: User) -> Masklet:
    """Accepted by the reviewer, with an audit that waits."""
    project.audit_share = 1
    project.save()
    desk = full(annotator, project)
    masklets.submit(session=desk.session, user=annotator, wanted={desk.masklet: desk.version})
    give(desk.masklet, reviewer, "verify")
    return Masklet.objects.get(pk=desk.masklet)


def take(masklet: int, user: User, kind: str) -> Session:
    task = claims.claim(user=user, task=Task.objects.get(masklet=masklet, kind=kind, state="waiting"))
    return task.sessions.select_related("task", "masklet", "video__project").get(state="open")


def give(masklet: int, user: User, kind: str) -> None:
    judge(take(masklet, user, kind))


def judge(session: Session) -> None:
    version = Masklet.objects.get(pk=session.masklet_id).version
    mark = {"frame_index": 8, "x": 3, "y": 4, "text": "Is this a corner?"}
    verifications.give(
        session=session, user=session.user, verdict="satisfactory", base_version=version, marks=[mark]
    )


def told(viewer: User, masklet: Masklet) -> list[dict[str, Any]]:
    """Every form of the masklet that the person can read, the looking page's first."""
    http, listed = Http(viewer), f"videos/{masklet.video_id}/masklets"
    found = [
        http("GET", f"masklets/{masklet.pk}/look").json()["masklets"][0],
        http("GET", f"masklets/{masklet.pk}").json(),
        *http("GET", listed).json()["results"],
        *(row["masklet"] for row in http("GET", "projects/street/reviews").json().get("results", [])),
    ]
    for session in Session.objects.filter(user=viewer, state="open"):
        found += http("GET", f"sessions/{session.pk}").json()["masklets"]
    return [row for row in found if row["id"] == masklet.pk]


def verdicts(viewer: User, masklet: Masklet) -> set[int]:
    return {len(row["verdicts"]) for row in told(viewer, masklet)}


def test_who_audits_is_told_no_verdict_before_their_own_and_all_after(
    accepted: Masklet, manager: User
) -> None:
    model = VerifierModel.objects.create(project=accepted.video.project, trained_by=manager)
    accepted.verifier_votes.create(model=model, version=accepted.version, probability=0.9)
    session = take(accepted.pk, manager, "audit")
    assert Http(manager)("GET", f"masklets/{accepted.pk}/verifier-votes").json() == []
    assert len(told(manager, accepted)) == 5 and verdicts(manager, accepted) == {0}
    tasks_held = Task.objects.get(kind="audit")
    claims.hold(task=tasks_held, user=manager, reason="lunch")
    assert verdicts(manager, accepted) == {0}
    claims.claim(user=manager, task=tasks_held)
    judge(Session.objects.select_related("task", "video__project").exclude(pk=session.pk).get(
        user=manager, state="open"
    ))  # fmt: skip
    assert verdicts(manager, accepted) == {2}
    assert len(Http(manager)("GET", f"masklets/{accepted.pk}/verifier-votes").json()) == 1


def test_an_audit_that_waits_is_kept_from_those_it_could_be_given_to_and_from_nobody_else(
    accepted: Masklet, manager: User, annotator: User, reviewer: User, project: Project
) -> None:
    assert verdicts(manager, accepted) == {0}
    assert verdicts(make_member(project, "reviewer", "another"), accepted) == {0}
    assert [verdicts(who, accepted) for who in (annotator, reviewer)] == [{1}, {1}]
    tasks.cancel(Task.objects.filter(kind="audit"), manager, "not wanted")
    assert verdicts(manager, accepted) == {1}


def test_whoever_audits_their_own_verdict_is_not_reminded_of_it(
    accepted: Masklet, reviewer: User, project: Project
) -> None:
    project.independent_review = False
    project.save()
    take(accepted.pk, reviewer, "audit")
    assert verdicts(reviewer, accepted) == {0}


@pytest.fixture
def pair(project: Project, annotator: User) -> Consensus:
    made = make_pair(project, annotator, make_member(project, "annotator", "other"), x=8)
    Consensus.objects.filter(pk=made.pk).update(j=0.5, f=0.25)
    return made


def test_who_decides_is_told_neither_the_people_nor_the_agreement_before(
    pair: Consensus, reviewer: User, manager: User
) -> None:
    task = deciding(pair, reviewer)
    for masklet in (pair.first, pair.second):
        assert {row["tracked_by"] for row in told(reviewer, masklet)} == {None}
        assert {row["tracked_by"] for row in told(manager, masklet)} == {None}
        look = Http(reviewer)("GET", f"masklets/{masklet.pk}/look").json()
        assert (look["unled"], look["pair"]) == ("decide", None)
    session = task.sessions.select_related("task").get()
    consensus.decide(session=session, user=reviewer, chosen=pair.first_id)
    look = Http(reviewer)("GET", f"masklets/{pair.second_id}/look").json()
    assert (look["pair"]["j"], look["pair"]["f"], look["pair"]["chosen"]) == (0.5, 0.25, pair.first_id)
    assert (look["masklets"][0]["tracked_by"], look["set_aside"]) == ("other", "not_chosen")


def test_who_decides_hears_no_names_of_who_wrote_on_the_two_but_their_own(
    pair: Consensus, annotator: User, reviewer: User
) -> None:
    task = deciding(pair, reviewer)
    pin = {"masklet": pair.first_id, "text": "Its shadow is left out."}
    made = Http(annotator)("POST", f"videos/{pair.first.video_id}/threads", pin).json()["id"]
    Http(reviewer)("POST", f"threads/{made}/comments", {"text": "This one has it."})
    Http(annotator)("POST", f"threads/{made}/resolve")

    def names(viewer: User) -> list[str | None]:
        [row] = Http(viewer)("GET", "projects/street/threads").json()["results"]
        return [row["created_by"], *(said["user"] for said in row["comments"]), row["resolved_by"]]

    assert names(reviewer) == [None, None, "reviewer", None]
    assert names(annotator) == ["annotator", "annotator", "reviewer", "annotator"]
    session = task.sessions.select_related("task").get()
    consensus.decide(session=session, user=reviewer, chosen=pair.first_id)
    assert names(reviewer) == names(annotator)


def test_who_tracks_an_object_does_not_look_at_the_others_of_its_video_meanwhile(
    project: Project, annotator: User, manager: User
) -> None:
    desk = Desk(manager, make_video(project, manager))
    desk.draw(0, square(5))
    beside = masklets.create(session=desk.session, user=manager)["id"]
    task = tasks.add(kind="track", video=desk.video, masklet=Masklet.objects.get(pk=desk.masklet), by=None)
    Task.objects.filter(pk=task.pk).update(workers=[])
    task = claims.claim(user=annotator, task=task)
    http = Http(annotator)
    refused = http("GET", f"masklets/{beside}/look")
    assert (refused.status_code, refused.json()["code"]) == (403, "at_work")
    assert http("GET", f"masklets/{desk.masklet}/look").status_code == 200
    claims.give_back(task=task, user=annotator)
    assert http("GET", f"masklets/{beside}/look").status_code == 200


def test_the_page_tells_blind_gold_from_no_other_masklet(
    project: Project, annotator: User, manager: User
) -> None:
    author = make_member(project, "annotator", "author")
    make_gold(project, author)
    plain, blind = two_in_a_row(project, annotator, author)

    def looks() -> list[Any]:
        rows = [Http(annotator)("GET", f"masklets/{copy_id(task)}/look").json() for task in (plain, blind)]
        assert len({row["video"]["id"] for row in rows}) == 2
        return rows

    assert differing(*looks()) == set()
    for task in (plain, blind):
        work(task, annotator, 5)
    assert differing(*looks()) == set()


def test_work_on_gold_is_there_for_who_does_it_and_for_managers_only(
    project: Project, annotator: User, reviewer: User, manager: User
) -> None:
    author = make_member(project, "annotator", "author")
    make_gold(project, author)
    _, blind = two_in_a_row(project, annotator, author)
    for path in ("", "/look", "/masks", "/signals", "/coverage"):
        address = f"masklets/{copy_id(blind)}{path}"
        statuses = [Http(who)("GET", address).status_code for who in (annotator, manager, reviewer, author)]
        assert statuses == [200, 200, 404, 404], address


def test_a_masklet_that_was_deleted_is_not_there_to_look_at(annotator: User, project: Project) -> None:
    desk = Desk(annotator, make_video(project, annotator))
    http = Http(annotator)
    assert http("GET", f"masklets/{desk.masklet}/look").status_code == 200
    masklets.delete(session=desk.session, masklet_id=desk.masklet, base_version=desk.version)
    assert http("GET", f"masklets/{desk.masklet}/look").status_code == 404


def test_looking_costs_the_same_however_much_is_there(
    annotator: User, reviewer: User, project: Project
) -> None:
    desk = Desk(annotator, make_video(project, annotator, frames=401))
    http, masklet = Http(annotator), Masklet.objects.get(pk=desk.masklet)

    def said() -> None:
        version = masklet.verifications.count()
        verdict = masklet.verifications.create(
            project=project, reviewer=reviewer, verdict="unsatisfactory", version=version
        )
        verdict.marks.create(frame_index=8, text="Here.")

    said()
    bare = queries(lambda: http("GET", f"masklets/{desk.masklet}/look"))
    crowded(desk)
    said()
    assert queries(lambda: http("GET", f"masklets/{desk.masklet}/look")) == bare <= 13
