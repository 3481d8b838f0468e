"""What people looked at: counted within the time that has passed, and asked for by a verdict."""

from __future__ import annotations

import csv
import io
from datetime import timedelta

import pytest
from django.utils import timezone

from annotator.errors import NotPossible, NotThere
from annotator.models import Attention, Masklet, Project, Session, User, Verification
from annotator.services import attention, claims, masklets, sessions, tasks, verifications
from tests.annotator.api.http import Http
from tests.annotator.desk import Desk, square
from tests.annotator.pairs import deciding, make_pair
from tests.factories import make_member, make_video

FRAMES = range(0, 41, 4)


@pytest.fixture
def desk(annotator: User, project: Project) -> Desk:
    made = Desk(annotator, make_video(project, annotator))
    made.draw(0, square(5))
    made.fill(made.propagate(0), list(range(4, 41, 4)), 5, state="finished")
    return made


def began(session: Session, seconds: float) -> None:
    """Let the session have been opened so long ago."""
    Session.objects.filter(pk=session.pk).update(opened_at=timezone.now() - timedelta(seconds=seconds))


def look(session: Session, masklet: int | None, active_ms: int, shown: dict[int, int]) -> Attention:
    attention.add(
        session_id=session.pk, user=session.user, masklet_id=masklet, active_ms=active_ms, shown=shown
    )
    return Attention.objects.get(session=session, masklet=masklet)


def verifying(desk: Desk, reviewer: User, rule: str) -> Session:
    Project.objects.update(coverage=rule)
    masklets.submit(session=desk.session, user=desk.user, wanted={desk.masklet: desk.version})
    masklet = Masklet.objects.select_related("video__project").get(pk=desk.masklet)
    session = claims.open_verifying(user=reviewer, masklet=masklet)
    began(session, 60)
    return session


def judge(desk: Desk, session: Session, verdict: str = "satisfactory") -> Verification:
    held = sessions.held(session.pk, session.user)
    verifications.give(
        session=held, user=session.user, verdict=verdict, base_version=desk.version, comment="Seen."
    )
    return Verification.objects.filter(masklet=desk.masklet).latest("id")


def test_what_was_looked_at_adds_up(desk: Desk) -> None:
    began(desk.session, 60)
    look(desk.session, desk.masklet, 1000, {0: 500, 8: 100})
    row = look(desk.session, desk.masklet, 2000, {8: 50})
    assert (row.active_ms, row.shown_ms) == (3000, [500, 0, 150, *[0] * 8])
    assert look(desk.session, None, 400, {}).active_ms == 400


