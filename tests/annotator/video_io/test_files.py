"""What ingest writes: frames.zip, filmstrip, poster, and nothing when it fails."""

from __future__ import annotations

import errno
import hashlib
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image

from annotator.video_io import encoder
from annotator.video_io.encoder import Encoder
from annotator.video_io.errors import TranscodeFailed
from annotator.video_io.frames import FrameArchive, jpeg, read_frame
from annotator.video_io.ingest import ingest_file
from annotator.video_io.limits import Limits

FILES = {"working.mp4", "frames.zip", "filmstrip.jpg", "poster.jpg"}


@pytest.fixture
def source(clip) -> Path:
    """A hundred frames that grow brighter."""
    pictures = [np.full((90, 160, 3), 2 * index, np.uint8) for index in range(100)]
    return clip(pictures, range(100), Fraction(1, 24))


def test_the_same_source_gives_the_same_frames(source, tmp_path):
    first = ingest_file(source, tmp_path / "first", stride=4, limits=Limits())
    second = ingest_file(source, tmp_path / "second", stride=4, limits=Limits())

    assert first == second
    assert (tmp_path / "first/frames.zip").read_bytes() == (tmp_path / "second/frames.zip").read_bytes()


def test_hashes_are_those_of_the_files(source, ingest, tmp_path):
    before = source.read_bytes()

    result = ingest(source)

    assert {path.name for path in (tmp_path / "out").iterdir()} == FILES
    assert source.read_bytes() == before, "the source is kept untouched"
    assert result.source_sha256 == hashlib.sha256(before).hexdigest()
    assert result.working_sha256 == hashlib.sha256((tmp_path / "out/working.mp4").read_bytes()).hexdigest()
    for entry in result.jpegs:
        stored = read_frame(tmp_path / "out/frames.zip", entry.offset, entry.length)
        assert hashlib.sha256(stored).hexdigest() == entry.sha256


@pytest.mark.parametrize("stride", [1, 3, 4, 7])
def test_every_stride_th_frame_is_annotated(stride, source, ingest):
    result = ingest(source, stride=stride)

    assert result.annotated == [entry.frame_index for entry in result.jpegs] == list(range(0, 100, stride))


def test_the_jpegs_are_made_of_the_working_video(source, ingest, tmp_path):
    result = ingest(source)

    with av.open(str(tmp_path / "out/working.mp4")) as container:
        pictures = [frame.to_ndarray(format="bgr24") for frame in container.decode(video=0)]
    for entry in result.jpegs:
        stored = read_frame(tmp_path / "out/frames.zip", entry.offset, entry.length)
        assert stored == jpeg(pictures[entry.frame_index])


def test_a_disk_that_fills_up_with_frames_leaves_nothing_behind(source, tmp_path, monkeypatch):
    def full(archive: FrameArchive, frame_index: int, data: bytes) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(FrameArchive, "add", full)

    with pytest.raises(OSError, match="No space left on device"):
        ingest_file(source, tmp_path / "out", stride=4, limits=Limits())
    assert list((tmp_path / "out").iterdir()) == []


def test_the_filmstrip_shows_its_frames_in_order(source, ingest, tmp_path):
    result = ingest(source)
    strip = result.filmstrip

    with Image.open(tmp_path / "out/filmstrip.jpg") as image:
        pixels = np.asarray(image.convert("L")).astype(int)
    assert strip.frame_indices == result.annotated
    assert pixels.shape == (strip.thumb_height, strip.thumb_width * len(strip.frame_indices))
    assert (strip.thumb_width, strip.thumb_height) == (85, 48)
    for place, index in enumerate(strip.frame_indices):
        assert pixels[24, place * 85 + 42] == pytest.approx(2 * index, abs=6)


def test_a_long_filmstrip_is_thinned_out(source, ingest):
    strip = ingest(source, stride=1).filmstrip

    assert len(strip.frame_indices) == 64
    assert strip.frame_indices[0] == 0
    assert strip.frame_indices[-1] >= 98


def test_the_poster_is_at_most_640_wide(ingest, tmp_path):
    photo = tmp_path / "wide.png"
    Image.new("RGB", (1920, 1080), "teal").save(photo)

    ingest(photo)

    with Image.open(tmp_path / "out/poster.jpg") as image:
        assert image.size == (640, 360)


def test_progress_rises_to_the_end(source, ingest):
    seen: list[float] = []

    ingest(source, on_progress=seen.append)

    assert seen == sorted(seen)
    assert 0 <= seen[0] < 0.1
    assert seen[-1] == 1
    assert len(seen) > 50


def test_a_caller_that_gives_up_leaves_nothing_behind(source, tmp_path):
    def give_up(fraction: float) -> None:
        if fraction > 0.5:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        ingest_file(source, tmp_path / "out", stride=4, limits=Limits(), on_progress=give_up)

    assert list((tmp_path / "out").iterdir()) == []


def fake_ffmpeg(tmp_path: Path, monkeypatch, script: str) -> None:
    program = tmp_path / "ffmpeg"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    monkeypatch.setattr(encoder, "ffmpeg_command", lambda: str(program))


def write_frames(path: Path, count: int, **options) -> None:
    picture = np.zeros((720, 1280, 3), np.uint8)
    with Encoder(path, 1280, 720, crf=20, **options) as target:
        for _ in range(count):
            target.write([picture.reshape(-1).data])


def test_an_ffmpeg_that_hangs_is_ended(tmp_path, monkeypatch):
    fake_ffmpeg(tmp_path, monkeypatch, "exec sleep 60")

    with pytest.raises(TranscodeFailed, match="took no frame"):
        write_frames(tmp_path / "a.mp4", 3, stall_s=0.4)


def test_an_ffmpeg_that_hangs_at_the_end_is_ended(tmp_path, monkeypatch):
    fake_ffmpeg(tmp_path, monkeypatch, "cat > /dev/null; exec sleep 60")

    with pytest.raises(TranscodeFailed, match="took no frame"):
        write_frames(tmp_path / "a.mp4", 3, stall_s=0.4)


def test_a_full_disk_is_told_apart(tmp_path, monkeypatch, source):
    fake_ffmpeg(
        tmp_path, monkeypatch, "head -c 1000 > /dev/null; echo 'x: No space left on device' >&2; exit 1"
    )

    with pytest.raises(OSError, match="No space left on device"):
        ingest_file(source, tmp_path / "out", stride=4, limits=Limits())
    assert list((tmp_path / "out").iterdir()) == []


def test_an_ffmpeg_that_fails_is_quoted(tmp_path, monkeypatch):
    fake_ffmpeg(tmp_path, monkeypatch, "cat > /dev/null; echo 'the moon is full' >&2; exit 3")

    with pytest.raises(TranscodeFailed, match="the moon is full"):
        write_frames(tmp_path / "a.mp4", 3)


def test_ffmpeg_never_gets_the_source(source, ingest, monkeypatch):
    commands: list[list[str]] = []
    start = encoder.subprocess.Popen

    def watched(command, **options):
        commands.append(command)
        return start(command, **options)

    monkeypatch.setattr(encoder.subprocess, "Popen", watched)
    ingest(source)

    assert len(commands) == 1
    assert str(source) not in " ".join(commands[0])
    assert commands[0][commands[0].index("-protocol_whitelist") + 1] == "pipe"
