from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import imageio_ffmpeg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from annotator.export_formats import sav
from annotator.export_formats.sav_validator import validate, validate_each
from inference_worker.protocol import rle

from .conftest import FRAMES, HEIGHT, WIDTH, square, video, write_mp4

Change = Callable[[str, Callable[[dict], object]], None]


def codes(folder: Path, level: str = "error") -> set[str]:
    return {problem.code for problem in validate(folder) if problem.level == level}


def put(key: str, value: object) -> Callable[[dict], object]:
    return lambda document: document.__setitem__(key, value)


def put_at(key: str, at: int, value: object) -> Callable[[dict], object]:
    return lambda document: document[key].__setitem__(at, value)


def put_mask(field: str, value: object) -> Callable[[dict], object]:
    return lambda document: document["masklet"][1][0].__setitem__(field, value)


def reorder(document: dict) -> None:
    for key in sorted(document):
        document[key] = document.pop(key)


def no_masklets(document: dict) -> None:
    for key, value in document.items():
        if key.startswith("masklet") and isinstance(value, list):
            document[key] = []
    document["masklet"] = [[] for _ in range(sav.annotated_frame_count(FRAMES))]
    document["masklet_num"] = 0


def hide(document: dict) -> None:
    for masks in document["masklet"]:
        masks[1]["counts"] = rle.empty(HEIGHT, WIDTH)


