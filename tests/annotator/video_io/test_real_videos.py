"""Every real video has a known outcome."""

from __future__ import annotations

import zipfile
from dataclasses import dataclass, field
from fractions import Fraction
from io import BytesIO

import av
import pytest
from PIL import Image


@dataclass(frozen=True)
class Outcome:
    size: tuple[int, int]
    frames: int
    packets: int
    rotation: int = 0
    variable_rate: bool = False
    pixel_aspect: Fraction = Fraction(1)
    faults: list[int] = field(default_factory=list)


OUTCOMES = {
    "05_default_juggle.mp4": Outcome((1280, 720), 247, 247),
    "02_cups.mp4": Outcome((1280, 720), 240, 300),
    "bedroom.mp4": Outcome((960, 540), 160, 200),
    "06_pingpong.mp4": Outcome((1280, 720), 230, 230),
    "odd/fire2.mp4": Outcome((1280, 720), 57, 25, rotation=180, variable_rate=True),
    "odd/kitten_test-sample2.mp4": Outcome((568, 320), 121, 149, variable_rate=True),
    "odd/escalator.avi": Outcome((160, 130), 318, 200),
    "odd/video_90.mov": Outcome((320, 568), 2, 3, rotation=90),
    "odd/corrupted.mp4": Outcome((1280, 720), 120, 50, faults=[72, 77]),
    "odd/openshot_test1.mp4": Outcome((660, 480), 17, 21, pixel_aspect=Fraction(11, 12)),
    "odd/flipping_a_pancake.mkv": Outcome((426, 240), 248, 310),
    "odd/h264_10bits.mp4": Outcome((200, 200), 24, 30),
}


@pytest.mark.parametrize("name", OUTCOMES)
def test_a_real_video_becomes_the_expected_working_video(name, videos, ingest, tmp_path):
    expected = OUTCOMES[name]

    result = ingest(videos / name)

    assert (result.width, result.height) == expected.size
    assert result.frame_count == expected.frames == len(result.source_pts)
    assert result.probe.frame_count == expected.packets
    assert result.probe.variable_rate is expected.variable_rate
    assert result.probe.pixel_aspect == expected.pixel_aspect
    assert result.mapping.rotation == expected.rotation
    assert [fault.frame_index for fault in result.decode_faults] == expected.faults
    assert result.annotated == list(range(0, expected.frames, 4))
    assert result.source_pts == sorted(result.source_pts)
    assert_browsers_can_play(tmp_path / "out" / "working.mp4", expected)
    assert_jpegs_fit(tmp_path / "out" / "frames.zip", result, expected)


def assert_browsers_can_play(path, expected: Outcome) -> None:
    with av.open(str(path)) as container:
        assert [stream.type for stream in container.streams] == ["video"]
        stream = container.streams.video[0]
        assert (stream.codec_context.name, stream.codec_context.pix_fmt) == ("h264", "yuv420p")
        assert (stream.width, stream.height) == expected.size
        assert stream.sample_aspect_ratio in (None, 1)
        packets = [packet for packet in container.demux(stream) if packet.size]
        times = [packet.pts * packet.time_base for packet in packets]
        assert times == [Fraction(index, 24) for index in range(expected.frames)]
        keys = [index for index, packet in enumerate(packets) if packet.is_keyframe]
        assert keys == list(range(0, expected.frames, 12))
    head = path.read_bytes()[:4096]
    assert b"moov" in head, "the index must come first, so that playing starts before the whole file is there"


def assert_jpegs_fit(path, result, expected: Outcome) -> None:
    with zipfile.ZipFile(path) as archive:
        assert archive.namelist() == [f"{index:05d}.jpg" for index in range(0, expected.frames, 4)]
        assert all(member.compress_type == zipfile.ZIP_STORED for member in archive.infolist())
    whole = path.read_bytes()
    for entry in result.jpegs[:: max(1, len(result.jpegs) - 1)]:
        with Image.open(BytesIO(whole[entry.offset : entry.offset + entry.length])) as image:
            assert (image.format, image.size) == ("JPEG", expected.size)


def test_a_fault_is_covered_by_the_frame_before_it(videos, ingest):
    result = ingest(videos / "odd/corrupted.mp4")

    lost = 30720  # 3.0 s in ticks of 1/10240: the only frame that cannot be decoded
    assert lost not in result.source_pts
    assert result.source_pts[72] == lost - 1024
    assert "could not be decoded" in result.decode_faults[0].message


def test_variable_frame_times_are_kept(videos, ingest):
    result = ingest(videos / "odd/fire2.mp4")

    for index, pts in enumerate(result.source_pts):
        late = Fraction(index, 24) - (pts - result.source_pts[0]) * result.time_base
        assert late >= Fraction(-1, 48), f"working frame {index} shows the future"
    shown = set(result.source_pts)
    assert len(shown) == 25, "every one of the slow source's frames is seen"
