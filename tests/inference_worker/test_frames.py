from __future__ import annotations

import threading
import zipfile
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import msgspec
import numpy as np
import pytest

from inference_worker import remote_file
from inference_worker.engines import EngineError
from inference_worker.frames import FrameStore
from inference_worker.protocol.messages import Frames
from tests.inference_worker.worker_process import HEIGHT, STRIDE, WIDTH, jpeg, write_frames_zip


@pytest.fixture
def few(tmp_path: Path) -> Frames:
    """Ten annotated frames whose red is their index."""
    path = tmp_path / "few.zip"
    write_frames_zip(path, range(0, 40, STRIDE))
    return Frames(video=5, uri=str(path), height=HEIGHT, width=WIDTH, stride=STRIDE, frame_count=38)


class RangeServer(ThreadingHTTPServer):
    """Serves the files of a folder by byte range; counts, stumbles and redirects on demand."""

    def __init__(self, folder: Path) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.folder = folder
        self.requests: list[str] = []
        self.failures = 0
        self.ignores_ranges = False

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class _Handler(BaseHTTPRequestHandler):
    server: RangeServer

    def do_GET(self) -> None:
        self.server.requests.append(self.path)
        name = self.path.partition("?")[0].removeprefix("/media/")
        if self.server.failures:
            self.server.failures -= 1
            self.send_error(503)
        elif name == "moved.zip":
            self.send_response(302)
            self.send_header("Location", "/media/few.zip")
            self.end_headers()
        elif not (self.server.folder / name).exists():
            self.send_error(404)
        else:
            self._send((self.server.folder / name).read_bytes())

    def _send(self, data: bytes) -> None:
        first, last = self.headers["Range"].removeprefix("bytes=").split("-")
        part = data if self.server.ignores_ranges else data[int(first) : int(last) + 1]
        self.send_response(200 if self.server.ignores_ranges else 206)
        self.send_header("Content-Range", f"bytes {first}-{int(first) + len(part) - 1}/{len(data)}")
        self.send_header("Content-Length", str(len(part)))
        self.end_headers()
        self.wfile.write(part)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def server(tmp_path: Path) -> Iterator[RangeServer]:
    server = RangeServer(tmp_path)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()


def served(server: RangeServer, frames: Frames, name: str = "few.zip") -> Frames:
    return msgspec.structs.replace(frames, uri=f"{server.url}/media/{name}")


def remote_store(server: RangeServer) -> FrameStore:
    return FrameStore(None, f"{server.url}/media/")


def test_a_frame_is_rgb_at_the_videos_size(few: Frames, tmp_path: Path) -> None:
    source = FrameStore(tmp_path, "").source(few)
    image = source.rgb(8)
    assert (image.shape, image.dtype) == ((HEIGHT, WIDTH, 3), np.uint8)
    assert np.abs(image[0, 0].astype(int) - (50, 100, 8)).max() < 6
    assert list(source.indices) == list(range(0, 38, STRIDE))
    with pytest.raises(ValueError, match="read-only"):
        image[0, 0] = 0


@pytest.mark.parametrize("index", [1, -4, 40])
def test_a_frame_that_is_not_annotated_is_a_key_error(few: Frames, tmp_path: Path, index: int) -> None:
    with pytest.raises(KeyError):
        FrameStore(tmp_path, "").source(few).rgb(index)


def test_sessions_on_one_video_share_its_decoded_frames_within_the_budget(
    few: Frames, tmp_path: Path
) -> None:
    store = FrameStore(tmp_path, "", decoded_bytes=3 * HEIGHT * WIDTH * 3)
    first, second = store.source(few), store.source(few)
    kept = first.rgb(0)
    assert second.rgb(0) is kept
    for index in (4, 8, 12):
        first.rgb(index)
    assert second.rgb(0) is not kept


@pytest.mark.parametrize(
    "uri",
    [
        "/etc/passwd",
        "few.zip",
        "{media}/../other/few.zip",
        "{media}/link.zip",
        "file:///etc/passwd",
        "ftp://h/a.zip",
    ],
)
def test_frames_outside_the_media_root_are_refused(few: Frames, tmp_path: Path, uri: str) -> None:
    media = tmp_path / "media"
    media.mkdir()
    (media / "link.zip").symlink_to(few.uri)
    with pytest.raises(EngineError, match="MASKLOOM_MEDIA_ROOT"):
        FrameStore(media, "").source(msgspec.structs.replace(few, uri=uri.format(media=media)))


