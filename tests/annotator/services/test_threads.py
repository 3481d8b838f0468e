"""Comment threads: where they can be pinned, who hears of them, and what resolving them does."""

from __future__ import annotations

import json
from typing import Any

import pytest

from annotator import events
from annotator.models import Masklet, Project, Session, Thread, User, Video
from annotator.redis import client
from annotator.services import masklets, threads
from tests.annotator.api.http import Http
from tests.annotator.desk import HEIGHT, WIDTH, Desk
from tests.annotator.test_queries import queries
from tests.factories import make_member, make_project, make_video

pytestmark = pytest.mark.django_db


@pytest.fixture
def video(annotator: User, project: Project) -> Video:
    return make_video(project, annotator)


@pytest.fixture
def reviewer(project: Project) -> Http:
    return Http(make_member(project, "reviewer"))


def begin(http: Http, video: Video, **pin: Any) -> Any:
    return http("POST", f"videos/{video.pk}/threads", {"text": "Whose hand is this?", **pin})


def listed(http: Http, video: Video, query: str = "") -> list[dict[str, Any]]:
    return http("GET", f"videos/{video.pk}/threads{query}").json()["results"]


def test_a_thread_is_begun_by_one_answered_by_another_and_resolved(
    reviewer: Http, annotator: User, video: Video
) -> None:
    made = begin(reviewer, video, first_frame=8).json()
    http = Http(annotator)
    answered = http("POST", f"threads/{made['id']}/comments", {"text": "The left one's."}).json()
    assert [(said["user"], said["text"]) for said in answered["comments"]] == [
        ("reviewer", "Whose hand is this?"),
        ("annotator", "The left one's."),
    ]
    resolved = reviewer("POST", f"threads/{made['id']}/resolve").json()
    assert (resolved["resolved_by"], resolved["resolved_at"] is None) == ("reviewer", False)
    again = http("POST", f"threads/{made['id']}/resolve").json()
    assert again["resolved_by"] == "reviewer"
    reopened = http("POST", f"threads/{made['id']}/reopen").json()
    assert (reopened["resolved_by"], reopened["resolved_at"]) == (None, None)


@pytest.mark.parametrize(
    ("pin", "stored"),
    [
        ({}, (None, None, None, None)),
        ({"first_frame": 8}, (8, 8, None, None)),
        ({"first_frame": 8, "last_frame": 20}, (8, 20, None, None)),
        ({"first_frame": 8, "x0": 3.5, "y0": 4}, (8, 8, 3.5, 3.5)),
        ({"first_frame": 8, "x0": 3.5, "y0": 4, "x1": 20, "y1": 30}, (8, 8, 3.5, 20)),
    ],
)
def test_a_thread_is_pinned_to_a_video_a_frame_a_range_a_point_or_a_region(
    reviewer: Http, video: Video, pin: dict[str, Any], stored: tuple[Any, ...]
) -> None:
    made = begin(reviewer, video, **pin).json()
    assert (made["first_frame"], made["last_frame"], made["x0"], made["x1"]) == stored


@pytest.mark.parametrize(
    ("pin", "code"),
    [
        ({"first_frame": 9}, "not_annotated"),
        ({"first_frame": 400}, "not_annotated"),
        ({"first_frame": 8, "last_frame": 4}, "no_frames"),
        ({"last_frame": 4}, "no_frames"),
        ({"x0": 3, "y0": 3}, "no_frames"),
        ({"first_frame": 8, "x0": 3}, "half_a_place"),
        ({"first_frame": 8, "x0": 3, "y0": 3, "x1": 5}, "half_a_place"),
        ({"first_frame": 8, "x0": WIDTH + 1, "y0": 3}, "outside"),
        ({"first_frame": 8, "x0": 3, "y0": HEIGHT + 1}, "outside"),
        ({"first_frame": 8, "x0": 9, "y0": 3, "x1": 5, "y1": 9}, "outside"),
        ({"masklet": 0}, "no_masklet"),
    ],
)
def test_a_place_that_the_video_does_not_have_is_refused(
    reviewer: Http, video: Video, pin: dict[str, Any], code: str
) -> None:
    answer = begin(reviewer, video, **pin)
    assert (answer.status_code, answer.json()["code"]) == (422, code)
    assert not Thread.objects.exists()


