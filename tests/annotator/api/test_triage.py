"""What triage measured and what the verifier model said, over HTTP."""

from __future__ import annotations

import pytest

from annotator.models import Masklet, Project, User, VerifierModel, VerifierVote
from annotator.services import claims, masklets
from tests.annotator.api.http import Http
from tests.annotator.desk import Desk, square
from tests.factories import make_member, make_video

REPORT = {"verdicts": 40, "satisfactory": 20, "brier": 0.1}


@pytest.fixture
def desk(annotator: User, project: Project) -> Desk:
    """A masklet that a pass lost on its last frame."""
    desk = Desk(annotator, make_video(project, annotator, frames=9))
    desk.draw(0, square(5))
    row = desk.propagate(0)
    desk.fill(row, [4], 5)
    desk.fill(row, [8], 45, state="finished")
    return desk


def test_signals_say_why_a_mask_is_suspected_and_leave_out_what_people_made(desk: Desk) -> None:
    calm, lost = Http(desk.user)("GET", f"masklets/{desk.masklet}/signals").json()
    assert (calm["frame_index"], calm["suspicion"], calm["why"]) == (4, 0, [])
    assert lost["frame_index"] == 8
    assert lost["why"] == ["jumped 5.0 times its size", "overlaps its neighbour by 0%"]
    assert lost["signals"]["temporal_iou"] == 0
    shown = {
        mask["frame_index"]: mask["suspicion"]
        for mask in Http(desk.user)("GET", f"masklets/{desk.masklet}/masks").json()
    }
    assert shown == {0: None, 4: 0, 8: lost["suspicion"]}


def test_votes_are_read_by_those_who_steer_and_by_reviewers_after_their_own_verdict(
    desk: Desk, reviewer: User, project: Project
) -> None:
    masklets.submit(session=desk.session, user=desk.user, wanted={desk.masklet: desk.version})
    masklet = Masklet.objects.get(pk=desk.masklet)
    model = VerifierModel.objects.create(project=project, trained_by=desk.user, weights={}, report=REPORT)
    VerifierVote.objects.create(model=model, masklet=masklet, version=masklet.version, probability=0.25)
    path, as_reviewer = f"masklets/{desk.masklet}/verifier-votes", Http(reviewer)
    assert as_reviewer("GET", path).json() == []
    [seen] = Http(make_member(project, "manager"))("GET", path).json()
    assert (seen["probability"], seen["version"]) == (0.25, masklet.version)
    session = claims.open_verifying(user=reviewer, masklet=masklet)
    verdict = {"verdict": "unsatisfactory", "comment": "Lost it.", "base_version": masklet.version}
    assert as_reviewer("POST", f"sessions/{session.pk}/verdict", verdict).status_code == 200
    assert [vote["probability"] for vote in as_reviewer("GET", path).json()] == [0.25]


def test_verifier_models_are_listed_newest_first_and_refused_where_there_is_nothing_to_learn_from(
    annotator: User, project: Project
) -> None:
    http = Http(make_member(project, "manager"))
    for _ in range(2):
        VerifierModel.objects.create(project=project, trained_by=annotator, weights={}, report=REPORT)
    found = http("GET", "projects/street/verifier-models").json()["results"]
    assert [row["id"] for row in found] == sorted((row["id"] for row in found), reverse=True)
    assert (found[0]["trained_by"], found[0]["report"]) == ("annotator", REPORT)
    refused = http("POST", "projects/street/verifier-models")
    assert (refused.status_code, refused.json()["code"]) == (422, "too_few_verdicts")