def test_a_session_never_claims_more_than_has_passed(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    now = timezone.now()
    monkeypatch.setattr(timezone, "now", lambda: now)
    began(desk.session, 10)
    look(desk.session, None, 6000, {0: 6000})
    row = look(desk.session, desk.masklet, 60_000, {0: 30_000, 4: 30_000})
    assert row.active_ms == 4000
    assert 3990 <= sum(row.shown_ms) <= 4000
    assert abs(row.shown_ms[0] - row.shown_ms[1]) <= 1


def test_under_a_task_time_counts_for_its_own_masklet_only(
    desk: Desk, project: Project, manager: User
) -> None:
    beside = masklets.create(session=desk.session, user=desk.user)["id"]
    sessions.close(session=desk.session)
    tracking = claims.claim(
        user=manager, task=tasks.make(project=project, by=manager, kind="track", masklet=desk.masklet)
    ).sessions.get()
    began(tracking, 60)
    with pytest.raises(NotThere):
        look(tracking, beside, 1000, {})
    assert look(tracking, desk.masklet, 1000, {}).active_ms == 1000


def test_in_a_selection_time_counts_for_what_was_begun_in_it(
    desk: Desk, project: Project, manager: User
) -> None:
    sessions.close(session=desk.session)
    task = claims.claim(user=manager, task=tasks.add(kind="select", video=desk.video))
    selecting = sessions.held(task.sessions.get().pk, manager)
    began(selecting, 60)
    begun = masklets.create(session=selecting, user=manager)["id"]
    assert look(selecting, begun, 1000, {}).active_ms == 1000
    attention.add(session_id=selecting.pk, user=manager, masklet_id=desk.masklet, active_ms=500, shown={})
    assert dict(Attention.objects.values_list("masklet", "active_ms")) == {begun: 1000, None: 500}


def test_whoever_decides_is_counted_on_both(project: Project, annotator: User, reviewer: User) -> None:
    pair = make_pair(project, annotator, make_member(project, "annotator", "other"))
    session = deciding(pair, reviewer).sessions.get()
    began(session, 60)
    for masklet in (pair.first_id, pair.second_id):
        assert look(session, masklet, 1000, {0: 500}).shown_ms[0] == 500


def test_what_is_sent_while_the_page_goes_away_still_counts(desk: Desk) -> None:
    began(desk.session, 60)
    sessions.close(session=desk.session)
    assert look(desk.session, desk.masklet, 500, {}).active_ms == 500
    Session.objects.filter(pk=desk.session.pk).update(closed_at=timezone.now() - timedelta(minutes=2))
    with pytest.raises(NotThere):
        look(desk.session, desk.masklet, 500, {})


def test_a_frame_without_masks_and_a_masklet_of_another_video_are_refused(
    desk: Desk, annotator: User, project: Project
) -> None:
    with pytest.raises(NotPossible) as refused:
        look(desk.session, desk.masklet, 0, {3: 10})
    assert refused.value.code == "not_annotated"
    elsewhere = Desk(annotator, make_video(project, annotator))
    with pytest.raises(NotThere):
        look(desk.session, elsewhere.masklet, 0, {})


def test_a_verdict_waits_until_every_frame_was_shown(desk: Desk, reviewer: User) -> None:
    session = verifying(desk, reviewer, "refuse")
    look(session, desk.masklet, 1000, {frame: 40 for frame in FRAMES if frame not in (8, 12, 40)} | {12: 39})
    with pytest.raises(NotPossible) as refused:
        judge(desk, session)
    assert (refused.value.code, refused.value.data["ranges"]) == ("not_all_seen", [[8, 12], [40, 40]])
    look(session, desk.masklet, 1000, {8: 40, 12: 1, 40: 400})
    assert judge(desk, session).unseen_frames == 0


def test_what_somebody_else_saw_is_not_seen_by_the_reviewer(desk: Desk, reviewer: User) -> None:
    began(desk.session, 60)
    look(desk.session, desk.masklet, 1000, dict.fromkeys(FRAMES, 100))
    with pytest.raises(NotPossible):
        judge(desk, verifying(desk, reviewer, "refuse"))


def test_what_was_seen_before_a_hold_was_lost_counts(desk: Desk, reviewer: User) -> None:
    session = verifying(desk, reviewer, "refuse")
    look(session, desk.masklet, 1000, dict.fromkeys(FRAMES, 100))
    assert session.task is not None
    claims.give_back(task=session.task, user=reviewer)
    again = claims.open_verifying(user=reviewer, masklet=Masklet.objects.get(pk=desk.masklet))
    assert again.pk != session.pk
    assert judge(desk, again).unseen_frames == 0


@pytest.mark.parametrize(("rule", "unseen"), [("mark", 10), ("off", None)])
def test_a_project_may_mark_such_verdicts_or_not_ask(
    desk: Desk, reviewer: User, rule: str, unseen: int | None
) -> None:
    session = verifying(desk, reviewer, rule)
    look(session, desk.masklet, 1000, {4: 100})
    judge(desk, session)
    [told] = Http(desk.user)("GET", f"masklets/{desk.masklet}").json()["verdicts"]
    assert told["unseen_frames"] == unseen


def test_of_two_rounds_by_one_reviewer_each_row_behind_a_number_tells_what_was_not_shown_in_it(
    desk: Desk, reviewer: User, manager: User
) -> None:
    first = verifying(desk, reviewer, "mark")
    judge(desk, first, "unsatisfactory")
    desk.draw(8, square(9))
    second = verifying(desk, reviewer, "mark")
    look(second, desk.masklet, 1000, dict.fromkeys(FRAMES, 50))
    judge(desk, second)
    http, rows = Http(manager), "projects/street/numbers/verdicts"
    assert [row["unseen_frames"] for row in http("GET", rows).json()["results"]] == [0, len(FRAMES)]
    marked = http("GET", f"{rows}?unseen=true").json()
    assert (marked["count"], [row["verdict"] for row in marked["results"]]) == (1, ["unsatisfactory"])
    table = b"".join(http("GET", f"{rows}?unseen=true&format=csv")).decode()
    assert [line["unseen_frames"] for line in csv.DictReader(io.StringIO(table))] == [str(len(FRAMES))]


def test_coverage_tells_annotators_from_reviewers(desk: Desk, reviewer: User) -> None:
    began(desk.session, 60)
    path = f"sessions/{desk.session.pk}/attention"
    sent = {"masklet": desk.masklet, "active_ms": 900, "shown": {"4": 300}}
    assert Http(desk.user)("POST", path, sent).status_code == 204
    look(verifying(desk, reviewer, "off"), desk.masklet, 10, {40: 7})
    found = Http(reviewer)("GET", f"masklets/{desk.masklet}/coverage").json()
    assert found == {
        "seen_ms": 40, "annotator_ms": [0, 300, *[0] * 9], "reviewer_ms": [*[0] * 10, 7]
    }  # fmt: skip


def test_a_frame_that_is_no_number_is_malformed(desk: Desk) -> None:
    answer = Http(desk.user)(
        "POST", f"sessions/{desk.session.pk}/attention", {"active_ms": 1, "shown": {"a": 1}}
    )
    assert answer.status_code == 400