def test_a_masklet_of_another_video_takes_no_thread_of_this_one(
    reviewer: Http, annotator: User, project: Project, video: Video
) -> None:
    other = Desk(annotator, make_video(project, annotator))
    assert begin(reviewer, video, masklet=other.masklet).json()["code"] == "no_masklet"


@pytest.mark.parametrize("text", ["", "   "])
def test_a_comment_says_something(reviewer: Http, video: Video, text: str) -> None:
    assert begin(reviewer, video, text=text).status_code == 400


def test_unresolved_threads_come_first_and_then_by_frame(reviewer: Http, video: Video) -> None:
    ids = {frame: begin(reviewer, video, first_frame=frame).json()["id"] for frame in (12, 4, 8)}
    whole = begin(reviewer, video).json()["id"]
    reviewer("POST", f"threads/{ids[4]}/resolve")
    assert [thread["id"] for thread in listed(reviewer, video)] == [whole, ids[8], ids[12], ids[4]]


def test_the_list_can_be_of_one_masklet_and_leaves_deleted_ones_out(
    reviewer: Http, annotator: User, video: Video
) -> None:
    desk = Desk(annotator, video)
    begin(reviewer, video)
    mine = begin(reviewer, video, masklet=desk.masklet).json()["id"]
    assert [thread["id"] for thread in listed(reviewer, video, f"?masklet={desk.masklet}")] == [mine]
    masklets.delete(session=desk.session, masklet_id=desk.masklet, base_version=desk.version)
    assert mine not in [thread["id"] for thread in listed(reviewer, video)]


@pytest.mark.parametrize("query", ["?masklet=x", "?masklet=-1", "?masklet=%C2%B2"])
def test_a_masklet_that_is_no_number_is_refused(reviewer: Http, video: Video, query: str) -> None:
    assert reviewer("GET", f"videos/{video.pk}/threads{query}").status_code == 400


def test_everybody_who_has_the_video_open_hears_of_a_comment(
    reviewer: Http, annotator: User, video: Video, django_capture_on_commit_callbacks: Any
) -> None:
    desk = Desk(annotator, video)
    client().delete(events.stream_key(desk.session.pk))
    with django_capture_on_commit_callbacks(execute=True):
        made = begin(reviewer, video, first_frame=4).json()
    told = client().xrange(events.stream_key(desk.session.pk))
    assert [(fields["kind"], json.loads(fields["data"])["id"]) for _, fields in told] == [
        ("thread", made["id"])
    ]


def test_a_closed_session_hears_nothing(
    reviewer: Http, annotator: User, video: Video, django_capture_on_commit_callbacks: Any
) -> None:
    desk = Desk(annotator, video)
    Session.objects.update(state="closed")
    client().delete(events.stream_key(desk.session.pk))
    with django_capture_on_commit_callbacks(execute=True):
        begin(reviewer, video)
    assert client().xrange(events.stream_key(desk.session.pk)) == []


def test_a_deleted_video_takes_its_threads_along(reviewer: Http, video: Video) -> None:
    made = begin(reviewer, video).json()["id"]
    Video.objects.update(deleted_at=video.created_at)
    assert reviewer("POST", f"threads/{made}/comments", {"text": "Still?"}).status_code == 404


def of_project(http: Http, query: str = "") -> list[dict[str, Any]]:
    return http("GET", f"projects/street/threads{query}").json()["results"]


