"""A masklet's way through verification: who may judge it, what a verdict needs, and where it leads."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from annotator.errors import AnnotatorError, Conflict, IllegalTransition, NotAllowed, NotPossible
from annotator.models import Change, Masklet, Membership, Project, Session, User, Verification
from annotator.selectors import masks
from annotator.services import changes, claims, masklets, projects, sessions, tasks, verifications
from annotator.shapes import masklets as shapes
from tests.annotator.api.http import Http
from tests.annotator.desk import Desk, square
from tests.factories import make_member, make_video

MARK = {"frame_index": 8, "x": 5.5, "y": 6.0, "text": "The hand is missing here."}


@pytest.fixture
def desk(annotator: User, project: Project) -> Desk:
    """An annotator whose masklet is complete and not handed in."""
    made = Desk(annotator, make_video(project, annotator))
    made.draw(0, square(5))
    made.fill(made.propagate(0), list(range(4, 41, 4)), 5, state="finished")
    return made


def submit(desk: Desk) -> None:
    masklets.submit(session=desk.session, user=desk.user, wanted={desk.masklet: desk.version})


def open_for(user: User, desk: Desk) -> Session:
    masklet = Masklet.objects.select_related("video__project").get(pk=desk.masklet)
    return claims.open_verifying(user=user, masklet=masklet)


def judge(user: User, desk: Desk, verdict: str, **words: Any) -> dict[str, Any]:
    return verifications.give(
        session=open_for(user, desk), user=user, verdict=verdict, base_version=desk.version, **words
    )


def code(refused: pytest.ExceptionInfo[AnnotatorError]) -> str:
    return refused.value.code


@pytest.mark.parametrize(
    ("verdict", "state"),
    [("satisfactory", "accepted"), ("unsatisfactory", "refine"), ("rejected", "rejected")],
)
def test_a_verdict_leads_where_it_says_and_ends_the_session(
    desk: Desk, reviewer: User, verdict: str, state: str
) -> None:
    submit(desk)
    judged = judge(reviewer, desk, verdict, comment="Seen.")
    assert (judged["state"], judged["verdicts"][0]["verdict"]) == (state, verdict)
    assert judged["verdicts"][0]["reviewer"] == "reviewer"
    assert not Session.objects.filter(purpose="verify", state="open").exists()


def test_nobody_verifies_what_they_tracked(desk: Desk) -> None:
    submit(desk)
    Membership.objects.filter(user=desk.user).update(role="manager")
    with pytest.raises(NotAllowed) as refused:
        open_for(desk.user, desk)
    assert code(refused) == "own_work"


def test_a_project_of_one_may_relax_that(desk: Desk, project: Project) -> None:
    submit(desk)
    Membership.objects.filter(user=desk.user).update(role="owner")
    projects.edit(project=project, independent_review=False)
    assert judge(desk.user, desk, "satisfactory")["state"] == "accepted"


@pytest.mark.parametrize("comment", ["", "  \n"])
def test_an_unsatisfactory_verdict_says_what_is_wrong(desk: Desk, reviewer: User, comment: str) -> None:
    submit(desk)
    with pytest.raises(NotPossible) as refused:
        judge(reviewer, desk, "unsatisfactory", comment=comment)
    assert code(refused) == "says_nothing"
    assert not Verification.objects.exists()
    assert judge(reviewer, desk, "unsatisfactory", marks=[MARK])["state"] == "refine"


@pytest.mark.parametrize(
    "place", [{"frame_index": 3}, {"frame_index": 44}, {"x": -1.0}, {"x": 65.0}, {"y": None}, {"y": 49.0}]
)
def test_a_mark_outside_the_video_is_refused(desk: Desk, reviewer: User, place: dict[str, Any]) -> None:
    submit(desk)
    with pytest.raises(NotPossible):
        judge(reviewer, desk, "unsatisfactory", marks=[{**MARK, **place}])


@pytest.mark.parametrize("marks", [[MARK] * 501, [{**MARK, "text": "a" * 5001}]])
def test_no_verdict_carries_more_than_people_read(
    desk: Desk, reviewer: User, marks: list[dict[str, Any]]
) -> None:
    submit(desk)
    session = open_for(reviewer, desk)
    body = {"verdict": "rejected", "marks": marks, "base_version": desk.version}
    assert Http(reviewer)("POST", f"sessions/{session.pk}/verdict", **body).status_code == 400
    assert not Verification.objects.exists()


def test_a_masklet_sent_back_comes_with_its_marks_and_can_be_handed_in_again(
    desk: Desk, reviewer: User
) -> None:
    submit(desk)
    judge(reviewer, desk, "unsatisfactory", marks=[MARK])
    [verdict] = Http(desk.user)("GET", f"masklets/{desk.masklet}").json()["verdicts"]
    assert verdict["marks"] == [MARK]
    desk.draw(8, square(9))
    submit(desk)
    again = judge(reviewer, desk, "satisfactory")
    assert again["state"] == "accepted"
    assert [verdict["verdict"] for verdict in again["verdicts"]] == ["satisfactory", "unsatisfactory"]


@pytest.mark.parametrize("verdict", [None, "satisfactory", "rejected"])
def test_what_is_handed_in_or_judged_is_no_longer_changed(
    desk: Desk, reviewer: User, verdict: str | None
) -> None:
    submit(desk)
    if verdict:
        judge(reviewer, desk, verdict)
    acts = [
        lambda: desk.draw(8, square(9)),
        lambda: desk.mark(Change.Kind.CLEAR, 8),
        desk.undo,
        lambda: desk.propagate(0, whole=True),
        lambda: submit(desk),
        lambda: masklets.edit(
            session=desk.session, masklet_id=desk.masklet, base_version=desk.version, name="Other"
        ),
        lambda: masklets.delete(session=desk.session, masklet_id=desk.masklet, base_version=desk.version),
    ]
    before = shapes.masklet(desk.masklet)
    for act in acts:
        with pytest.raises(IllegalTransition):
            act()
    assert shapes.masklet(desk.masklet) == before


def test_a_verdict_on_another_version_is_refused(desk: Desk, reviewer: User) -> None:
    submit(desk)
    session = open_for(reviewer, desk)
    with pytest.raises(Conflict) as refused:
        verifications.give(
            session=session, user=reviewer, verdict="satisfactory", base_version=desk.version - 1
        )
    assert code(refused) == "stale_version"
    assert refused.value.data["masklet"]["state"] == "submitted"


def test_only_what_is_handed_in_is_verified(desk: Desk, reviewer: User) -> None:
    with pytest.raises(IllegalTransition):
        open_for(reviewer, desk)


def test_the_queue_shows_the_oldest_first_and_who_holds_what(
    desk: Desk, reviewer: User, project: Project
) -> None:
    submit(desk)
    later = Desk(desk.user, make_video(project, desk.user))
    later.mark(Change.Kind.ABSENT, *range(4, 41, 4))
    later.draw(0, square(5))
    submit(later)
    open_for(reviewer, desk)
    queue = Http(reviewer)("GET", "projects/street/reviews").json()["results"]
    assert [item["masklet"]["id"] for item in queue] == [desk.masklet, later.masklet]
    assert [item["held_by"] and item["held_by"]["username"] for item in queue] == ["reviewer", None]
    assert not queue[0]["own_work"]
    Membership.objects.filter(user=desk.user).update(role="manager")
    assert Http(desk.user)("GET", "projects/street/reviews").json()["results"][0]["own_work"]


def test_frames_that_nobody_looked_at_are_named_when_submitting(desk: Desk) -> None:
    desk.mark(Change.Kind.CLEAR, 8, 12, 24)
    body = {"masklets": [{"id": desk.masklet, "base_version": desk.version}]}
    refused = Http(desk.user)("POST", f"sessions/{desk.session.pk}/submit", body)
    assert (refused.status_code, refused.json()["code"]) == (422, "unknown_frames")
    assert refused.json()["ranges"] == [[8, 12], [24, 24]]


def test_an_object_that_is_never_visible_is_not_submitted(desk: Desk) -> None:
    desk.mark(Change.Kind.ABSENT, *range(0, 41, 4))
    with pytest.raises(NotPossible) as refused:
        submit(desk)
    assert code(refused) == "empty_masklet"


def test_a_masklet_is_not_submitted_while_the_model_owes_it_a_mask(desk: Desk) -> None:
    late = desk.click(8)["change"]["id"]
    with pytest.raises(Conflict) as refused:
        submit(desk)
    assert code(refused) == "awaiting_model"
    desk.answer(late, 8, square(30))
    submit(desk)
    assert masks.by_frame(desk.masklet)[8].counts == square(30)


def test_nobody_waits_for_the_mask_of_a_click_that_was_drawn_over(desk: Desk) -> None:
    desk.click(8)
    desk.draw(8, square(30))
    submit(desk)
    assert shapes.masklet(desk.masklet)["state"] == "submitted"


def test_all_or_none_are_submitted(desk: Desk) -> None:
    empty = masklets.create(session=desk.session, user=desk.user)
    with pytest.raises(NotPossible):
        masklets.submit(
            session=desk.session, user=desk.user, wanted={desk.masklet: desk.version, empty["id"]: 0}
        )
    assert shapes.masklet(desk.masklet)["state"] == "in_work"


def test_a_lapsed_hold_is_taken_up_by_another_and_the_work_is_there(desk: Desk, project: Project) -> None:
    other = make_member(project, "annotator", "second")
    with pytest.raises(Conflict) as refused:
        sessions.open_for_annotating(user=other, video=desk.video)
    assert (code(refused), refused.value.data["held_by"]) == ("held", "annotator")
    Session.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    taken = Desk.__new__(Desk)
    taken.user, taken.video, taken.masklet = other, desk.video, desk.masklet
    taken.session = sessions.open_for_annotating(user=other, video=desk.video)
    taken.draw(8, square(20))
    assert len(taken.states()) == 11
    lost = Http(desk.user)("POST", f"sessions/{desk.session.pk}/heartbeat")
    assert (lost.status_code, lost.json()["code"]) == (409, "session_closed")
    write = {"base_version": desk.version}
    undo = Http(desk.user)("POST", f"sessions/{desk.session.pk}/masklets/{desk.masklet}/undo", write)
    assert (undo.status_code, undo.json()["code"]) == (409, "session_closed")


def test_a_lapsed_hold_that_nobody_took_goes_on(desk: Desk) -> None:
    Session.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    assert sessions.heartbeat(session_id=desk.session.pk, user=desk.user) > timezone.now()
    assert sessions.open_for_annotating(user=desk.user, video=desk.video).pk == desk.session.pk


def test_a_project_keeps_an_owner(owner: User, project: Project) -> None:
    http = Http(owner)
    for refused in (
        http("PUT", "projects/street/members/owner", {"role": "annotator"}),
        http("DELETE", "projects/street/members/owner"),
    ):
        assert (refused.status_code, refused.json()["code"]) == (409, "last_owner")
    make_member(project, "owner", "second")
    assert http("DELETE", "projects/street/members/owner").status_code == 204


def test_deleting_and_restoring_a_masklet_changes_nothing_else(desk: Desk) -> None:
    before = desk.states()
    masklets.delete(session=desk.session, masklet_id=desk.masklet, base_version=desk.version)
    with pytest.raises(AnnotatorError):
        desk.draw(8, square(9))
    restored = masklets.restore(session=desk.session, masklet_id=desk.masklet)
    assert (restored["deleted"], desk.states()) == (False, before)
    assert changes.undo(
        session=desk.session, user=desk.user, masklet_id=desk.masklet, base_version=restored["version"]
    )


def test_the_queue_is_read_by_kind_and_in_the_order_that_is_asked_for(
    desk: Desk, reviewer: User, project: Project
) -> None:
    submit(desk)
    audited = Desk(desk.user, make_video(project, desk.user))
    Masklet.objects.filter(pk=audited.masklet).update(
        state="accepted", tracked_by=desk.user, submitted_at=timezone.now(), suspicion=0.9
    )
    masklet = Masklet.objects.get(pk=audited.masklet)
    tasks.add(kind="audit", video=masklet.video, masklet=masklet, priority=5)

    def queue(query: str) -> list[tuple[str, int]]:
        rows = Http(reviewer)("GET", f"projects/street/reviews?{query}").json()["results"]
        return [(row["kind"], row["masklet"]["id"]) for row in rows]

    verify, audit = ("verify", desk.masklet), ("audit", audited.masklet)
    assert queue("") == queue("order=oldest") == [verify, audit]
    assert queue("order=priority") == queue("order=suspicion") == [audit, verify]
    assert queue("kind=audit") == [audit]
    assert queue("kind=decide") == []


def test_what_a_reviewer_put_on_hold_is_in_the_queue_and_theirs(desk: Desk, reviewer: User) -> None:
    submit(desk)
    task = open_for(reviewer, desk).task
    assert task is not None
    claims.hold(task=task, user=reviewer, reason="I ask the manager first.")
    [row] = Http(reviewer)("GET", "projects/street/reviews").json()["results"]
    assert (row["state"], row["held_by"]) == ("on_hold", {"username": "reviewer", "until": None})
