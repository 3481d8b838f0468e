from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from inference_worker.engines import registry
from inference_worker.evaluation import protocols, report, sequences
from inference_worker.evaluation.__main__ import main
from inference_worker.evaluation.sequences import SequenceError

SIZE = HEIGHT, WIDTH = 120, 90  # portrait
FRAMES = 8


def labels_at(index: int) -> np.ndarray:
    """Object 3 moves one pixel right a frame; object 7 appears on frame 2."""
    labels = np.zeros(SIZE, np.uint8)
    labels[10:50, 10 + index : 50 + index] = 3
    if index >= 2:
        labels[70:110, 20 + index : 60 + index] = 7
    return labels


def write(
    folder: Path, *, mode: str = "P", stems: list[str] | None = None, masks: range = range(FRAMES)
) -> Path:
    stems = stems or [f"{index:05d}" for index in range(FRAMES)]
    for name in ("JPEGImages", "Annotations"):
        (folder / name).mkdir(parents=True)
    for index, stem in enumerate(stems):
        image = np.full((*SIZE, 3), 100 + index, np.uint8)
        cv2.imwrite(str(folder / "JPEGImages" / f"{stem}.jpg"), image)
        if index not in masks:
            continue
        labels = labels_at(index)
        if mode == "P":
            picture = Image.fromarray(labels, "P")
            picture.putpalette([value for color in range(256) for value in (color, 0, 255 - color)])
        else:
            picture = Image.fromarray(np.where(labels == 3, 255, 0).astype(np.uint8)).convert(mode)
        picture.save(folder / "Annotations" / f"{stem}.png")
    return folder


@pytest.fixture
def scripted():
    return registry.load("scripted")


def test_palette_masks_hold_an_object_per_index(tmp_path):
    sequence = sequences.load(write(tmp_path / "clip"))
    assert sequence.name == "clip" and sequence.frames.size == SIZE
    assert sorted(sequence.truth) == [3, 7]
    assert np.array_equal(sequence.truth[3][4], labels_at(4) == 3)
    assert not sequence.truth[7][1].any()


@pytest.mark.parametrize("mode", ["L", "1"])
def test_binary_masks_hold_one_object(tmp_path, mode):
    sequence = sequences.load(write(tmp_path / "clip", mode=mode))
    assert list(sequence.truth) == [1]
    assert np.array_equal(sequence.truth[1][2], labels_at(2) == 3)


def test_frames_are_in_natural_order_and_may_lack_masks(tmp_path):
    stems = [f"shot-{index}" for index in range(5, 5 + FRAMES)]
    sequence = sequences.load(write(tmp_path / "clip", stems=stems, masks=range(0, FRAMES, 3)))
    assert sorted(sequence.truth[3]) == [0, 3, 6]
    assert [path.stem for path in sequence.frames.paths] == stems
    assert abs(int(sequence.frames.rgb(7).mean()) - 107) <= 1


def test_a_frame_that_is_not_there_is_a_key_error(tmp_path):
    with pytest.raises(KeyError):
        sequences.load(write(tmp_path / "clip")).frames.rgb(FRAMES)


def test_colour_masks_are_refused(tmp_path):
    write(tmp_path / "clip")
    Image.new("RGB", (WIDTH, HEIGHT)).save(tmp_path / "clip" / "Annotations" / "00000.png")
    with pytest.raises(SequenceError, match="colour picture"):
        sequences.load(tmp_path / "clip")


def test_a_mask_of_another_size_is_refused(tmp_path):
    write(tmp_path / "clip")
    Image.new("P", (10, 10)).save(tmp_path / "clip" / "Annotations" / "00003.png")
    with pytest.raises(SequenceError, match="its frame is"):
        sequences.load(tmp_path / "clip")


def test_the_scripted_engine_follows_what_moves_as_it_does(tmp_path, scripted):
    runs = protocols.semi_supervised(scripted, sequences.load(write(tmp_path / "clip")))
    assert [run.scores.j for run in runs] == [1, 1]
    assert [run.frames for run in runs] == [FRAMES - 1, FRAMES - 3]
    assert [run.clicks for run in runs] == [0, 0]