def test_the_projects_list_is_of_all_its_videos_that_with_the_newest_comment_first(
    reviewer: Http, annotator: User, project: Project, video: Video
) -> None:
    desk = Desk(annotator, make_video(project, annotator))
    elsewhere = make_project("elsewhere")
    threads.begin(video=make_video(elsewhere, annotator), user=annotator, text="Not here.", pin=threads.Pin())
    first = begin(reviewer, desk.video, masklet=desk.masklet, first_frame=8).json()["id"]
    second = begin(reviewer, video).json()["id"]
    assert [row["id"] for row in of_project(reviewer)] == [second, first]
    answered = Http(annotator)("POST", f"threads/{first}/comments", {"text": "The left one's."}).json()
    newest, other = of_project(reviewer)
    masklet = Masklet.objects.get(pk=desk.masklet)
    assert newest == answered | {
        "video_name": desk.video.name, "masklet_name": masklet.name, "masklet_color": masklet.color,
    }  # fmt: skip
    assert newest["said_at"] == newest["comments"][-1]["created_at"]
    assert (other["id"], other["masklet"], other["masklet_name"]) == (second, None, None)


def test_the_projects_list_can_be_of_what_is_resolved_of_ones_own_and_of_one_video(
    reviewer: Http, annotator: User, project: Project, video: Video
) -> None:
    begun, written_in, resolved = (
        begin(reviewer, video, first_frame=frame).json()["id"] for frame in (0, 4, 8)
    )
    http = Http(annotator)
    other = begin(http, make_video(project, annotator)).json()["id"]
    http("POST", f"threads/{written_in}/comments", {"text": "The left one's."})
    reviewer("POST", f"threads/{resolved}/resolve")
    asked = {
        "": {begun, written_in, resolved, other}, "?resolved=false": {begun, written_in, other},
        "?resolved=true": {resolved}, "?mine=true": {written_in, other}, f"?video={video.pk}&resolved=": {begun, written_in, resolved},
    }  # fmt: skip
    assert {query: {row["id"] for row in of_project(http, query)} for query in asked} == asked
    assert http("GET", "projects/street/threads?video=x").status_code == 400
    assert http("GET", f"videos/{video.pk}").json()["open_threads"] == 2


def test_the_projects_list_leaves_out_what_was_deleted(
    reviewer: Http, annotator: User, project: Project, video: Video
) -> None:
    desk = Desk(annotator, video)
    begin(reviewer, video, masklet=desk.masklet)
    gone = begin(reviewer, make_video(project, annotator)).json()
    assert len(of_project(reviewer)) == 2
    masklets.delete(session=desk.session, masklet_id=desk.masklet, base_version=desk.version)
    Video.objects.filter(pk=gone["video"]).update(deleted_at=video.created_at)
    assert of_project(reviewer) == []
    assert reviewer("GET", f"videos/{video.pk}").json()["open_threads"] == 0


def test_who_only_pulls_tasks_reads_the_answer_to_what_they_asked(
    reviewer: Http, annotator: User, project: Project, video: Video
) -> None:
    desk = Desk(annotator, video)
    asked = begin(Http(annotator), video, masklet=desk.masklet, first_frame=4).json()["id"]
    project.pull_only = True
    project.save()
    reviewer("POST", f"threads/{asked}/comments", {"text": "The left one's."})
    [row] = of_project(Http(annotator), "?resolved=false&mine=true")
    assert [said["text"] for said in row["comments"]] == ["Whose hand is this?", "The left one's."]


def test_the_projects_list_costs_the_same_however_long_it_is(
    reviewer: Http, annotator: User, project: Project, video: Video
) -> None:
    begin(reviewer, video, masklet=Desk(annotator, video).masklet)
    one = queries(lambda: of_project(reviewer)), queries(lambda: reviewer("GET", "projects/street/videos"))
    for _ in range(4):
        desk = Desk(annotator, make_video(project, annotator))
        begin(reviewer, desk.video, masklet=desk.masklet)
    many = queries(lambda: of_project(reviewer)), queries(lambda: reviewer("GET", "projects/street/videos"))
    assert many == one
