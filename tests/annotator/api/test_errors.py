"""Whatever is wrong with a request, its answer is {"code", "message"} and a fitting status."""

from __future__ import annotations

from typing import Any

import pytest

from annotator.models import Prompt, User, Video
from tests.annotator.api.http import Http
from tests.annotator.desk import HEIGHT, WIDTH, Desk
from tests.factories import make_video

POINT = {"kind": "point", "x": 5, "y": 5, "positive": True}
HUGE = 10**30


@pytest.fixture
def desk(annotator: User, project) -> Desk:  # type: ignore[no-untyped-def]
    return Desk(annotator, make_video(project, annotator))


@pytest.fixture
def http(desk: Desk) -> Http:
    return Http(desk.user)


def work(desk: Desk, act: str) -> str:
    return f"sessions/{desk.session.pk}/masklets/{desk.masklet}/{act}"


def click(desk: Desk, *prompts: Any, **more: Any) -> dict[str, Any]:
    return {"frame_index": 0, "base_version": desk.version, "prompts": list(prompts), **more}


def refusal(answer: Any) -> tuple[int, str]:
    body = answer.json()
    assert body["message"].strip()
    return answer.status_code, body["code"]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "null",
        '"text"',
        "7",
        '{"a": NaN}',
        '{"frame_index": -Infinity}',
        b"\xff\xfe",
        "[" * 100_000,
    ],
)
def test_a_body_that_is_no_object_is_malformed(http: Http, desk: Desk, text: str | bytes) -> None:
    assert http("POST", work(desk, "prompts"), text).status_code == 400
    assert refusal(http("POST", work(desk, "prompts"), text))[0] == 400


@pytest.mark.parametrize("path", ["me/tokens", "projects/street/exports"])
def test_a_list_where_an_object_belongs_is_malformed(manager: User, path: str) -> None:
    assert refusal(Http(manager)("POST", path, [])) == (400, "invalid")


@pytest.mark.parametrize(
    "prompt",
    [
        {"kind": "lasso"},
        {"x": 5, "y": 5, "positive": True},
        {"kind": "point", "x": "5", "y": 5, "positive": True},
        {"kind": "point", "x": True, "y": 5, "positive": True},
        {"kind": "point", "x": None, "y": 5, "positive": True},
        {"kind": "point", "x": 5, "y": 5, "positive": 1},
        {"kind": "point", "x": 5, "y": 5},
        {**POINT, "z": 5},
        {"kind": "box", "x0": 1, "y0": 1, "x1": 5},
        {"kind": "mask", "counts": 5},
        {"kind": "mask", "counts": [5]},
        "point",
        7,
        None,
    ],
)
def test_a_prompt_of_an_unknown_kind_or_form_is_malformed(http: Http, desk: Desk, prompt: Any) -> None:
    assert refusal(http("POST", work(desk, "prompts"), click(desk, prompt))) == (400, "invalid")
    assert not Prompt.objects.exists()


@pytest.mark.parametrize(
    "number", ["NaN", "Infinity", "-Infinity", "1e999", "-1e999", "-0.5", "64.5", '"nan"']
)
@pytest.mark.parametrize("axis", ["x", "y"])
def test_a_point_at_no_place_in_the_frame_is_refused(http: Http, desk: Desk, axis: str, number: str) -> None:
    place = {"x": "5", "y": "5"} | {axis: number}
    prompt = f'{{"kind": "point", "positive": true, "x": {place["x"]}, "y": {place["y"]}}}'
    text = f'{{"frame_index": 0, "base_version": {desk.version}, "prompts": [{prompt}]}}'
    assert refusal(http("POST", work(desk, "prompts"), text))[0] in (400, 422)
    assert not Prompt.objects.exists()


@pytest.mark.parametrize(
    "counts",
    ["", "not a mask", "éé", "\ud800", "\x00", "o" * 200_000, "1", "0" * 50, "ÿ" * 100],
    ids=["empty", "words", "accents", "surrogate", "zero byte", "endless", "short", "zeros", "latin"],
)
def test_a_mask_that_no_honest_encoder_wrote_is_refused(http: Http, desk: Desk, counts: str) -> None:
    body = click(desk, {"kind": "mask", "counts": counts})
    assert refusal(http("POST", work(desk, "prompts"), body))[0] in (400, 422)
    assert not Prompt.objects.exists()


