"""What cannot be used is refused with a reason, and leaves nothing behind."""

from __future__ import annotations

import http.server
import threading
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image

from annotator.video_io.errors import UnusableSource
from annotator.video_io.ingest import ingest_file
from annotator.video_io.limits import Limits


def refusal(source: Path, tmp_path: Path, **limits) -> UnusableSource:
    out = tmp_path / "out"
    with pytest.raises(UnusableSource) as caught:
        ingest_file(source, out, stride=4, limits=Limits(**limits))
    assert not out.exists() or not list(out.iterdir()), "a refused file leaves nothing behind"
    assert caught.value.message.endswith("."), "people get a sentence"
    return caught.value


SCRIPTS = {
    "an m3u8 playlist": ("playlist", b"#EXTM3U\n#EXT-X-TARGETDURATION:4\n#EXTINF:4,\nfile:///etc/passwd\n"),
    "an ffconcat script": ("playlist", b"ffconcat version 1.0\nfile '/etc/passwd'\n"),
    "a concat script without a header": ("playlist", b"file 'other.mp4'\nfile 'another.mp4'\n"),
    "a DASH manifest": ("not_media", b"<?xml version='1.0'?><MPD><BaseURL>http://x/</BaseURL></MPD>"),
    "an SVG": ("not_media", b"\n<svg xmlns='http://www.w3.org/2000/svg'><image href='http://x/'/></svg>"),
    "a page": ("not_media", b"\xef\xbb\xbf<!DOCTYPE html><html></html>"),
    "a text": ("not_media", b"Dear colleagues,\n\nthe video is attached.\n"),
    "an empty file": ("empty", b""),
    "noise": ("unknown_format", bytes(range(256)) * 8),
    "a GIF": ("animated_image", b"GIF89a" + bytes(64)),
    "a HEIC photo": ("unsupported_image", b"\x00\x00\x00\x18ftypheic" + bytes(64)),
    "only the first bytes of an mp4": (
        "unreadable",
        b"\x00\x00\x00\x20ftypisom\x00\x00\x02\x00isomiso2avc1mp41",
    ),
    "only the first bytes of an mkv": ("unreadable", b"\x1a\x45\xdf\xa3" + bytes(64)),
}


@pytest.mark.parametrize("kind", SCRIPTS)
def test_what_is_no_video_is_refused_whatever_its_name(kind, tmp_path):
    code, content = SCRIPTS[kind]
    source = tmp_path / "holiday.mp4"
    source.write_bytes(content)

    assert refusal(source, tmp_path).code == code


def test_a_playlist_reaches_neither_the_network_nor_other_files(tmp_path):
    asked: list[str] = []

    class Listener(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_error(404)

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Listener) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        source = tmp_path / "clip.mp4"
        source.write_text(f"#EXTM3U\n#EXTINF:4,\nhttp://127.0.0.1:{server.server_port}/secret.ts\n")
        assert refusal(source, tmp_path).code == "playlist"
        server.shutdown()

    assert asked == []


def moving(count: int, height: int = 96, width: int = 128) -> list[np.ndarray]:
    rng = np.random.default_rng(0)
    noise = rng.integers(0, 255, (height, width * 2, 3), np.uint8)
    return [np.roll(noise, index * 3, axis=1)[:, :width] for index in range(count)]


@pytest.mark.parametrize("name", ["clip.mp4", "clip.mkv", "clip.avi", "faststart.mp4"])
def test_a_video_cut_in_half_is_refused(name, clip, tmp_path):
    whole = clip(
        moving(60),
        range(60),
        Fraction(1, 30),
        name=name,
        codec="mpeg4" if name.endswith("avi") else "libx264",
    )
    if name == "faststart.mp4":
        ingest_file(whole, tmp_path / "whole", stride=4, limits=Limits())
        whole = tmp_path / "whole" / "working.mp4"
    content = whole.read_bytes()
    half = tmp_path / f"half-{name}"
    half.write_bytes(content[: len(content) // 2])

    error = refusal(half, tmp_path)

    assert error.code in {"truncated", "unreadable"}
    assert "cut off" in error.message


def test_sound_alone_is_refused(tmp_path):
    source = tmp_path / "song.mp4"
    with av.open(str(source), "w") as container:
        stream = container.add_stream("aac", rate=44100)
        for _ in range(20):
            frame = av.AudioFrame.from_ndarray(np.zeros((1, 1024), np.float32), format="fltp", layout="mono")
            frame.sample_rate = 44100
            container.mux(stream.encode(frame))
        container.mux(stream.encode())

    assert refusal(source, tmp_path).code == "no_video"


def test_a_video_without_one_decodable_frame_is_refused(clip, tmp_path):
    source = clip(moving(12), range(12), Fraction(1, 24), name="clip.mkv", codec="mpeg4")
    with av.open(str(source)) as container:
        packets = [bytes(packet) for packet in container.demux(video=0) if packet.size]
    content = source.read_bytes()
    for packet in packets:
        content = content.replace(packet, bytes(len(packet)))
    source.write_bytes(content)

    assert refusal(source, tmp_path).code == "no_frames"


LIMITS = {
    "too_big": {"max_bytes": 1000},
    "too_long": {"max_duration_s": 1.5},
    "too_large": {"max_pixels": 96 * 128 - 1},
    "too_many_frames": {"max_frames": 40},
}


@pytest.mark.parametrize("code", LIMITS)
def test_a_video_over_a_limit_is_refused_with_the_limit_named(code, clip, tmp_path):
    source = clip(moving(60), range(60), Fraction(1, 30))

    error = refusal(source, tmp_path, **LIMITS[code])

    assert error.code == code
    assert "limit" in error.message


def test_a_video_at_its_limits_is_taken(clip, tmp_path):
    source = clip(moving(60), range(60), Fraction(1, 30))
    limits = Limits(max_bytes=source.stat().st_size, max_duration_s=2, max_pixels=96 * 128, max_frames=48)

    assert ingest_file(source, tmp_path / "out", stride=4, limits=limits).frame_count == 48


def test_a_tiny_video_that_claims_an_hour_is_refused_before_it_is_written(clip, tmp_path):
    source = clip(moving(2), [0, 3600 * 90000], Fraction(1, 90000))

    assert refusal(source, tmp_path).code == "too_long"


def test_an_animated_picture_is_refused(tmp_path):
    source = tmp_path / "loop.webp"
    pictures = [Image.fromarray(picture) for picture in moving(3)]
    pictures[0].save(source, save_all=True, append_images=pictures[1:])

    assert refusal(source, tmp_path).code == "animated_image"


def test_a_picture_too_large_is_refused_by_its_header(tmp_path):
    source = tmp_path / "bomb.png"
    Image.new("1", (9000, 9000)).save(source)
    assert source.stat().st_size < 20_000

    assert refusal(source, tmp_path).code == "too_large"


def test_half_a_picture_is_refused(tmp_path):
    whole = tmp_path / "whole.jpg"
    Image.fromarray(moving(1)[0]).save(whole)
    source = tmp_path / "half.jpg"
    source.write_bytes(whole.read_bytes()[: whole.stat().st_size // 2])

    assert refusal(source, tmp_path).code == "unreadable"


def test_a_picture_smaller_than_anything_to_label_is_refused(tmp_path):
    source = tmp_path / "dot.png"
    Image.new("RGB", (1, 1)).save(source)

    assert refusal(source, tmp_path).code == "too_small"
