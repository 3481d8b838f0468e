"""The protocol of a project: who changes it, what it may be, and who sees it."""

from __future__ import annotations

import pytest

from annotator.models import Membership, Project, User
from annotator.shapes.projects import PROTOCOL
from tests.annotator.api.http import Http
from tests.factories import make_member, make_user, make_video

pytestmark = pytest.mark.django_db

CHANGED = {
    "phase": 2,
    "tools": ["point", "brush"],
    "pull_only": True,
    "min_edited_frames": 2,
    "coverage": "refuse",
    "audit_share": 0.1,
    "consensus_share": 0.05,
    "gold_share": 0.02,
    "auto_refine_share": 0.3,
    "auto_min_iou": 0.7,
    "auto_min_stability": 0.9,
    "auto_most": 12,
    "promotion_tasks": 8,
    "promotion_score": 0.8,
    "verifier_threshold": 0.95,
    "verifier_audit_share": 0.1,
    "suspicious_first": True,
}


@pytest.fixture
def manager(project: Project) -> Http:
    return Http(make_member(project, "manager"))


def test_a_manager_changes_every_part_of_the_protocol_and_everybody_reads_it(
    manager: Http, project: Project
) -> None:
    assert set(CHANGED) == set(PROTOCOL)
    assert manager("PATCH", "projects/street", CHANGED).status_code == 200
    read = Http(make_member(project, "reviewer"))("GET", "projects/street").json()
    assert {name: read[name] for name in PROTOCOL} == CHANGED


def test_a_manager_changes_nothing_else_of_the_project(manager: Http, project: Project) -> None:
    for body in ({"name": "Mine"}, {"phase": 1, "independent_review": False}):
        assert manager("PATCH", "projects/street", body).status_code == 403
    project.refresh_from_db()
    assert (project.name, project.phase, project.independent_review) == ("Street", 3, True)


@pytest.mark.parametrize("role", ["annotator", "reviewer"])
def test_people_who_work_do_not_change_what_they_work_by(project: Project, role: str) -> None:
    assert Http(make_member(project, role))("PATCH", "projects/street", {"phase": 1}).status_code == 403


@pytest.mark.parametrize(
    ("field", "value", "says"),
    [
        ("phase", 4, "phase 1, 2 or 3"),
        ("tools", [], "at least one tool"),
        ("tools", ["lasso"], "not a valid choice"),
        ("audit_share", 1.2, "between 0% and 100%"),
        ("gold_share", "nan", "between 0% and 100%"),
        ("consensus_share", "many", "between 0% and 100%"),
        ("verifier_threshold", 0.4, "between 50% and 100%"),
        ("min_edited_frames", -1, "greater than or equal to 0"),
        ("promotion_tasks", 0, "greater than or equal to 1"),
        ("coverage", "maybe", "not a valid choice"),
        ("auto_min_iou", -0.1, "between 0% and 100%"),
        ("auto_min_stability", "nan", "between 0% and 100%"),
        ("auto_most", 0, "greater than or equal to 1"),
        ("auto_most", 101, "less than or equal to 100"),
    ],
)
def test_what_cannot_be_is_refused_at_its_field(
    manager: Http, project: Project, field: str, value: object, says: str
) -> None:
    answer = manager("PATCH", "projects/street", {field: value})
    assert answer.status_code == 400
    assert says in str(answer.json()["fields"][field])


def test_the_verifier_model_never_accepts_alone_without_a_share_for_people(
    manager: Http, project: Project
) -> None:
    assert manager("PATCH", "projects/street", {"verifier_audit_share": 0}).status_code == 200
    refused = manager("PATCH", "projects/street", {"verifier_threshold": 0.9})
    assert (refused.status_code, [*refused.json()["fields"]]) == (400, ["verifier_audit_share"])
    both = {"verifier_threshold": 0.9, "verifier_audit_share": 0.2}
    assert manager("PATCH", "projects/street", both).status_code == 200
    assert manager("PATCH", "projects/street", {"verifier_threshold": None}).status_code == 200


def test_a_manager_sets_queue_and_skills_but_not_roles(
    manager: Http, project: Project, annotator: User
) -> None:
    path = f"projects/street/members/{annotator.username}"
    changed = manager("PUT", path, {"queue": "training", "skills": ["hands", " faces ", "hands"]})
    assert changed.json() == {
        "user": {"id": annotator.pk, "username": annotator.username},
        "role": "annotator",
        "queue": "training",
        "skills": ["faces", "hands"],
    }
    assert manager("PUT", path, {"role": "owner"}).status_code == 403
    assert Membership.objects.get(user=annotator).role == "annotator"


def test_a_new_member_needs_a_role(manager: Http, project: Project) -> None:
    make_user("newcomer")
    answer = manager("PUT", "projects/street/members/newcomer", {"queue": "training"})
    assert (answer.status_code, answer.json()["code"]) == (422, "no_role")


def test_an_owner_who_changes_a_role_leaves_queue_and_skills(project: Project, annotator: User) -> None:
    Membership.objects.filter(user=annotator).update(queue="training", skills=["hands"])
    owner = Http(make_member(project, "owner"))
    changed = owner("PUT", f"projects/street/members/{annotator.username}", {"role": "manager"}).json()
    assert (changed["role"], changed["queue"], changed["skills"]) == ("manager", "training", ["hands"])


def test_whoever_becomes_a_reviewer_is_served_from_production_and_sent_to_no_training(
    manager: Http, project: Project, annotator: User
) -> None:
    Membership.objects.filter(user=annotator).update(queue="training")
    owner, path = Http(make_member(project, "owner")), f"projects/street/members/{annotator.username}"
    assert owner("PUT", path, {"role": "reviewer"}).json()["queue"] == "production"
    assert manager("PUT", path, {"queue": "training"}).json()["queue"] == "production"
    answer = manager("DELETE", f"{path}/promotion")
    assert (answer.status_code, answer.json()["code"]) == (422, "does_not_train")


def test_the_page_of_work_is_told_what_it_may_show(project: Project, annotator: User) -> None:
    Project.objects.update(phase=1, tools=["brush"], min_edited_frames=2)
    video = make_video(project, annotator)
    snapshot = Http(annotator)("POST", f"videos/{video.pk}/sessions").json()
    assert snapshot["protocol"] == {
        "phase": 1,
        "tools": ["brush"],
        "coverage": "off",
        "min_edited_frames": 2,
        "propagate": False,
    }
