from __future__ import annotations

import json
import tracemalloc
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from annotator.export_formats import sav
from inference_worker.protocol import rle

SIZE = (6, 8)
COUNTS = [
    None,
    rle.empty(*SIZE),
    *(rle.encode(np.arange(48).reshape(6, 8) < area) for area in (1, 7, 33, 48)),
]


def small(rows: list[list[str | None]], **fields: object) -> sav.SavVideo:
    frames = [sav.SavFrame(t, row) for t, row in enumerate(rows)]
    given = {"frame_count": 4 * len(rows), "kind": "manual", "edited_frame_counts": [0] * len(rows[0])}
    return sav.SavVideo(
        video_id="v",
        height=SIZE[0],
        width=SIZE[1],
        environment="Outdoor",
        split="val",
        **{"frames": frames, **given, **fields},
    )


def written(video: sav.SavVideo) -> dict:
    return json.loads("".join(sav.pieces(video)))


@pytest.mark.parametrize("kind", ["manual", "auto"])
def test_an_example_file_read_and_written_again_is_the_same_bytes(example_folder: Path, kind: str) -> None:
    path = example_folder / f"sav_000001_{kind}.json"
    assert "".join(sav.pieces(sav.read(path))).encode() == path.read_bytes()


def test_a_manual_file_is_written_key_by_key_as_expected() -> None:
    shape, zeros = COUNTS[3], rle.empty(*SIZE)
    text = "".join(
        sav.pieces(
            small(
                [[None, shape], [COUNTS[2], None], [None, shape]], frame_count=10, edited_frame_counts=[1, 2]
            )
        )
    )
    masks = [[zeros, shape], [COUNTS[2], zeros], [zeros, shape]]
    assert text == json.dumps(
        {
            "video_id": "v",
            "video_duration": 10 / 24,
            "video_frame_count": 10.0,
            "video_height": 6.0,
            "video_width": 8.0,
            "video_resolution": 48.0,
            "video_environment": "Outdoor",
            "video_split": "val",
            "masklet": [[{"size": [6, 8], "counts": counts} for counts in row] for row in masks],
            "masklet_id": [0, 1],
            "masklet_size_rel": [0.0208333333, 0.1458333333],
            "masklet_size_abs": [1.0, 7.0],
            "masklet_size_bucket": ["small", "small"],
            "masklet_visibility_changes": [1, 2],
            "masklet_first_appeared_frame": [1.0, 0.0],
            "masklet_frame_count": [3, 3],
            "masklet_edited_frame_count": [1, 2],
            "masklet_type": ["manual", "manual"],
            "masklet_stability_score": [None, None],
            "masklet_num": 2,
        }
    )


def test_an_auto_file_keeps_full_floats_whole_first_frames_and_its_scores() -> None:
    frames = [
        sav.SavFrame(1, [COUNTS[2]], [0.9837261438369751]),
        sav.SavFrame(2, [COUNTS[3]], [1.0]),
        sav.SavFrame(3, [COUNTS[3]], [1.0]),
    ]
    found = written(small([[None]] * 4, frames=frames, kind="auto"))
    assert found["masklet_size_abs"] == [5.0] and found["masklet_size_rel"] == [5 / 48]
    assert json.dumps(found["masklet_first_appeared_frame"]) == "[1]"
    assert found["masklet_stability_score"] == [[1.0], [0.9837261438369751], [1.0], [1.0]]
    assert found["masklet_type"] == ["auto"]


def test_an_auto_file_nobody_scored_has_a_null_per_masklet() -> None:
    assert written(small([[COUNTS[2], COUNTS[3]]], kind="auto"))["masklet_stability_score"] == [None, None]


@pytest.mark.parametrize(
    ("visible", "first", "changes"),
    [
        ([0, 0, 0, 0], 0, 0),
        ([1, 1, 1, 1], 0, 0),
        ([0, 0, 0, 1], 3, 0),
        ([1, 0, 0, 0], 0, 1),
        ([0, 1, 1, 0], 1, 1),
        ([1, 0, 1, 0], 0, 3),
        ([0, 1, 0, 1], 1, 2),
    ],
)
def test_visibility_is_counted_from_the_first_appearance(
    visible: list[int], first: int, changes: int
) -> None:
    found = written(small([[COUNTS[2] if seen else None] for seen in visible]))
    assert found["masklet_first_appeared_frame"] == [first]
    assert found["masklet_visibility_changes"] == [changes]


def test_the_size_of_a_masklet_leaves_out_the_frames_it_is_absent_from() -> None:
    found = written(small([[COUNTS[2]], [None], [COUNTS[4]]]))
    assert found["masklet_size_abs"] == [17.0]
    assert written(small([[None]]))["masklet_size_abs"] == [0.0]


@pytest.mark.parametrize(("side", "bucket"), [(31, "small"), (32, "medium"), (95, "medium"), (96, "large")])
def test_the_size_bucket_follows_the_mean_area(side: int, bucket: str) -> None:
    mask = np.zeros((100, 100), np.uint8)
    mask[:side, :side] = 1
    found = written(replace(small([[rle.encode(mask)]]), height=100, width=100))
    assert found["masklet_size_bucket"] == [bucket]