@pytest.mark.parametrize(
    ("field", "value", "status"),
    [
        ("frame_index", -1, 400),
        ("frame_index", 1.5, 400),
        ("frame_index", HUGE, 422),
        ("frame_index", 3, 422),
        ("frame_index", 44, 422),
        ("base_version", -1, 400),
        ("base_version", HUGE, 409),
        ("base_version", None, 400),
        ("client_id", "not a uuid", 400),
        ("client_id", 5, 201),
        ("prompts", [], 400),
        ("prompts", {}, 400),
        ("prompts", [POINT] * 65, 400),
    ],
)
def test_fields_of_a_click_are_held_to_their_limits(
    http: Http, desk: Desk, field: str, value: Any, status: int
) -> None:
    answer = http("POST", work(desk, "prompts"), click(desk, POINT, **{field: value}))
    assert answer.status_code == status
    if status >= 400:
        refusal(answer)


@pytest.mark.parametrize("act", ["accept", "absent", "clear"])
@pytest.mark.parametrize(
    ("frames", "status"),
    [
        ({}, 400),
        ({"first": 0}, 400),
        ({"frames": [-4]}, 400),
        ({"frames": []}, 422),
        ({"frames": [3]}, 422),
        ({"frames": [HUGE]}, 422),
        ({"first": 8, "last": 4}, 422),
        ({"first": HUGE, "last": HUGE}, 422),
    ],
)
def test_frames_that_are_not_there_cannot_be_marked(
    http: Http, desk: Desk, act: str, frames: dict[str, Any], status: int
) -> None:
    body = {"base_version": desk.version, **frames}
    assert refusal(http("POST", work(desk, act), body))[0] == status


@pytest.mark.parametrize("act", ["submit", "propagations"])
@pytest.mark.parametrize(
    ("masklets", "status"),
    [
        ([], 422),
        ([{"id": HUGE, "base_version": 0}], 404),
        ([{"id": 10**9, "base_version": 0}], 404),
        ("all", 400),
    ],
)
def test_masklets_that_are_not_there_cannot_be_chosen(
    http: Http, desk: Desk, act: str, masklets: Any, status: int
) -> None:
    body = {"masklets": masklets, "start_frame": 0, "direction": "forward"}
    assert refusal(http("POST", f"sessions/{desk.session.pk}/{act}", body))[0] == status


@pytest.mark.parametrize(
    "path",
    ["nothing", "videos/1/nothing", "videos/x", f"videos/{HUGE}", "sessions/-1", "videos/1/", "me/", ""],
)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_an_address_that_is_not_there_is_answered_in_the_same_form(
    http: Http, path: str, method: str
) -> None:
    assert refusal(http(method, path, {} if method == "POST" else None)) == (404, "not_found") or (
        method == "POST" and path == f"videos/{HUGE}"
    )


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("PUT", "me"),
        ("DELETE", "projects"),
        ("GET", "auth/token"),
        ("TRACE", "me"),
        ("POST", "sessions/1/events"),
    ],
)
def test_a_method_that_a_route_has_not_is_refused(http: Http, method: str, path: str) -> None:
    answer = http(method, path)
    assert refusal(answer) == (405, "method_not_allowed")
    assert answer.headers["Allow"]


def test_health_is_read_only(db: None) -> None:
    from django.test import Client

    assert refusal(Client().post("/healthz")) == (405, "method_not_allowed")


@pytest.mark.parametrize(
    "path", ["projects/street/videos?q=%00", "projects/street/videos?state=%00", "projects/%00"]
)
def test_a_zero_byte_in_an_address_is_refused(http: Http, path: str) -> None:
    assert refusal(http("GET", path))[0] in (400, 404)


@pytest.mark.parametrize("path", ["projects/street/gold?video=", "videos/{}/threads?masklet="])
@pytest.mark.parametrize("number", ["x", "9" * 5000])
def test_an_address_that_names_no_number_is_malformed(
    manager: User, desk: Desk, path: str, number: str
) -> None:
    answer = Http(manager)("GET", path.format(desk.video.pk) + number)
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid")


