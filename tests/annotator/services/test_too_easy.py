"""Masklets that needed fewer edited frames than the project keeps."""

from __future__ import annotations

import pytest

from annotator.models import Project, User
from tests.annotator.services.test_tasks import judge, select_one, track, waiting
from tests.factories import make_member

pytestmark = pytest.mark.django_db


@pytest.fixture
def selector(project: Project) -> User:
    return make_member(project, "annotator", "selector")


def test_what_needed_too_few_edited_frames_is_set_aside_as_too_easy(
    project: Project, annotator: User, selector: User
) -> None:
    project.min_edited_frames = 20
    project.save()
    masklet = select_one(project, selector)
    track(masklet, annotator)
    masklet.refresh_from_db()
    assert (masklet.state, masklet.set_aside, waiting(masklet)) == ("set_aside", "too_easy", [])


def test_what_was_sent_back_is_not_too_easy_whatever_is_asked_by_then(
    project: Project, annotator: User, selector: User, reviewer: User
) -> None:
    masklet = select_one(project, selector)
    track(masklet, annotator)
    judge(masklet, reviewer, "unsatisfactory")
    project.min_edited_frames = 20
    project.save()
    track(masklet, annotator, edited=2)
    masklet.refresh_from_db()
    assert (masklet.state, waiting(masklet)) == ("submitted", ["verify"])