@pytest.mark.parametrize(("frames", "annotated"), [(1, 1), (4, 1), (5, 2), (483, 121), (484, 121)])
def test_every_fourth_frame_is_annotated_and_frames_left_out_have_zeros(frames: int, annotated: int) -> None:
    found = written(small([[None]], frame_count=frames, frames=[]))
    assert found["masklet"] == [[{"size": [6, 8], "counts": rle.empty(6, 8)}]] * annotated
    assert found["masklet_frame_count"] == [annotated]


def test_more_masklets_than_one_area_batch_are_measured() -> None:
    found = written(small([[COUNTS[2]] * 600 + [COUNTS[3]]]))
    assert found["masklet_size_abs"] == [1.0] * 600 + [7.0]


def test_frames_that_do_not_fit_are_refused() -> None:
    frame = sav.SavFrame
    for frames, sentence in (
        ([frame(1, [None]), frame(0, [None])], "out of order"),
        ([frame(0, [None]), frame(0, [None])], "out of order"),
        ([frame(2, [None])], "past the video's 2"),
        ([frame(0, [None, None])], "has 2 masks, not 1"),
    ):
        with pytest.raises(ValueError, match=sentence):
            written(small([[None]], frame_count=8, frames=frames))
    with pytest.raises(ValueError, match="no masklets"):
        written(small([[]]))


def test_scores_for_some_masks_only_are_refused() -> None:
    frames = [sav.SavFrame(0, [COUNTS[2]], [1.0]), sav.SavFrame(1, [COUNTS[2]])]
    with pytest.raises(ValueError, match="others do not"):
        written(small([[None]] * 2, frames=frames, kind="auto"))
    with pytest.raises(ValueError, match="not every masklet"):
        written(small([[None]], frames=[sav.SavFrame(0, [None], [])], kind="auto"))
    with pytest.raises(ValueError):
        written(small([[None]], frames=[sav.SavFrame(0, [None], [float("nan")])], kind="auto"))


def test_frames_are_taken_one_at_a_time() -> None:
    taken = []

    def cursor() -> Iterator[sav.SavFrame]:
        for t in range(10):
            taken.append(t)
            yield sav.SavFrame(t, [COUNTS[2]])

    pieces = sav.pieces(small([[None]] * 10, frames=cursor()))
    seen = "".join(next(pieces) for _ in range(5))
    assert seen.count("counts") == 3 and taken == [0, 1, 2]


def test_memory_does_not_grow_with_the_number_of_masks() -> None:
    def peak(frames: int) -> int:
        rows = (sav.SavFrame(t, [COUNTS[3]] * 50, [0.9837261438369751] * 50) for t in range(frames))
        video = small([[None] * 50], frame_count=4 * frames, frames=rows, kind="auto")
        tracemalloc.start()
        for _ in sav.pieces(video):
            pass
        found = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return found

    peak(1)  # what the first call imports and caches is no growth
    assert peak(2000) < peak(50) + (1 << 20)


@settings(max_examples=60)
@given(st.data())
def test_any_video_is_written_as_json_dumps_would_and_reads_back(data: st.DataObject) -> None:
    masklets = data.draw(st.integers(1, 4))
    row = st.lists(st.sampled_from(COUNTS), min_size=masklets, max_size=masklets)
    rows = data.draw(st.lists(row, min_size=1, max_size=9))
    kind = data.draw(st.sampled_from(["manual", "auto"]))
    edited = data.draw(st.lists(st.integers(0, 9), min_size=masklets, max_size=masklets))
    name = data.draw(st.text(max_size=5))
    video = replace(small(rows, kind=kind, edited_frame_counts=edited), video_id=name)
    text = "".join(sav.pieces(video))
    found = json.loads(text)

    assert json.dumps(found) == text
    assert tuple(found) == sav.KEYS
    areas = np.array([[rle.area(mask["counts"], *SIZE) for mask in masks] for masks in found["masklet"]])
    for k, visible in enumerate((areas > 0).T):
        since = visible[int(visible.argmax()) :]
        assert found["masklet_first_appeared_frame"][k] == visible.argmax()
        assert (
            found["masklet_visibility_changes"][k] == (np.diff(since.astype(int)) != 0).sum() * visible.any()
        )
        mean = areas[visible, k].mean() if visible.any() else 0
        assert found["masklet_size_abs"][k] == pytest.approx(mean, abs=1e-9)
        assert found["masklet_size_rel"][k] == pytest.approx(mean / 48, abs=1e-9)


def test_what_is_read_is_what_was_written(tmp_path: Path) -> None:
    path = tmp_path / "v_manual.json"
    video = small([[COUNTS[2], None], [COUNTS[3], COUNTS[4]]], edited_frame_counts=[2, 1])
    path.write_text("".join(sav.pieces(video)))
    found = sav.read(path)
    assert replace(found, frames=[]) == replace(video, frames=[])
    assert [frame.counts for frame in found.frames] == [
        [COUNTS[2], rle.empty(*SIZE)],
        [COUNTS[3], COUNTS[4]],
    ]