def test_clicks_reach_the_object_in_both_interactive_protocols(tmp_path, scripted):
    sequence = sequences.load(write(tmp_path / "clip", mode="L"))
    for protocol in (protocols.offline, protocols.online):
        (run,) = protocol(scripted, sequence)
        # the engine's square around the middle is the object itself: one click, one frame, nothing left to do
        assert (run.scores.jf, run.clicks, run.edited_frames) == (1, 1, 1)


def test_online_pauses_where_tracking_fails_and_stops_at_eight_frames(tmp_path, scripted):
    write(tmp_path / "clip", mode="L")
    for index in range(FRAMES):  # runs away twenty pixels a frame, so every frame needs clicks
        mask = np.zeros((400, 400), np.uint8)
        mask[10 + 40 * index : 50 + 40 * index, 10:50] = 255
        cv2.imwrite(str(tmp_path / "clip" / "Annotations" / f"{index:05d}.png"), mask)
        cv2.imwrite(str(tmp_path / "clip" / "JPEGImages" / f"{index:05d}.jpg"), mask)
    (run,) = protocols.online(scripted, sequences.load(tmp_path / "clip"))
    assert run.edited_frames == FRAMES
    assert FRAMES <= run.clicks <= 3 * FRAMES


def test_the_report_averages_objects_then_sequences(tmp_path, scripted):
    runs = protocols.semi_supervised(scripted, sequences.load(write(tmp_path / "clip")))
    row = report.summary("clip", "semi-supervised", runs)
    assert (row["objects"], row["J"], row["edited_frames"]) == (2, 1.0, 2)
    worse = row | {"J": 0.5, "F": None}
    mean = report.means([row, worse])["semi-supervised"]
    assert (mean["J"], mean["F"]) == (0.75, 1.0)


def test_the_command_prints_a_table_and_one_json_object_last(tmp_path, capsys):
    write(tmp_path / "one")
    write(tmp_path / "two", mode="L")
    assert (
        main(
            [
                "--engine",
                "scripted",
                "--json",
                "--protocol",
                "semi-supervised",
                "--protocol",
                "online",
                str(tmp_path),
            ]
        )
        == 0
    )
    lines = capsys.readouterr().out.splitlines()
    result = json.loads(lines[-1])
    assert result["engine"] == "scripted"
    assert [(row["name"], row["protocol"]) for row in result["sequences"]] == [
        ("one", "semi-supervised"), ("one", "online"), ("two", "semi-supervised"), ("two", "online"),
    ]  # fmt: skip
    assert result["mean"]["semi-supervised"]["J"] == 1.0
    assert lines[0].split() == list(report.COLUMNS)


@pytest.mark.parametrize(
    ("make", "why"),
    [
        (lambda path: None, "is not a folder"),
        (lambda path: path.mkdir(), "holds no sequence"),
        (
            lambda path: [(path / name).mkdir(parents=True) for name in ("JPEGImages", "Annotations")],
            "no JPEG or PNG",
        ),
    ],
)
def test_a_bad_path_gives_a_sentence_and_no_zero(tmp_path, make, why):
    make(tmp_path / "clip")
    done = subprocess.run(
        [sys.executable, "-m", "inference_worker.evaluation", "--engine", "scripted", str(tmp_path / "clip")],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert why in done.stderr and "Traceback" not in done.stderr


def test_an_unknown_engine_is_named_with_the_known_ones(tmp_path, capsys):
    assert main(["--engine", "magic", str(write(tmp_path / "clip"))]) == 2
    assert "Choose one of: sam2, opencv, scripted" in capsys.readouterr().err


def test_the_opencv_engine_keeps_a_real_object_through_occlusion():
    data = os.environ.get("MASKLOOM_TEST_DATA")
    if not data:
        pytest.skip("MASKLOOM_TEST_DATA is not set: the real sequences are not here")
    sequence = sequences.load(Path(data) / "soccerball")
    (run,) = protocols.semi_supervised(registry.load("opencv"), sequence)
    assert run.scores.j > 0.7