MANUAL = {
    "keys: one missing": ("keys", lambda document: document.pop("masklet_type")),
    "keys: one too many": ("keys", put("fps", 6)),
    "keys: another order": ("keys", reorder),
    "an int for a float": ("type", put("video_frame_count", FRAMES)),
    "a list of environments": ("type", put("video_environment", ["Indoor"])),
    "a float number of masklets": ("type", put("masklet_num", 2.0)),
    "another video's id": ("video_id", put("video_id", "clip_2")),
    "an unknown environment": ("video_environment", put("video_environment", "Space")),
    "an unknown split": ("video_split", put("video_split", "holdout")),
    "half a frame": ("video_frame_count", put("video_frame_count", 36.5)),
    "no frames": ("video_frame_count", put("video_frame_count", 0.0)),
    "no height": ("video_height", put("video_height", 0.0)),
    "half a column": ("video_width", put("video_width", 63.5)),
    "a wrong duration": ("video_duration", put("video_duration", FRAMES / 25)),
    "a wrong resolution": ("video_resolution", put("video_resolution", 1.0)),
    "an annotated frame too few": ("annotated_frames", lambda document: document["masklet"].pop()),
    "masks for every frame": (
        "annotated_frames",
        lambda document: document["masklet"].extend(document["masklet"] * 3),
    ),
    "a frame with a mask too few": ("ragged_frame", lambda document: document["masklet"][3].pop()),
    "a frame that is no list": ("ragged_frame", put_at("masklet", 3, None)),
    "a short list": ("list_length", lambda document: document["masklet_id"].pop()),
    "no masklets": ("no_masklets", no_masklets),
    "a wrong number of masklets": ("masklet_num", put("masklet_num", 3)),
    "a null mask": ("mask_null", lambda document: document["masklet"][0].__setitem__(1, None)),
    "a mask that is a list": ("mask_form", lambda document: document["masklet"][0].__setitem__(1, [])),
    "a mask with its keys turned round": (
        "mask_form",
        lambda document: document["masklet"][0].__setitem__(
            1, {"counts": square(0), "size": [HEIGHT, WIDTH]}
        ),
    ),
    "a mask with a key too many": ("mask_form", put_mask("bbox", [])),
    "width before height": ("mask_size", put_mask("size", [WIDTH, HEIGHT])),
    "a float size": ("mask_size", put_mask("size", [float(HEIGHT), WIDTH])),
    "uncompressed counts": ("mask_counts", put_mask("counts", [0, HEIGHT * WIDTH])),
    "counts of a smaller mask": ("mask_runs", put_mask("counts", rle.empty(HEIGHT, WIDTH - 1))),
    "counts cut short": ("mask_runs", put_mask("counts", square(0)[:-1])),
    "counts that are not RLE": ("mask_runs", put_mask("counts", "é\x00")),
    "empty counts": ("mask_runs", put_mask("counts", "")),
    "ids from one": ("masklet_id", put("masklet_id", [1, 2])),
    "a wrong relative size": ("masklet_size_rel", put_at("masklet_size_rel", 0, 0.5)),
    "a relative size that is not rounded": ("masklet_size_rel", put_at("masklet_size_rel", 0, 100 / 3072)),
    "a wrong absolute size": ("masklet_size_abs", put_at("masklet_size_abs", 0, 101.0)),
    "an absolute size as an int": ("masklet_size_abs", put_at("masklet_size_abs", 0, 100)),
    "a wrong bucket": ("masklet_size_bucket", put_at("masklet_size_bucket", 0, "medium")),
    "changes counted from the first frame": (
        "masklet_visibility_changes",
        put_at("masklet_visibility_changes", 1, 3),
    ),
    "a first appearance in working frames": (
        "masklet_first_appeared_frame",
        put_at("masklet_first_appeared_frame", 1, 8.0),
    ),
    "a first appearance as an int": (
        "masklet_first_appeared_frame",
        put_at("masklet_first_appeared_frame", 1, 2),
    ),
    "frames counted where visible": ("masklet_frame_count", put_at("masklet_frame_count", 1, 7)),
    "more edited frames than annotated": (
        "masklet_edited_frame_count",
        put_at("masklet_edited_frame_count", 0, 11),
    ),
    "a negative number of edited frames": (
        "masklet_edited_frame_count",
        put_at("masklet_edited_frame_count", 0, -1),
    ),
    "true edited frames": ("masklet_edited_frame_count", put_at("masklet_edited_frame_count", 0, True)),
    "an auto masklet in the manual file": ("masklet_type", put_at("masklet_type", 0, "auto")),
    "one null for all scores": ("masklet_stability_score", put("masklet_stability_score", [None])),
    "scores in the manual file": (
        "masklet_stability_score",
        put("masklet_stability_score", [[1.0, 1.0]] * 10),
    ),
    "a masklet that is never visible": ("never_visible", hide),
}
AUTO = {
    "a first appearance as a float": (
        "masklet_first_appeared_frame",
        put_at("masklet_first_appeared_frame", 0, 0.0),
    ),
    "scores of a frame missing": (
        "masklet_stability_score",
        lambda document: document["masklet_stability_score"].pop(),
    ),
    "a score missing": (
        "masklet_stability_score",
        lambda document: document["masklet_stability_score"][4].pop(),
    ),
    "a score past one": ("masklet_stability_score", put_at("masklet_stability_score", 3, [1.0, 1.5])),
    "a score as an int": ("masklet_stability_score", put_at("masklet_stability_score", 3, [1, 1.0])),
    "an absent mask without a full score": (
        "masklet_stability_score",
        put_at("masklet_stability_score", 0, [1.0, 0.99]),
    ),
    "another environment than the manual file's": (
        "heads_differ",
        put("video_environment", "Outdoor"),
    ),
}
CASES = [("manual", name, *case) for name, case in MANUAL.items()] + [
    ("auto", name, *case) for name, case in AUTO.items()
]


def test_a_valid_export_has_no_problems(export: Path) -> None:
    assert validate(export) == []


def test_the_examples_of_sa_v_break_no_rule_but_the_missing_video(
    example_folder: Path, tmp_path: Path
) -> None:
    for path in example_folder.glob("*.json"):
        shutil.copyfile(path, tmp_path / path.name)
    assert [problem.code for problem in validate(tmp_path)] == ["mp4_missing"]


