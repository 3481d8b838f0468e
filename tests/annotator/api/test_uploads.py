"""Files on their way in, over lines that break, from people who are not all friends."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.http import HttpResponse

from annotator.models import Project, Upload, User, Video
from annotator.services import uploads, videos
from tests.annotator.api.http import Http
from tests.annotator.clips import write_clip
from tests.factories import make_member

PART = "application/offset+octet-stream"
SERVERS = {"postgres", "valkey", "log", "state"}  # their folders of the data directory


@pytest.fixture
def http(manager: User) -> Http:
    return Http(manager)


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return write_clip(tmp_path_factory.mktemp("clips") / "clip.mp4").read_bytes()


def begin(http: Http, size: int, **more: Any) -> dict[str, Any]:
    return http("POST", "projects/street/uploads", {"filename": "clip.mp4", "size": size, **more}).json()


def send(http: Http, upload: dict[str, Any], offset: object, part: bytes) -> HttpResponse:
    return http("PATCH", f"uploads/{upload['id']}", part, content_type=PART, upload_offset=str(offset))


def kept_files() -> set[Path]:
    """All files of the data directory, without those of the servers, which write theirs at any time."""
    folders = [path for path in Path(settings.DATA_DIR).iterdir() if path.name not in SERVERS]
    return {path for folder in folders for path in (folder, *folder.rglob("*")) if path.is_file()}


def stored(folder: str) -> list[Path]:
    return [path for path in Path(settings.MEDIA_ROOT, folder).rglob("*") if path.is_file()]


def test_a_file_sent_in_parts_becomes_a_video_with_its_metadata(http: Http, clip: bytes) -> None:
    digest = hashlib.sha256(clip).hexdigest()
    made = begin(http, len(clip), sha256=digest, metadata={"environment": "Outdoor", "tags": ["road"]})
    half = len(clip) // 2
    assert send(http, made, 0, clip[:half]).json()["offset"] == half
    assert http("GET", f"uploads/{made['id']}").json()["state"] == "receiving"
    last = send(http, made, half, clip[half:]).json()
    assert (last["state"], last["offset"]) == ("received", len(clip))
    assert http("GET", f"videos/{last['video']}").json()["state"] == "queued"
    videos.ingest(video_id=last["video"])
    video = http("GET", f"videos/{last['video']}").json()
    assert (video["state"], video["height"], video["width"], video["frame_count"]) == ("ready", 48, 64, 12)
    assert (video["metadata"]["environment"], video["metadata"]["tags"]) == ("Outdoor", ["road"])
    assert video["source"]["sha256"] == digest


@pytest.mark.parametrize("offset", [0, 7, 10**17])
def test_a_part_at_a_wrong_offset_is_told_the_right_one(http: Http, offset: int) -> None:
    made = begin(http, 10)
    send(http, made, 0, b"abc")
    refused = send(http, made, offset, b"defg")
    assert (refused.status_code, refused.json()["code"], refused.json()["offset"]) == (409, "wrong_offset", 3)
    assert send(http, made, 3, b"defg").json()["offset"] == 7


@pytest.mark.parametrize("offset", ["", "-1", "x", "1.5", "9" * 5000, "١"])
def test_an_offset_that_is_no_number_is_malformed(http: Http, offset: str) -> None:
    refused = http(
        "PATCH", f"uploads/{begin(http, 10)['id']}", b"abc", content_type=PART, upload_offset=offset
    )
    assert (refused.status_code, refused.json()["code"]) == (400, "invalid")


def test_a_part_that_is_not_raw_bytes_is_malformed(http: Http) -> None:
    refused = http("PATCH", f"uploads/{begin(http, 10)['id']}", {"bytes": "abc"}, upload_offset="0")
    assert refused.status_code == 400


def test_more_bytes_than_were_announced_are_refused(http: Http) -> None:
    made = begin(http, 5)
    refused = send(http, made, 0, b"abcdef")
    assert (refused.status_code, refused.json()["code"]) == (413, "too_large")
    assert http("GET", f"uploads/{made['id']}").json()["offset"] == 0


def test_a_part_over_16_mib_is_refused(http: Http) -> None:
    refused = send(http, begin(http, 2**25), 0, bytes(uploads.MAX_PART + 1))
    assert (refused.status_code, refused.json()["code"]) == (413, "too_large")


def test_a_file_over_the_projects_limit_is_refused_before_a_byte_is_sent(
    http: Http, project: Project
) -> None:
    Project.objects.filter(pk=project.pk).update(max_upload_bytes=100)
    refused = http("POST", "projects/street/uploads", {"filename": "a.mp4", "size": 101})
    assert (refused.status_code, refused.json()["code"], refused.json()["limit"]) == (413, "too_large", 100)


@pytest.mark.parametrize("size", [0, -1, "many", None])
def test_an_upload_of_no_size_is_refused(http: Http, size: Any) -> None:
    body = {"filename": "a.mp4", "size": size}
    assert http("POST", "projects/street/uploads", body).status_code in (400, 422)


@pytest.mark.parametrize("digest", ["x" * 64, "0" * 63, "0" * 65, "xx" + "0" * 64, "0" * 64 + "\n"])
def test_a_hash_that_is_none_is_malformed(http: Http, digest: str) -> None:
    body = {"filename": "a.mp4", "size": 5, "sha256": digest}
    answer = http("POST", "projects/street/uploads", body)
    # White space around it is nobody's harm.
    assert answer.status_code == (201 if len(digest.strip()) == 64 and digest.strip().isdigit() else 400)


def test_bytes_that_are_not_the_announced_file_are_refused_and_leave_nothing(http: Http, clip: bytes) -> None:
    before = stored("")
    made = begin(http, len(clip), sha256="0" * 64)
    video = send(http, made, 0, clip).json()["video"]
    videos.ingest(video_id=video)
    refusal = http("GET", f"videos/{video}").json()["refusal"]
    assert refusal["code"] == "hash_mismatch"
    assert stored("") == before
    assert not Path(settings.DATA_DIR, "uploads", made["id"]).exists()
    again = http("POST", f"videos/{video}/ingest")
    assert (again.status_code, again.json()["code"]) == (409, "no_source")


def test_a_file_that_is_no_video_is_refused_and_leaves_nothing(http: Http) -> None:
    before = stored("")
    video = send(http, begin(http, 2000), 0, b"<html>" + bytes(1994)).json()["video"]
    videos.ingest(video_id=video)
    found = http("GET", f"videos/{video}").json()
    assert (found["state"], bool(found["refusal"]["message"])) == ("refused", True)
    assert stored("") == before
    assert not list(Path(settings.DATA_DIR, "work").iterdir())


def test_a_full_disk_keeps_the_source_and_no_half_made_files(
    http: Http, clip: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    import errno

    from annotator import storage

    video = send(http, begin(http, len(clip)), 0, clip).json()["video"]
    before = stored("")
    adopt, left = storage.adopt, [2]

    def full(key: str, path: Path) -> None:
        left[0] -= 1
        if left[0] < 0:
            raise OSError(errno.ENOSPC, "No space left on device")
        adopt(key, path)

    with monkeypatch.context() as patch:
        patch.setattr(storage, "adopt", full)
        videos.ingest(video_id=video)
    assert http("GET", f"videos/{video}").json()["refusal"]["code"] == "disk_full"
    assert stored("") == before
    assert http("POST", f"videos/{video}/ingest").status_code == 200
    assert videos.ingest(video_id=video).pk == video
    assert http("GET", f"videos/{video}").json()["state"] == "ready"


@pytest.mark.parametrize(
    "filename",
    ["../../../etc/passwd", "..\\..\\windows\\a.mp4", "/abs.mp4", "a/../../b.mp4", "..", "-rf.mp4",
     "a;rm -rf $(x)`y`.mp4", "a\r\nX-Evil: 1.mp4", "%2e%2e%2fa.mp4", "видео.mp4", "." * 200, "a." + "x" * 200,
     "file:///etc/passwd", "concat:a|b.mp4", "<img src=x>.mp4"],
)  # fmt: skip
def test_a_hostile_file_name_stays_a_name(http: Http, clip: bytes, filename: str) -> None:
    before = kept_files()
    made = begin(http, len(clip), filename=filename)
    video = Video.objects.get(pk=send(http, made, 0, clip).json()["video"])
    assert not set(made["filename"]) & set("/\\\r\n\0<>|;$`:%")
    assert made["filename"].strip(".")
    new = list(kept_files() - before)
    assert [path.parent for path in new] == [Path(settings.MEDIA_ROOT, "sources")]
    assert new[0].name.startswith(str(video.pk))


def test_a_name_with_a_zero_byte_is_malformed(http: Http) -> None:
    body = {"filename": "a\x00.mp4", "size": 5}
    assert http("POST", "projects/street/uploads", body).status_code == 400


def test_a_cancelled_upload_is_gone_with_its_bytes(http: Http) -> None:
    made = begin(http, 10)
    send(http, made, 0, b"abc")
    path = Path(settings.DATA_DIR, "uploads", made["id"])
    assert path.read_bytes() == b"abc"
    assert http("DELETE", f"uploads/{made['id']}").status_code == 204
    assert not path.exists()
    assert http("GET", f"uploads/{made['id']}").status_code == 404
    assert send(http, made, 3, b"def").status_code == 404


def test_an_upload_that_is_complete_takes_no_more(http: Http) -> None:
    made = begin(http, 3)
    send(http, made, 0, b"abc")
    again = send(http, made, 3, b"d")
    assert (again.status_code, again.json()["code"]) == (409, "upload_ended")


def test_another_managers_upload_is_not_there(http: Http, project: Project) -> None:
    made = begin(http, 3)
    other = Http(make_member(project, "manager", "second"))
    assert other("GET", f"uploads/{made['id']}").status_code == 404
    assert send(other, made, 0, b"abc").status_code == 404
    assert other("DELETE", f"uploads/{made['id']}").status_code == 404


def test_bytes_that_the_disk_lost_are_asked_for_again(http: Http) -> None:
    made = begin(http, 6)
    send(http, made, 0, b"abcd")
    Path(settings.DATA_DIR, "uploads", made["id"]).write_bytes(b"ab")
    refused = send(http, made, 4, b"ef")
    assert (refused.status_code, refused.json()["offset"]) == (409, 2)
    assert send(http, made, 2, b"cdef").json()["state"] == "received"


def test_bytes_that_were_never_acknowledged_are_written_over(http: Http) -> None:
    made = begin(http, 6)
    send(http, made, 0, b"ab")
    path = Path(settings.DATA_DIR, "uploads", made["id"])
    path.write_bytes(b"abXXX")
    send(http, made, 2, b"cd")
    assert path.read_bytes() == b"abcd"


def test_a_source_whose_workers_keep_dying_is_given_up(http: Http, clip: bytes) -> None:
    from datetime import timedelta

    from django.utils import timezone

    pk = send(http, begin(http, len(clip)), 0, clip).json()["video"]
    long_ago = timezone.now() - timedelta(hours=1)
    for attempt in (1, 2, 3, 4):
        Video.objects.filter(pk=pk).update(state="ingesting", attempt=attempt, progress_at=long_ago)
        videos.send_lapsed()
        assert Video.objects.get(pk=pk).state == "queued"
    Video.objects.filter(pk=pk).update(state="ingesting", attempt=videos.MAX_LOST, progress_at=long_ago)
    videos.send_lapsed()
    assert http("GET", f"videos/{pk}").json()["refusal"]["code"] == "worker_lost"


def test_an_ingest_of_an_earlier_attempt_changes_nothing(http: Http, clip: bytes) -> None:
    pk = send(http, begin(http, len(clip)), 0, clip).json()["video"]
    videos.ingest(video_id=pk)
    ready = Video.objects.get(pk=pk)
    stale = Video.objects.get(pk=pk)
    stale.attempt -= 1
    videos._refuse(stale, "late", "Too late.")
    ready.refresh_from_db()
    assert (ready.state, ready.refusal_code) == ("ready", "")
    assert Upload.objects.get().video_id == pk
