from __future__ import annotations

import pytest

from annotator.errors import NotAllowed
from annotator.models import Masklet, Project, Session, User
from annotator.services import claims, routing
from annotator.shapes import sessions as shapes
from tests.annotator.services.test_history import Desk, square
from tests.factories import make_member, make_video


@pytest.mark.django_db
def test_whoever_drew_a_part_of_a_masklet_does_not_verify_it_although_another_handed_it_in(
    project: Project,
) -> None:
    helper, tracker = make_member(project, "manager", "helper"), make_member(project, "annotator", "tracker")
    desk = Desk(helper, make_video(project, helper))
    desk.draw(0, square(5))
    Masklet.objects.update(state="submitted", tracked_by=tracker, submitted_at="2026-01-01T00:00Z")
    masklet = Masklet.objects.select_related("video__project").get()
    routing.after_submit(masklet, tracker)
    with pytest.raises(NotAllowed) as refused:
        claims.open_verifying(user=helper, masklet=masklet)
    assert refused.value.code == "own_work"


@pytest.mark.django_db
def test_a_project_of_one_person_may_let_them_verify_their_own_work(project: Project) -> None:
    alone: User = make_member(project, "owner")
    desk = Desk(alone, make_video(project, alone))
    desk.draw(0, square(5))
    project.independent_review = False
    project.save()
    Masklet.objects.update(state="submitted", tracked_by=alone, submitted_at="2026-01-01T00:00Z")
    masklet = Masklet.objects.select_related("video__project").get()
    routing.after_submit(masklet, alone)
    session = claims.open_verifying(user=alone, masklet=masklet)
    assert session.purpose == Session.Purpose.VERIFY
    assert [item["id"] for item in shapes.snapshot(session, "")["masklets"]] == [masklet.pk]