@pytest.mark.parametrize(
    ("kind", "code", "mutate"),
    [pytest.param(kind, code, mutate, id=f"{kind}: {name}") for kind, name, code, mutate in CASES],
)
def test_a_broken_annotation_file_is_caught(
    export: Path, change: Change, kind: str, code: str, mutate: Callable[[dict], Any]
) -> None:
    change(kind, mutate)
    problems = [problem for problem in validate(export) if problem.level == "error"]
    assert code in {problem.code for problem in problems}
    assert all(problem.file.startswith("clip_1") and problem.sentence for problem in problems)


@pytest.mark.parametrize(
    ("code", "rewrite"),
    [
        ("json_bytes", lambda text: text + "\n"),
        ("json_bytes", lambda text: json.dumps(json.loads(text), separators=(",", ":"))),
        ("json_bytes", lambda text: text.replace('"masklet_num": 2', '"masklet_num": 3, "masklet_num": 2')),
        ("json_bytes", lambda text: text.replace("Indoor", "\\u0049ndoor")),
        ("json_unreadable", lambda text: text[: len(text) // 2]),
        ("json_unreadable", lambda text: text.replace("37.0", "NaN")),
        ("json_unreadable", lambda _: "[" * 100_000),
        ("json_not_object", lambda text: f"[{text}]"),
        ("json_unreadable", lambda _: ""),
    ],
)
def test_a_file_in_another_form_than_json_dumps_is_caught(
    export: Path, code: str, rewrite: Callable[[str], str]
) -> None:
    path = export / "clip_1_manual.json"
    path.write_text(rewrite(path.read_text()))
    assert codes(export) == {code}


def test_only_the_first_of_many_broken_masks_is_told_with_how_many_more(export: Path, change: Change) -> None:
    change("manual", lambda document: [masks.__setitem__(1, None) for masks in document["masklet"]])
    (problem,) = validate(export)
    assert problem.code == "mask_null"
    assert problem.sentence.startswith("The mask of masklet 1 in annotated frame 0 is null")
    assert problem.sentence.endswith("So do 9 more.")


def test_missing_files_and_files_that_do_not_belong_are_caught(export: Path) -> None:
    (export / "notes.txt").touch()
    (export / "more").mkdir()
    (export / ".DS_Store").touch()
    (export / "clip_1.mp4").rename(export / "clip_2.mp4")
    found = {(problem.code, problem.file) for problem in validate(export)}
    assert found == {
        ("stray_file", "notes.txt"),
        ("stray_file", "more"),
        ("stray_file", ".DS_Store"),
        ("mp4_missing", "clip_1.mp4"),
        ("manual_missing", "clip_2_manual.json"),
    }


def test_each_video_is_a_step_of_its_own(export: Path) -> None:
    (export / "clip_0.mp4").touch()
    (export / "notes.txt").touch()
    steps = [{problem.file for problem in problems} for problems in validate_each(export)]
    assert steps == [{"notes.txt"}, {"clip_0.mp4", "clip_0_manual.json"}, set()]


def test_a_video_with_an_auto_file_only_is_caught(export: Path) -> None:
    (export / "clip_1_manual.json").unlink()
    assert codes(export) == {"manual_missing"}


def test_an_empty_folder_is_no_export(tmp_path: Path) -> None:
    assert codes(tmp_path) == {"empty_export"}


@pytest.mark.parametrize("name", ["clip.1", "clip 1"])
def test_a_video_id_that_list_files_would_cut_is_caught(export: Path, name: str) -> None:
    for path in list(export.iterdir()):
        path.rename(path.with_name(path.name.replace("clip_1", name)))
    assert codes(export) == {"video_id_form", "video_id"}


@pytest.mark.parametrize(
    ("code", "made"),
    [
        ("mp4_frame_count", {"frames": FRAMES - 1}),
        ("mp4_size", {"size": (HEIGHT, WIDTH + 2)}),
        ("mp4_rate", {"fps": 25}),
        ("mp4_rate", {"late": 9}),
        ("mp4_unreadable", {"container": "matroska"}),
    ],
)
def test_an_mp4_that_does_not_fit_its_annotations_is_caught(export: Path, code: str, made: dict) -> None:
    write_mp4(export / "clip_1.mp4", **made)
    assert codes(export) == {code}


def test_an_mp4_that_players_turn_is_caught(export: Path) -> None:
    turned = export / "turned.mp4"
    source = ["-display_rotation", "90", "-i", str(export / "clip_1.mp4")]
    program = imageio_ffmpeg.get_ffmpeg_exe()
    subprocess.run([program, "-v", "error", *source, "-c", "copy", str(turned)], check=True)
    turned.replace(export / "clip_1.mp4")
    assert codes(export) == {"mp4_rotated"}


@pytest.mark.parametrize("keep", [0, 20, 0.6])
def test_an_mp4_that_is_cut_off_is_caught(export: Path, keep: float) -> None:
    path = export / "clip_1.mp4"
    whole = path.read_bytes()
    path.write_bytes(whole[: keep if isinstance(keep, int) else int(len(whole) * keep)])
    assert codes(export) == {"mp4_unreadable"}


def test_an_mp4_without_pictures_is_caught(export: Path) -> None:
    program = imageio_ffmpeg.get_ffmpeg_exe()
    sound = ["-f", "lavfi", "-i", "anullsrc", "-t", "1", str(export / "clip_1.mp4")]
    subprocess.run([program, "-v", "error", "-y", *sound], check=True)
    assert codes(export) == {"mp4_unreadable"}


def rewrite(export: Path, frame_count: int, rows: list[list[str | None]]) -> None:
    write_mp4(export / "clip_1.mp4", frames=frame_count)
    (export / "clip_1_auto.json").unlink()
    made = sav.SavVideo(
        video_id="clip_1",
        frame_count=frame_count,
        height=HEIGHT,
        width=WIDTH,
        environment="Indoor",
        split="train",
        kind="manual",
        edited_frame_counts=[0] * len(rows[0]),
        frames=[sav.SavFrame(t, row) for t, row in enumerate(rows)],
    )
    (export / "clip_1_manual.json").write_text("".join(sav.pieces(made)))


def test_a_video_of_one_frame_is_whole_but_warned_about(export: Path) -> None:
    rewrite(export, 1, [[square(3)]])
    assert codes(export) == set()
    assert codes(export, "warning") == {"few_frames", "unscored"}


@pytest.mark.parametrize(
    ("visible", "warned"),
    [([0], True), ([8], True), ([0, 8], True), ([1], False), ([7], False), ([0, 4], False)],
)
def test_an_object_only_in_frames_the_evaluator_skips_is_warned_about(
    export: Path, visible: list[int], warned: bool
) -> None:
    rewrite(export, 36, [[square(3), square(5) if t in visible else None] for t in range(9)])
    assert codes(export) == set()
    assert codes(export, "warning") == ({"unscored"} if warned else set())


def test_more_masklets_than_the_viewer_has_colours_are_warned_about(export: Path) -> None:
    rewrite(export, 36, [[square(t)] * 257 for t in range(9)])
    assert codes(export, "warning") == {"many_masklets"}
    assert codes(export) == set()


values = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 3) | st.floats() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
    max_leaves=6,
)


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.sampled_from(sav.KEYS), values, st.integers(0, 1) | st.none())
def test_any_other_value_in_any_place_is_a_problem_and_never_an_exception(
    tmp_path: Path, key: str, value: Any, at: int | None
) -> None:
    document = json.loads("".join(sav.pieces(video())))
    before = json.dumps(document[key])
    if at is not None and isinstance(document[key], list):
        document[key][at] = value
    else:
        document[key] = value
    (tmp_path / "clip_1_manual.json").write_text(json.dumps(document))
    edited_within_bounds = (
        key == "masklet_edited_frame_count" and at is not None and type(value) is int and value >= 0
    )
    expected = {"mp4_missing"}
    found = codes(tmp_path)
    if json.dumps(document[key]) == before or edited_within_bounds:
        assert found == expected
    else:
        assert found > expected
