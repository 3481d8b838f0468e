"""Every route and method, for everybody: who may, who may not, and who is not to learn that it exists."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction
from django.urls import URLPattern

from annotator import storage
from annotator.api.errors import unknown_address
from annotator.api.events import session_events
from annotator.api.urls import urlpatterns
from annotator.models import (
    ApiToken,
    Export,
    FrameTable,
    Masklet,
    Membership,
    Project,
    Session,
    Upload,
    User,
    Video,
)
from annotator.services import masklets, sessions, users
from tests.annotator.api.http import Http
from tests.annotator.desk import Desk, square
from tests.factories import PASSWORD, make_member, make_project, make_user, make_video

METHODS = ("GET", "POST", "PATCH", "PUT", "DELETE")
ROLES = ("annotator", "reviewer", "manager", "owner")
PEOPLE = ("anonymous", "stranger", *ROLES)

World = dict[str, Any]


@dataclass(frozen=True)
class Rule:
    """Who gets which status. Those not named: a member 403, a stranger 404, somebody not signed in 401."""

    statuses: dict[str, int]
    body: Any = None
    swap: dict[str, str] = field(default_factory=dict)
    before: Callable[[World], object] | None = None
    raw: bool = False

    def expected(self, who: str) -> int:
        return self.statuses.get(who, {"anonymous": 401, "stranger": 404}.get(who, 403))


def only(status: int, *who: str, **more: Any) -> Rule:
    return Rule(dict.fromkeys(who, status), **more)


def member(status: int = 200, **more: Any) -> Rule:
    return only(status, *ROLES, **more)


def everyone(status: int, **more: Any) -> Rule:
    return only(status, "stranger", *ROLES, **more)


def its(who: str, status: int = 200, **more: Any) -> Rule:
    """For one person only; to all others it is not there."""
    return Rule({**dict.fromkeys(ROLES, 404), who: status}, **more)


def refuse(world: World) -> None:
    Video.objects.filter(pk=world["video_id"]).update(state="refused", source_key="sources/1.mp4")


def delete_masklet(world: World) -> None:
    Masklet.objects.filter(pk=world["masklet_id"]).update(deleted_at=world["now"])


def close_verify(world: World) -> None:
    Session.objects.filter(pk=world["verify_id"]).update(state="closed")


def base(**more: Any) -> Callable[[World], dict[str, Any]]:
    return lambda world: {"base_version": world["version"], **more}


def chosen(**more: Any) -> Callable[[World], dict[str, Any]]:
    return lambda world: {
        "masklets": [{"id": world["masklet_id"], "base_version": world["version"]}],
        **more,
    }


P, V, S = "projects/<slug:slug>", "videos/<int:video_id>", "sessions/<int:session_id>"
M = f"{S}/masklets/<int:masklet_id>"
SUBMITTED = {"masklet_id": "submitted_id"}
POINT = {"kind": "point", "x": 5, "y": 5, "positive": True}

TABLE: dict[tuple[str, str], Rule] = {
    ("POST", "auth/token"): Rule(
        dict.fromkeys(PEOPLE, 201), {"username": "stranger", "password": PASSWORD, "name": "laptop"}
    ),
    ("POST", "people"): everyone(403, body={"username": "newcomer", "password": PASSWORD}),
    ("GET", "me"): everyone(200),
    ("POST", "me/tokens"): everyone(201, body={"name": "laptop"}),
    ("DELETE", "me/tokens/<int:token_id>"): its("annotator", 204),
    ("GET", "projects"): everyone(200),
    ("POST", "projects"): Rule({"stranger": 403}, {"name": "Another"}),
    ("GET", P): member(),
    ("PATCH", P): only(200, "owner", body={"name": "Street scenes"}),
    ("GET", f"{P}/members"): only(200, "manager", "owner"),
    ("PUT", f"{P}/members/<str:username>"): only(200, "owner", body={"role": "reviewer"}),
    ("DELETE", f"{P}/members/<str:username>"): only(204, "owner"),
    ("POST", f"{P}/uploads"): only(201, "manager", "owner", body={"filename": "a.mp4", "size": 5}),
    ("GET", f"{P}/videos"): member(),
    ("GET", f"{P}/reviews"): only(200, "reviewer", "manager", "owner"),
    ("GET", f"{P}/work"): only(200, "annotator", "manager", "owner"),
    ("GET", f"{P}/exports"): only(200, "manager", "owner"),
    ("POST", f"{P}/exports"): only(201, "manager", "owner", body={"format": "sav"}),
    ("GET", "uploads/<uuid:upload_id>"): its("manager"),
    ("PATCH", "uploads/<uuid:upload_id>"): its("manager", body=b"abc", raw=True),
    ("DELETE", "uploads/<uuid:upload_id>"): its("manager", 204),
    ("GET", V): member(),
    ("PATCH", V): only(200, "manager", "owner", body={"country": "Iceland"}),
    ("DELETE", V): only(204, "owner"),
    ("POST", f"{V}/ingest"): only(200, "manager", "owner", before=refuse),
    ("GET", f"{V}/masklets"): member(),
    ("GET", f"{V}/frame-table"): member(),
    ("GET", f"{V}/frames/<int:frame_index>.jpg"): member(),
    ("GET", f"{V}/poster.jpg"): member(),
    ("GET", f"{V}/filmstrip.jpg"): member(),
    ("GET", f"{V}/working.mp4"): member(),
    ("POST", f"{V}/sessions"): only(201, "annotator", "manager", "owner"),
    ("GET", "masklets/<int:masklet_id>"): member(),
    ("GET", "masklets/<int:masklet_id>/masks"): member(),
    ("POST", "masklets/<int:masklet_id>/sessions"): only(
        201, "reviewer", "manager", "owner", swap=SUBMITTED, before=close_verify
    ),
    ("GET", S): its("annotator"),
    ("GET", f"{S}/events"): its("annotator"),
    ("POST", f"{S}/heartbeat"): its("annotator"),
    ("POST", f"{S}/close"): its("annotator", 204),
    ("POST", f"{S}/submit"): its("annotator", body=chosen()),
    ("POST", f"{S}/verdict"): its(
        "reviewer",
        body=lambda world: {"verdict": "satisfactory", "base_version": world["submitted_version"]},
        swap={"session_id": "verify_id"},
    ),
    ("POST", f"{S}/masklets"): its("annotator", 201, body={}),
    ("PATCH", M): its("annotator", body=base(name="Left hand")),
    ("DELETE", M): its("annotator", body=base()),
    ("POST", f"{M}/restore"): its("annotator", before=delete_masklet),
    ("POST", f"{M}/prompts"): its("annotator", 201, body=base(frame_index=4, prompts=[POINT])),
    ("POST", f"{M}/prompts/<int:prompt_id>/remove"): its("annotator", body=base()),
    ("POST", f"{M}/accept"): its("annotator", body=base(frames=[0])),
    ("POST", f"{M}/absent"): its("annotator", body=base(first=4, last=8)),
    ("POST", f"{M}/clear"): its("annotator", body=base(frames=[0])),
    ("POST", f"{M}/undo"): its("annotator", body=base()),
    ("POST", f"{M}/redo"): its("annotator", 409, body=base()),
    ("POST", f"{S}/propagations"): its("annotator", 201, body=chosen(start_frame=0, direction="forward")),
    ("POST", f"{S}/propagations/<int:propagation_id>/stop"): its("annotator"),
    ("GET", "exports/<int:export_id>"): only(200, "manager", "owner"),
    ("GET", "exports/<int:export_id>/download"): only(200, "manager", "owner"),
}


def store(key: str, content: bytes) -> str:
    storage.remove(key)
    return default_storage.save(key, ContentFile(content))


def with_files(video: Video) -> Video:
    for key in (storage.working_key, storage.frames_key, storage.poster_key, storage.filmstrip_key):
        store(key(video), b"abc")
    count = len(video.annotated_indices)
    FrameTable.objects.create(
        video=video, time_base_num=1, time_base_den=24, source_pts=[0], jpeg_offsets=[0] * count,
        jpeg_lengths=[3] * count, jpeg_sha256=["0" * 64] * count,
    )  # fmt: skip
    return video


@pytest.fixture
def world(db: None, monkeypatch: pytest.MonkeyPatch) -> World:
    """A project with its cast, and one of each thing that a route may name."""
    # A stream gives its database connection back, which here is the one that the test rolls back.
    monkeypatch.setattr("annotator.api.events.connections", SimpleNamespace(close_all=lambda: None))
    project = make_project()
    cast = {role: make_member(project, role) for role in ROLES}
    cast["stranger"] = make_user("stranger")
    tracked, submitted = filled(cast["annotator"], project), filled(cast["annotator"], project)
    masklets.submit(
        session=submitted.session, user=submitted.user, wanted={submitted.masklet: submitted.version}
    )
    verify = sessions.open_for_verifying(
        user=cast["reviewer"], masklet=Masklet.objects.get(pk=submitted.masklet)
    )
    propagation = tracked.propagate(0, last=0 + 4)
    tracked.fill(propagation, [4], 6, state="finished")
    prompt = tracked.draw(0, square(6))["prompts"][0]["id"]
    export = Export.objects.create(
        project=project, format="sav", archive_key=store(f"exports/{uuid.uuid4()}.zip", b"abc")
    )
    users.make_token(user=cast["annotator"], name="laptop")
    return {
        "cast": cast, "slug": project.slug, "username": "annotator", "frame_index": 0,
        "video_id": with_files(make_video(project, cast["manager"])).pk,
        "session_id": tracked.session.pk, "masklet_id": tracked.masklet, "version": tracked.version,
        "submitted_id": submitted.masklet, "submitted_version": submitted.version, "verify_id": verify.pk,
        "prompt_id": prompt, "propagation_id": propagation.pk, "export_id": export.pk,
        "upload_id": Upload.objects.create(
            project=project, created_by=cast["manager"], filename="a.mp4", size=5
        ).pk,
        "token_id": ApiToken.objects.get().pk, "now": export.created_at,
    }  # fmt: skip


def filled(user: User, project: Project) -> Desk:
    """An annotator's masklet with a mask on every frame of a video of its own, not yet handed in."""
    desk = Desk(user, make_video(project, user))
    desk.draw(0, square(5))
    desk.fill(desk.propagate(0), list(range(4, 41, 4)), 5, state="finished")
    Masklet.objects.create(
        video=desk.video, number=9, name="done", state="accepted", created_by=user, tracked_by=user
    )
    return desk


