"""Every route and method, for everybody: who may, who may not, and who is not to learn that it exists."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import transaction
from django.test import override_settings
from django.urls import URLPattern

from annotator.api.errors import unknown_address
from annotator.api.events import session_events
from annotator.api.urls import urlpatterns
from annotator.models import (
    Masklet,
    Task,
    Video,
)
from annotator.services import claims
from tests.annotator.api.http import Http
from tests.annotator.api.world import ROLES, World, make_world
from tests.factories import PASSWORD

pytestmark = pytest.mark.django_db

METHODS = ("GET", "POST", "PATCH", "PUT", "DELETE")
PEOPLE = ("anonymous", "stranger", *ROLES)


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


def reject(world: World) -> None:
    rejected = {"state": "rejected", "submitted_at": world["now"], "tracked_by": world["cast"]["annotator"]}
    Masklet.objects.filter(pk=world["accepted_id"]).update(**rejected)


def close_verify(world: World) -> None:
    claims.give_back(task=Task.objects.get(pk=world["verify_task_id"]), user=world["cast"]["reviewer"])


def give_back(world: World) -> None:
    claims.give_back(task=Task.objects.get(pk=world["task_id"]), user=world["cast"]["annotator"])


def base(**more: Any) -> Callable[[World], dict[str, Any]]:
    return lambda world: {"base_version": world["version"], **more}


def chosen(**more: Any) -> Callable[[World], dict[str, Any]]:
    return lambda world: {
        "masklets": [{"id": world["masklet_id"], "base_version": world["version"]}],
        **more,
    }


P, V, S = "projects/<slug:slug>", "videos/<int:video_id>", "sessions/<int:session_id>"
T = "tasks/<int:task_id>"
SELECTING, EXHAUSTING = {"session_id": "selecting_id"}, {"session_id": "exhausting_id"}
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
    ("GET", "stopped"): everyone(200),
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
    ("GET", f"{P}/tasks"): only(200, "manager", "owner"),
    ("POST", f"{P}/tasks"): only(
        201, "manager", "owner", body=lambda world: {"kind": "select", "video": world["video_id"]}
    ),
    ("POST", f"{P}/tasks/next"): member(body={}),
    ("GET", f"{P}/tasks/mine"): member(),
    ("GET", T): only(200, "annotator", "manager", "owner"),
    ("PATCH", T): only(200, "manager", "owner", body={"priority": 3}),
    ("DELETE", T): only(204, "manager", "owner", before=give_back),
    ("POST", f"{T}/claim"): Rule({"annotator": 200, "manager": 409, "owner": 409}),
    ("POST", f"{T}/skip"): Rule({"annotator": 204, "manager": 409, "owner": 409}, {"reason": "too dark"}),
    ("POST", f"{T}/give-back"): Rule({"annotator": 204, "manager": 409, "owner": 409}),
    ("POST", f"{T}/hold"): Rule({"annotator": 200, "manager": 409, "owner": 409}, {"reason": "lunch"}),
    ("POST", f"{T}/release"): only(200, "manager", "owner"),
    ("GET", f"{P}/verifier-models"): only(200, "manager", "owner"),
    ("POST", f"{P}/verifier-models"): only(422, "manager", "owner"),  # there are no verdicts to learn from
    ("GET", f"{P}/auto-runs"): only(200, "manager", "owner"),
    ("POST", f"{P}/auto-runs"): only(201, "manager", "owner", body={}),
    ("POST", f"{P}/auto-runs/stop"): only(200, "manager", "owner"),
    ("GET", f"{P}/auto-state"): only(200, "manager", "owner"),
    ("GET", f"{P}/auto-videos"): only(200, "manager", "owner"),
    ("GET", f"{P}/auto-models"): only(200, "manager", "owner"),
    ("GET", f"{P}/auto-failures"): only(200, "manager", "owner"),
    ("GET", f"{P}/auto-failures.csv"): only(200, "manager", "owner"),
    ("GET", f"{P}/auto-failures.jsonl"): only(200, "manager", "owner"),
    ("GET", "auto-runs/<int:run_id>"): only(200, "manager", "owner"),
    ("POST", "auto-runs/<int:run_id>/stop"): only(200, "manager", "owner"),
    ("GET", f"{P}/numbers/table1"): only(200, "manager", "owner"),
    ("GET", f"{P}/numbers/dataset"): only(200, "manager", "owner"),
    ("GET", f"{P}/numbers/funnel"): only(200, "manager", "owner"),
    ("GET", f"{P}/numbers/queues"): only(200, "manager", "owner"),
    ("GET", f"{P}/numbers/progress"): only(200, "manager", "owner"),
    ("GET", f"{P}/numbers/people"): only(200, "manager", "owner"),
    ("GET", f"{P}/numbers/choices"): only(200, "manager", "owner"),
    ("GET", f"{P}/numbers/masklets"): only(200, "manager", "owner"),
    ("GET", f"{P}/numbers/videos"): only(200, "manager", "owner"),
    ("GET", f"{P}/numbers/verdicts"): only(200, "manager", "owner"),
    ("GET", f"{P}/numbers/cases"): only(200, "manager", "owner"),
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
    ("GET", "masklets/<int:masklet_id>/look"): member(),
    ("GET", "masklets/<int:masklet_id>/masks"): member(),
    ("GET", "masklets/<int:masklet_id>/coverage"): member(),
    ("GET", "masklets/<int:masklet_id>/signals"): member(),
    ("POST", "masklets/<int:masklet_id>/reopen"): only(
        201, "manager", "owner", body={}, swap={"masklet_id": "accepted_id"}, before=reject
    ),
    ("GET", "masklets/<int:masklet_id>/verifier-votes"): only(200, "reviewer", "manager", "owner"),
    ("POST", "masklets/<int:masklet_id>/sessions"): only(
        201, "reviewer", "manager", "owner", swap=SUBMITTED, before=close_verify
    ),
    ("GET", S): its("annotator"),
    ("GET", f"{S}/events"): its("annotator"),
    ("POST", f"{S}/heartbeat"): its("annotator"),
    ("POST", f"{S}/attention"): its("annotator", 204, body={"active_ms": 0, "shown": {"4": 0}}),
    ("POST", f"{S}/close"): its("annotator", 204),
    ("POST", f"{S}/submit"): its("annotator", body=chosen()),
    ("POST", f"{S}/verdict"): its(
        "reviewer",
        body=lambda world: {"verdict": "satisfactory", "base_version": world["submitted_version"]},
        swap={"session_id": "verify_id"},
    ),
    ("POST", f"{S}/selection"): its("annotator", swap=SELECTING),
    ("POST", f"{S}/decision"): its(
        "reviewer", body=lambda world: {"chosen": world["paired_id"]}, swap={"session_id": "deciding_id"}
    ),
    ("GET", f"{P}/gold"): only(200, "manager", "owner"),
    ("POST", "masklets/<int:masklet_id>/gold"): only(
        201, "manager", "owner", swap={"masklet_id": "accepted_id"}
    ),
    ("DELETE", "masklets/<int:masklet_id>/gold"): only(204, "manager", "owner"),
    ("GET", "gold-scores/<int:score_id>"): Rule(
        {"annotator": 200, "reviewer": 404, "manager": 200, "owner": 200}
    ),
    ("GET", f"{P}/people"): only(200, "manager", "owner"),
    ("GET", f"{P}/people/<str:username>/scorecard"): only(200, "annotator", "manager", "owner"),
    ("POST", f"{P}/members/<str:username>/promotion"): only(200, "manager", "owner"),
    ("DELETE", f"{P}/members/<str:username>/promotion"): only(200, "manager", "owner"),
    ("GET", f"{P}/consensus"): only(200, "manager", "owner"),
    ("POST", "consensus/<int:consensus_id>/reverse"): only(200, "manager", "owner"),
    ("POST", f"{S}/exhaustivity"): its("annotator", 204, body={"left": True}, swap=EXHAUSTING),
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
    ("GET", f"{P}/threads"): member(),
    ("GET", f"{V}/threads"): member(),
    ("POST", f"{V}/threads"): member(201, body={"text": "Whose hand is this?", "first_frame": 4}),
    ("POST", "threads/<int:thread_id>/comments"): member(201, body={"text": "The left one's."}),
    ("POST", "threads/<int:thread_id>/resolve"): member(),
    ("POST", "threads/<int:thread_id>/reopen"): member(),
    ("GET", "exports/<int:export_id>"): only(200, "manager", "owner"),
    ("GET", "exports/<int:export_id>/download"): only(200, "manager", "owner"),
}


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: Any) -> Iterator[World]:
    """Made once: each request's doings are rolled back."""
    quick = override_settings(PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"])
    with django_db_blocker.unblock(), quick, transaction.atomic():
        yield make_world()
        transaction.set_rollback(True)


@pytest.mark.parametrize(("method", "route"), TABLE, ids=[" ".join(key) for key in TABLE])
def test_each_route_lets_in_exactly_those_it_is_for(
    world: World, method: str, route: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A stream gives its database connection back, which here is the one that is rolled back.
    monkeypatch.setattr("annotator.api.events.connections", SimpleNamespace(close_all=lambda: None))
    rule = TABLE[method, route]
    found, expected = {}, {}
    for who in PEOPLE:
        # What the one did must not be there for the next.
        with transaction.atomic():
            if rule.before:
                rule.before(world)
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


@pytest.mark.parametrize(("who", "status"), [("annotator", 403), ("manager", 204), ("owner", 204)])
def test_a_refused_video_goes_by_whoever_may_upload(world: World, who: str, status: int) -> None:
    refuse(world)
    assert Http(world["cast"][who])("DELETE", f"videos/{world['video_id']}").status_code == status


def test_the_table_names_every_route_and_method() -> None:
    assert set(TABLE) == {(method, str(route.pattern)) for route in routes() for method in methods(route)}


def routes() -> list[URLPattern]:
    return [route for route in urlpatterns if route.callback is not unknown_address]


def methods(route: URLPattern) -> list[str]:
    if route.callback is session_events:
        return ["GET"]
    view = route.callback.view_class  # type: ignore[attr-defined]
    return [method for method in METHODS if hasattr(view, method.lower())]