@pytest.mark.parametrize(
    "asked", ["reviews?kind=x", "reviews?order=x", "auto-runs?state=x", "videos?state=x"]
)
def test_a_list_is_not_asked_for_what_cannot_be(manager: User, asked: str) -> None:
    assert refusal(Http(manager)("GET", f"projects/street/{asked}")) == (400, "invalid")


@pytest.mark.parametrize("username", ["%00", "a" * 1000, "%ff", "nobody"])
def test_a_member_who_cannot_be_is_refused(owner: User, username: str) -> None:
    path = f"projects/street/members/{username}"
    assert refusal(Http(owner)("PUT", path, {"role": "annotator"}))[0] in (400, 404)
    assert refusal(Http(owner)("DELETE", path))[0] in (400, 404)


@pytest.mark.parametrize(
    "query",
    ["page=0", "page=x", f"page={HUGE}", "page=2"],
)
def test_a_page_that_is_not_there_is_refused(http: Http, query: str) -> None:
    assert refusal(http("GET", f"projects/street/videos?{query}")) == (404, "not_found")


def test_a_page_is_never_larger_than_200(http: Http, desk: Desk) -> None:
    Video.objects.bulk_create(
        Video(
            project=desk.video.project, number=n, video_id=f"v{n}", name="v", stride=4, source_key="",
            source_filename="v", source_bytes=1, created_by=desk.user,
        )
        for n in range(10, 220)
    )  # fmt: skip
    page = http("GET", "projects/street/videos?page_size=100000").json()
    assert (page["count"], len(page["results"])) == (211, 200)


@pytest.mark.parametrize(
    "wanted",
    [
        {"max_duration_s": "nan"},
        {"max_duration_s": "inf"},
        {"max_duration_s": -1},
        {"max_upload_bytes": HUGE},
        {"max_upload_bytes": 0},
        {"stride": 0},
        {"stride": 25},
        {"name": ""},
        {"name": "a\x00b"},
        {"name": "a" * 101},
    ],
)
def test_project_settings_that_make_no_sense_are_refused(owner: User, wanted: dict[str, Any]) -> None:
    assert refusal(Http(owner)("PATCH", "projects/street", wanted)) == (400, "invalid")
    assert Http(owner)("GET", "projects/street").status_code == 200


def test_the_message_names_the_field_that_is_wrong(http: Http, desk: Desk) -> None:
    answer = http("POST", work(desk, "prompts"), {"prompts": [POINT], "base_version": 0}).json()
    assert answer["message"].startswith("frame_index: ")
    assert set(answer["fields"]) == {"frame_index"}


def test_a_stale_write_says_so_and_brings_the_present_form(http: Http, desk: Desk) -> None:
    stale = click(desk, POINT)
    assert http("POST", work(desk, "prompts"), stale).status_code == 201
    answer = http("POST", work(desk, "prompts"), stale)
    assert refusal(answer) == (409, "stale_version")
    assert answer.json()["masklet"]["version"] == desk.version


def test_what_nobody_expected_is_answered_in_the_same_form(
    http: Http, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(**_: object) -> None:
        raise RuntimeError("a secret of the server's inside")

    monkeypatch.setattr("annotator.services.changes.undo", broken)
    answer = http("POST", work(desk, "undo"), {"base_version": desk.version})
    assert refusal(answer) == (500, "internal")
    assert b"secret" not in answer.content


def test_a_part_that_is_away_is_said_to_be_away(http: Http, monkeypatch: pytest.MonkeyPatch) -> None:
    from django.db import OperationalError

    def away(*_: object) -> None:
        raise OperationalError("connection to server at 10.0.0.5 failed")

    monkeypatch.setattr("annotator.selectors.projects.of_user", away)
    answer = http("GET", "projects")
    assert refusal(answer) == (503, "part_missing")
    assert b"10.0.0.5" not in answer.content


def test_a_click_on_the_very_edge_is_inside(http: Http, desk: Desk) -> None:
    corner = {**POINT, "x": WIDTH, "y": HEIGHT}
    assert http("POST", work(desk, "prompts"), click(desk, corner)).status_code == 201