@pytest.mark.parametrize(("method", "route"), TABLE, ids=[" ".join(key) for key in TABLE])
def test_each_route_lets_in_exactly_those_it_is_for(world: World, method: str, route: str) -> None:
    rule = TABLE[method, route]
    if rule.before:
        rule.before(world)
    found, expected = {}, {}
    for who in PEOPLE:
        # What the one did must not be there for the next.
        with transaction.atomic():
            found[who] = ask(world, who, method, route, rule)
            transaction.set_rollback(True)
        expected[who] = rule.expected(who)
    assert found == expected


def ask(world: World, who: str, method: str, route: str, rule: Rule) -> int:
    def named(match: re.Match[str]) -> str:
        return str(world[rule.swap.get(match[1], match[1])])

    path = re.sub(r"<\w+:(\w+)>", named, route)
    body = rule.body(world) if callable(rule.body) else rule.body
    kind = "application/offset+octet-stream" if rule.raw else "application/json"
    answer = Http(world["cast"].get(who))(method, path, body, content_type=kind, upload_offset="0")
    if answer.status_code >= 400:
        assert set(answer.json()) >= {"code", "message"}
    return answer.status_code


def test_the_table_names_every_route_and_method() -> None:
    assert set(TABLE) == {(method, str(route.pattern)) for route in routes() for method in methods(route)}


def routes() -> list[URLPattern]:
    return [route for route in urlpatterns if route.callback is not unknown_address]


def methods(route: URLPattern) -> list[str]:
    if route.callback is session_events:
        return ["GET"]
    view = route.callback.view_class  # type: ignore[attr-defined]
    return [method for method in METHODS if hasattr(view, method.lower())]


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
    body = {**chosen()(world), "start_frame": 0, "direction": "forward"}
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
