"""Frames and videos over the wire: exact bytes, ranges, caching, and nothing outside the storage."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from annotator import storage
from annotator.models import Project, User, Video
from annotator.services import videos
from tests.annotator.api.http import Http
from tests.annotator.clips import write_clip


@pytest.fixture
def video(project: Project, manager: User, tmp_path: Path) -> Video:
    """A clip of 12 frames that was really taken in."""
    clip = write_clip(tmp_path / "clip.mp4")
    added = videos.add(project=project, user=manager, path=clip, filename="clip.mp4", wake=False)
    videos.ingest(video_id=added.pk)
    return Video.objects.get(pk=added.pk)


@pytest.fixture
def http(manager: User) -> Http:
    return Http(manager)


def content(answer) -> bytes:  # type: ignore[no-untyped-def]
    return b"".join(answer) if answer.streaming else answer.content


def test_every_annotated_frame_has_the_hash_that_the_table_says(http: Http, video: Video) -> None:
    table = http("GET", f"videos/{video.pk}/frame-table").json()
    assert [row["frame_index"] for row in table["frames"]] == [0, 4, 8]
    assert len(table["source_pts"]) == 12
    for row in table["frames"]:
        frame = http("GET", f"videos/{video.pk}/frames/{row['frame_index']}.jpg")
        assert hashlib.sha256(frame.content).hexdigest() == row["sha256"]
        assert frame.headers["ETag"] == f'"{row["sha256"]}"'
        assert frame.headers["Content-Type"] == "image/jpeg"
        assert "immutable" in frame.headers["Cache-Control"]
        assert "private" in frame.headers["Cache-Control"]


def test_a_frame_that_the_browser_has_is_not_sent_again(http: Http, video: Video) -> None:
    etag = http("GET", f"videos/{video.pk}/frames/4.jpg").headers["ETag"]
    again = http("GET", f"videos/{video.pk}/frames/4.jpg", if_none_match=etag)
    assert (again.status_code, again.content, again.headers["ETag"]) == (304, b"", etag)
    assert http("GET", f"videos/{video.pk}/frames/8.jpg", if_none_match=etag).status_code == 200


@pytest.mark.parametrize(
    "frame", ["1", "12", "-4", "99999999999999999999", "../../sources/1", "%2e%2e%2f1", "0.jpg/.."]
)
def test_a_frame_that_is_not_annotated_is_not_there(http: Http, video: Video, frame: str) -> None:
    refused = http("GET", f"videos/{video.pk}/frames/{frame}.jpg")
    assert (refused.status_code, refused.json()["code"]) == (404, "not_found")


@pytest.mark.parametrize(
    ("asked", "span"),
    [("bytes=0-0", (0, 0)), ("bytes=10-19", (10, 19)), ("bytes=10-", (10, -1)), ("bytes=-7", (-7, -1)),
     ("bytes=0-99999999", (0, -1)), ("bytes=-99999999", (0, -1))],
)  # fmt: skip
def test_a_range_gives_those_bytes(http: Http, video: Video, asked: str, span: tuple[int, int]) -> None:
    whole = content(http("GET", f"videos/{video.pk}/working.mp4"))
    assert hashlib.sha256(whole).hexdigest() == video.working_sha256
    first, last = (value % len(whole) for value in span)
    part = http("GET", f"videos/{video.pk}/working.mp4", range=asked)
    assert part.status_code == 206
    assert content(part) == whole[first : last + 1]
    assert part.headers["Content-Range"] == f"bytes {first}-{last}/{len(whole)}"
    assert part.headers["Content-Length"] == str(last - first + 1)


@pytest.mark.parametrize("asked", ["bytes=99999999-", "bytes=-0", "bytes=99999999-999999999", "bytes=5-2"])
def test_a_range_outside_the_file_is_refused_with_its_size(http: Http, video: Video, asked: str) -> None:
    size = int(http("GET", f"videos/{video.pk}/working.mp4").headers["Content-Length"])
    refused = http("GET", f"videos/{video.pk}/working.mp4", range=asked)
    assert (refused.status_code, refused.headers["Content-Range"]) == (416, f"bytes */{size}")


@pytest.mark.parametrize("asked", ["bytes=", "bytes=-", "bytes=a-b", "frames=0-1", "bytes=0-1,4-5"])
def test_a_range_that_is_none_gives_the_whole_file(http: Http, video: Video, asked: str) -> None:
    answer = http("GET", f"videos/{video.pk}/working.mp4", range=asked)
    assert (answer.status_code, answer.headers["Accept-Ranges"]) == (200, "bytes")
    assert hashlib.sha256(content(answer)).hexdigest() == video.working_sha256


@pytest.mark.parametrize("picture", ["poster.jpg", "filmstrip.jpg"])
def test_pictures_are_jpegs(http: Http, video: Video, picture: str) -> None:
    assert content(http("GET", f"videos/{video.pk}/{picture}"))[:3] == b"\xff\xd8\xff"


@pytest.mark.parametrize("name", ["frames/0.jpg", "working.mp4", "poster.jpg", "frame-table"])
def test_what_is_not_ready_says_so(http: Http, video: Video, name: str) -> None:
    Video.objects.filter(pk=video.pk).update(state="queued")
    refused = http("GET", f"videos/{video.pk}/{name}")
    assert (refused.status_code, refused.json()["code"]) == (409, "not_ready")


@pytest.mark.parametrize("name", ["frames/0.jpg", "working.mp4", "poster.jpg"])
def test_a_file_that_the_storage_lost_is_not_there(http: Http, video: Video, name: str) -> None:
    storage.remove(storage.frames_key(video), storage.working_key(video), storage.poster_key(video))
    refused = http("GET", f"videos/{video.pk}/{name}", range="bytes=0-1")
    assert (refused.status_code, refused.json()["code"]) == (404, "not_found")


def test_a_deleted_video_is_not_there(http: Http, video: Video) -> None:
    videos.delete(video=video)
    for name in ("", "/frames/0.jpg", "/working.mp4", "/frame-table"):
        assert http("GET", f"videos/{video.pk}{name}").status_code == 404
