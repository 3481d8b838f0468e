"""People whose place in a project changed, or who reach past what a session gives them."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from annotator.models import Masklet, Membership, Project
from tests.annotator.api.http import Http
from tests.annotator.api.world import World, make_world
from tests.factories import make_user

POINT = {"kind": "point", "x": 5, "y": 5, "positive": True}


@pytest.fixture
def world(db: None, monkeypatch: pytest.MonkeyPatch) -> World:
    # A stream gives its database connection back, which here is the one that the test rolls back.
    monkeypatch.setattr("annotator.api.events.connections", SimpleNamespace(close_all=lambda: None))
    return make_world()


def test_staff_make_projects_and_own_them(db: None) -> None:
    staff = make_user("staff")
    staff.is_staff = True
    staff.save()
    made = Http(staff)("POST", "projects", {"name": "Another place"})
    assert made.status_code == 201
    assert (made.json()["slug"], made.json()["role"]) == ("another-place", "owner")


def test_staff_that_are_in_no_project_are_strangers_to_it(project: Project) -> None:
    staff = make_user("staff")
    staff.is_staff = staff.is_superuser = True
    staff.save()
    assert Http(staff)("GET", "projects/street").status_code == 404


def test_somebody_taken_out_of_the_project_can_no_longer_work_under_their_session(world: World) -> None:
    Membership.objects.filter(user=world["cast"]["annotator"]).delete()
    gone = Http(world["cast"]["annotator"])
    path = f"sessions/{world['session_id']}"
    prompts = {"frame_index": 4, "prompts": [POINT], "base_version": world["version"]}
    assert gone("POST", f"{path}/masklets/{world['masklet_id']}/prompts", prompts).status_code == 404
    assert gone("POST", f"{path}/heartbeat").status_code == 404
    assert gone("GET", f"{path}/events").status_code == 404


def test_an_annotator_made_reviewer_can_no_longer_label(world: World) -> None:
    Membership.objects.filter(user=world["cast"]["annotator"]).update(role="reviewer")
    asked = Http(world["cast"]["annotator"])("POST", f"sessions/{world['session_id']}/masklets", {})
    assert (asked.status_code, asked.json()["code"]) == (403, "not_allowed")


@pytest.mark.parametrize("act", ["submit", "masklets", "propagations"])
def test_a_session_for_verifying_changes_nothing(world: World, act: str) -> None:
    chosen = [{"id": world["masklet_id"], "base_version": world["version"]}]
    body = {"masklets": chosen, "start_frame": 0, "direction": "forward"}
    asked = Http(world["cast"]["reviewer"])("POST", f"sessions/{world['verify_id']}/{act}", body)
    assert (asked.status_code, asked.json()["code"]) == (400, "wrong_purpose")


def test_a_session_for_annotating_gives_no_verdict(world: World) -> None:
    body = {"verdict": "satisfactory", "base_version": world["version"]}
    asked = Http(world["cast"]["annotator"])("POST", f"sessions/{world['session_id']}/verdict", body)
    assert (asked.status_code, asked.json()["code"]) == (409, "wrong_purpose")


def test_a_masklet_of_another_video_cannot_be_changed_under_a_session(world: World) -> None:
    other = Masklet.objects.get(pk=world["submitted_id"])
    Masklet.objects.filter(pk=other.pk).update(state="in_work")
    body = {"frame_index": 4, "prompts": [POINT], "base_version": other.version}
    path = f"sessions/{world['session_id']}/masklets/{other.pk}/prompts"
    assert Http(world["cast"]["annotator"])("POST", path, body).status_code == 404
