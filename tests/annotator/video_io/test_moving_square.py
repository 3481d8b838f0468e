"""A square whose place says which source frame is seen."""

from __future__ import annotations

import random
from fractions import Fraction
from io import BytesIO

import av
import numpy as np
import pytest
from PIL import Image

from annotator.video_io.frames import read_frame

CELL, COLUMNS, ROWS = 16, 20, 12
TICKS = 90000


def picture(number: int) -> np.ndarray:
    pixels = np.full((ROWS * CELL, COLUMNS * CELL, 3), 40, np.uint8)
    row, column = divmod(number % (COLUMNS * ROWS), COLUMNS)
    pixels[row * CELL : (row + 1) * CELL, column * CELL : (column + 1) * CELL] = 230
    return pixels


def number_in(pixels: np.ndarray) -> int:
    cells = pixels[..., 1].astype(float).reshape(ROWS, CELL, COLUMNS, CELL).mean(axis=(1, 3))
    assert cells.max() > 200
    assert np.sort(cells.ravel())[-2] < 90, "two source frames are blended"
    return int(cells.argmax())


def constant(rate: Fraction, count: int) -> list[int]:
    return [round(index / rate * TICKS) for index in range(count)]


def variable(count: int) -> list[int]:
    rng = random.Random(5)
    times = [0]
    while len(times) < count:
        times.append(times[-1] + rng.choice([900, 1500, 3000, 3003, 3750, 9000, 31000]))
    return times


RATES = {
    "24": constant(Fraction(24), 73),
    "25": constant(Fraction(25), 76),
    "29.97": constant(Fraction(30000, 1001), 91),
    "30": constant(Fraction(30), 90),
    "59.94": constant(Fraction(60000, 1001), 181),
    "10": constant(Fraction(10), 31),
    "variable": variable(60),
    "variable, starting late": [45000 + time for time in variable(50)],
}


def shown_at(times: list[int], frame_index: int) -> int:
    """The newest source frame that has begun by the middle of the step before this working frame and the next."""
    middle = times[0] + (frame_index + Fraction(1, 2)) * Fraction(TICKS, 24)
    return max(number for number, time in enumerate(times) if time < middle)


@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize("name", ["clip.mp4", "clip.mkv"])
def test_annotated_frame_t_is_working_frame_t(rate, name, clip, ingest, tmp_path):
    times = RATES[rate]
    source = clip(map(picture, range(len(times))), times, Fraction(1, TICKS), name=name)
    with av.open(str(source)) as container:
        stored = sorted(packet.pts for packet in container.demux(video=0) if packet.size)

    result = ingest(source, stride=4)

    with av.open(str(tmp_path / "out" / "working.mp4")) as container:
        working = {
            round(frame.time * 24): number_in(frame.to_ndarray(format="rgb24"))
            for frame in container.decode()
        }
    assert list(working) == list(range(result.frame_count))
    if name.endswith("mp4"):  # Matroska keeps milliseconds only, so its frames may fall on either side
        assert working == {index: shown_at(times, index) for index in working}
    assert [stored[working[index]] for index in working] == result.source_pts
    for entry in result.jpegs:
        data = read_frame(tmp_path / "out" / "frames.zip", entry.offset, entry.length)
        assert number_in(np.asarray(Image.open(BytesIO(data)))) == working[entry.frame_index]


def test_a_24_fps_source_maps_one_to_one(clip, ingest):
    times = [index * 512 for index in range(50)]

    result = ingest(clip(map(picture, range(50)), times, Fraction(1, 12288)))

    assert result.source_pts == times


def test_clocks_that_jump_back_are_reported_and_nothing_is_lost(clip, ingest, tmp_path):
    first = clip(
        map(picture, range(48)), [index * 3750 for index in range(48)], Fraction(1, TICKS), name="a.ts"
    )
    second = clip(
        map(picture, range(48, 96)), [index * 3750 for index in range(48)], Fraction(1, TICKS), name="b.ts"
    )
    joined = tmp_path / "joined.ts"
    joined.write_bytes(first.read_bytes() + second.read_bytes())

    result = ingest(joined)

    assert result.frame_count == pytest.approx(96, abs=2)
    assert any("jumps back" in fault.message for fault in result.decode_faults)
