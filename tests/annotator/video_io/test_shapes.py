"""Odd sizes, orientations, pixel shapes, pictures."""

from __future__ import annotations

from fractions import Fraction
from io import BytesIO
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image

from annotator.video_io.frames import read_frame

RED, GREEN, BLUE, WHITE = (220, 30, 30), (30, 200, 30), (30, 30, 220), (240, 240, 240)


def quarters(height: int, width: int) -> np.ndarray:
    """Upper left red, upper right green, lower left blue, lower right white."""
    pixels = np.empty((height, width, 3), np.uint8)
    pixels[: height // 2, : width // 2], pixels[: height // 2, width // 2 :] = RED, GREEN
    pixels[height // 2 :, : width // 2], pixels[height // 2 :, width // 2 :] = BLUE, WHITE
    return pixels


def corners(pixels: np.ndarray) -> list[str]:
    height, width = pixels.shape[:2]
    names = {"red": RED, "green": GREEN, "blue": BLUE, "white": WHITE}
    places = [(y, x) for y in (height // 4, 3 * height // 4) for x in (width // 4, 3 * width // 4)]
    seen = [pixels[place].astype(int) for place in places]
    return [min(names, key=lambda name: abs(names[name] - colour).sum()) for colour in seen]


def first_jpeg(out: Path, result) -> np.ndarray:
    entry = result.jpegs[0]
    with Image.open(BytesIO(read_frame(out / "frames.zip", entry.offset, entry.length))) as image:
        return np.asarray(image)


def first_working(out: Path) -> np.ndarray:
    with av.open(str(out / "working.mp4")) as container:
        return next(container.decode(video=0)).to_ndarray(format="rgb24")


UPRIGHT = ["red", "green", "blue", "white"]
# What the picture looks like when shown as each EXIF orientation says.
EXIF = {
    1: UPRIGHT,
    2: ["green", "red", "white", "blue"],
    3: ["white", "blue", "green", "red"],
    4: ["blue", "white", "red", "green"],
    5: ["red", "blue", "green", "white"],
    6: ["blue", "red", "white", "green"],
    7: ["white", "green", "blue", "red"],
    8: ["green", "white", "red", "blue"],
}


@pytest.mark.parametrize("tag", EXIF)
def test_a_photograph_is_turned_as_its_exif_says(tag, ingest, tmp_path):
    source = tmp_path / "photo.jpg"
    exif = Image.Exif()
    exif[0x0112] = tag
    Image.fromarray(quarters(64, 96)).save(source, exif=exif, quality=95)

    result = ingest(source)

    assert (result.width, result.height) == ((96, 64) if tag < 5 else (64, 96))
    assert corners(first_jpeg(tmp_path / "out", result)) == EXIF[tag]
    assert corners(first_working(tmp_path / "out")) == EXIF[tag]
    assert (result.frame_count, result.annotated, result.source_pts) == (1, [0], [0])


# Rows of the display matrix that phones write, and what it makes of the picture.
MATRICES = {-90: EXIF[6], 90: EXIF[8], 180: EXIF[3], 0: UPRIGHT}


@pytest.mark.parametrize("counterclockwise", MATRICES)
def test_a_turned_video_is_turned_upright(counterclockwise, clip, ingest, tmp_path):
    plain = clip([quarters(64, 96)] * 5, range(5), Fraction(1, 24))
    source = tmp_path / "turned.mp4"
    with av.open(str(plain)) as before, av.open(str(source), "w") as after:
        stream = after.add_stream_from_template(before.streams.video[0])
        stream.set_display_rotation(counterclockwise)
        for packet in before.demux(video=0):
            if packet.size:
                packet.stream = stream
                after.mux(packet)

    result = ingest(source)

    assert result.mapping.rotation == -counterclockwise % 360
    assert corners(first_working(tmp_path / "out")) == MATRICES[counterclockwise]


@pytest.mark.parametrize(("height", "width"), [(65, 97), (64, 97), (65, 96), (853, 480), (17, 16)])
def test_an_odd_size_loses_one_row_or_column_and_moves_nothing(height, width, ingest, tmp_path):
    source = tmp_path / "odd.png"
    Image.fromarray(quarters(height, width)).save(source)

    result = ingest(source)

    assert (result.width, result.height) == (width - width % 2, height - height % 2)
    assert (result.mapping.crop_right, result.mapping.crop_bottom) == (width % 2, height % 2)
    kept = quarters(height, width)[: result.height, : result.width].astype(int)
    assert np.abs(first_jpeg(tmp_path / "out", result) - kept).mean() < 4


def test_an_odd_sized_video_is_cropped_to_even(clip, ingest, tmp_path):
    source = clip(
        [quarters(65, 97)] * 4, range(4), Fraction(1, 24), codec="ffv1", name="odd.mkv", pixel_format="bgr0"
    )

    result = ingest(source)

    assert (result.width, result.height) == (96, 64)
    assert corners(first_working(tmp_path / "out")) == UPRIGHT


def test_pixels_that_are_not_square_are_made_square(clip, ingest, tmp_path):
    source = clip([quarters(96, 128)] * 4, range(4), Fraction(1, 24), sample_aspect_ratio=Fraction(4, 3))

    result = ingest(source)

    assert (result.width, result.height) == (170, 96)
    assert (result.mapping.square_width, result.mapping.coded_width) == (170, 128)
    assert corners(first_working(tmp_path / "out")) == UPRIGHT


@pytest.mark.parametrize("pixel_format", ["yuv420p", "yuvj420p", "yuv422p", "yuv444p", "yuv420p10le"])
def test_colours_stay_in_every_pixel_format(pixel_format, clip, ingest, tmp_path):
    source = clip([quarters(64, 96)] * 4, range(4), Fraction(1, 24), pixel_format=pixel_format)
    with av.open(str(source)) as container:
        before = next(container.decode(video=0)).to_ndarray(format="rgb24").astype(int)

    result = ingest(source)

    for after in (first_jpeg(tmp_path / "out", result), first_working(tmp_path / "out")):
        for y, x in ((16, 24), (16, 72), (48, 24), (48, 72)):
            assert np.abs(after[y, x] - before[y, x]).max() <= 8


def modes() -> dict[str, Image.Image]:
    upright = Image.fromarray(quarters(64, 96))
    clear = upright.convert("RGBA")
    clear.paste((0, 0, 0, 0), (48, 32, 96, 64))  # the white quarter becomes a hole
    return {
        "palette.png": upright.quantize(8),
        "transparent.png": clear,
        "transparent.webp": clear,
        "cmyk.jpg": upright.convert("CMYK"),
        "lossless.webp": upright,
    }


@pytest.mark.parametrize("name", modes())
def test_a_picture_in_any_mode_keeps_its_colours(name, ingest, tmp_path):
    source = tmp_path / name
    modes()[name].save(source, **({"lossless": True} if name.endswith("webp") else {}))

    result = ingest(source)

    assert corners(first_jpeg(tmp_path / "out", result)) == UPRIGHT


def test_sixteen_bits_of_grey_become_eight(ingest, tmp_path):
    source = tmp_path / "deep.png"
    ramp = np.linspace(0, 65535, 256).astype(np.uint16)
    Image.fromarray(np.tile(ramp, (64, 1))).save(source)

    pixels = first_jpeg(tmp_path / "out", ingest(source)).astype(int)

    assert np.abs(pixels[32, :, 0] - np.arange(256)).max() <= 3


def test_a_video_of_one_frame_is_kept(clip, ingest, tmp_path):
    result = ingest(clip([quarters(64, 96)], [0], Fraction(1, 24)))

    assert (result.frame_count, result.annotated) == (1, [0])
    assert corners(first_jpeg(tmp_path / "out", result)) == UPRIGHT