@pytest.mark.parametrize(
    "uri",
    [
        "https://other/media/few.zip",
        "http://storage/media/few.zip",
        "https://storage/media/../secret/few.zip",
        "https://storage/media/%2e%2e/secret/few.zip",
        "https://storage/mediaelse/few.zip",
        "https://me@storage/media/few.zip",
        "https://storage:8443/media/few.zip",
    ],
)
def test_urls_outside_the_prefix_are_refused(few: Frames, uri: str) -> None:
    with pytest.raises(EngineError, match="MASKLOOM_FRAMES_URL_PREFIX"):
        FrameStore(None, "https://storage/media/").source(msgspec.structs.replace(few, uri=uri))


def test_a_missing_file_a_broken_file_and_a_missing_frame_are_told_apart(few: Frames, tmp_path: Path) -> None:
    store = FrameStore(tmp_path, "")
    with pytest.raises(EngineError, match="not there"):
        store.source(msgspec.structs.replace(few, uri=str(tmp_path / "gone.zip"))).rgb(0)
    broken = tmp_path / "broken.zip"
    broken.write_bytes(Path(few.uri).read_bytes()[:-100])
    with pytest.raises(EngineError, match="damaged"):
        store.source(msgspec.structs.replace(few, uri=str(broken))).rgb(0)
    with pytest.raises(EngineError, match=r"no 00040\.jpg"):
        store.source(msgspec.structs.replace(few, frame_count=400)).rgb(40)


def test_a_frame_of_another_size_or_no_jpeg_is_refused(few: Frames, tmp_path: Path) -> None:
    path = tmp_path / "odd.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("00000.jpg", jpeg(0, height=50, width=60))
        archive.writestr("00004.jpg", b"not a picture")
        archive.writestr("00008.jpg", b"")
    source = FrameStore(tmp_path, "").source(msgspec.structs.replace(few, uri=str(path)))
    with pytest.raises(EngineError, match="60 x 50 pixels, the video is 64 x 48"):
        source.rgb(0)
    for index in (4, 8):
        with pytest.raises(EngineError, match="not a readable JPEG"):
            source.rgb(index)


def test_frames_behind_a_url_are_the_same_as_in_the_file(
    few: Frames, tmp_path: Path, server: RangeServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(remote_file, "BLOCK", 700)  # so that members cross blocks
    near, far = FrameStore(tmp_path, "").source(few), remote_store(server).source(served(server, few))
    for index in near.indices:
        assert np.array_equal(near.rgb(index), far.rgb(index))
    asked = len(server.requests)
    far.rgb(0)
    assert len(server.requests) == asked


def test_a_signed_url_may_be_renewed_while_the_frames_are_open(few: Frames, server: RangeServer) -> None:
    store = remote_store(server)
    source = store.source(msgspec.structs.replace(few, uri=f"{served(server, few).uri}?signature=1"))
    source.rgb(0)
    again = store.source(msgspec.structs.replace(few, uri=f"{served(server, few).uri}?signature=2"))
    assert again is source
    assert again.uri.endswith("=2")


def test_a_storage_server_that_stumbles_is_asked_again(few: Frames, server: RangeServer) -> None:
    server.failures = remote_file.ATTEMPTS - 1
    assert remote_store(server).source(served(server, few)).rgb(0).shape == (HEIGHT, WIDTH, 3)
    server.failures = remote_file.ATTEMPTS
    with pytest.raises(EngineError, match="HTTP 503") as raised:
        remote_store(server).source(served(server, few)).rgb(0)
    assert raised.value.retryable


def test_a_storage_server_without_the_file_or_without_ranges_is_told(
    few: Frames, server: RangeServer
) -> None:
    store = remote_store(server)
    with pytest.raises(EngineError, match="HTTP 404"):
        store.source(served(server, few, "gone.zip")).rgb(0)
    with pytest.raises(EngineError, match="HTTP 302"):
        store.source(served(server, few, "moved.zip")).rgb(0)
    server.ignores_ranges = True
    with pytest.raises(EngineError, match="byte ranges"):
        store.source(served(server, few)).rgb(0)


def test_a_storage_server_that_is_away_may_be_tried_again(few: Frames, server: RangeServer) -> None:
    frames, store = served(server, few), remote_store(server)
    server.shutdown()
    server.server_close()
    with pytest.raises(EngineError, match="cannot be reached") as raised:
        store.source(frames).rgb(0)
    assert raised.value.retryable
