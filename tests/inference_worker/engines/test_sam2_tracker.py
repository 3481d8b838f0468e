"""What SAM 2's tracker does beyond the contract. Weights are by a rule: masks show nothing, but follow from all."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from inference_worker.engines import EngineError, Known, Window
from inference_worker.engines.sam2.tracker import Sam2Tracker
from inference_worker.protocol import rle
from inference_worker.protocol.messages import Absent, Box, MaskPrompt, Point
from tests.inference_worker.engines import small_sam2
from tests.inference_worker.engines.test_segmenter_contract import FIRST, SECOND, MovingSquares, iou, masks

VIDEO = MovingSquares()
BOX = Box(x0=108, y0=68, x1=154, y1=112)


def clicked(tracker, obj: int, frame: int, count: int, known=None) -> Known:
    """A human frame made by so many clicks, one after another, as people do it."""
    clicks = [
        VIDEO.centre(obj, frame),
        Point(x=VIDEO.place(obj, frame)[1].start + 4, y=VIDEO.place(obj, frame)[0].start + 4, positive=True),
        Point(x=5, y=115, positive=False),
    ][:count]
    shown = None if known is None or frame not in known else known[frame].mask
    for so_far in range(1, count + 1):
        shown = tracker.segment(obj, frame, clicks[:so_far], shown, known or {}).mask
    assert shown is not None
    return Known(shown, human=True, prompts=tuple(clicks))


def boxed(tracker, obj: int, frame: int) -> Known:
    mask = tracker.segment(obj, frame, [BOX], None).mask
    return Known(mask, human=True, prompts=(BOX,))


def a_day_s_work(tracker) -> dict[int, dict[int, Known]]:
    """Human frames that hang on nothing but themselves."""
    truth = VIDEO.truth(FIRST, 12)
    return {
        FIRST: {
            0: clicked(tracker, FIRST, 0, 3),
            12: Known(truth, human=True, prompts=(MaskPrompt(counts=rle.encode(truth)),)),
            28: Known(np.zeros_like(truth), human=True, prompts=(Absent(),)),
        },
        SECOND: {8: boxed(tracker, SECOND, 8), 20: clicked(tracker, SECOND, 20, 2)},
    }


def passed(tracker, run, known) -> dict[tuple[int, int], np.ndarray]:
    return {
        (frame, obj): each.mask for frame, found in tracker.track(run, known) for obj, each in found.items()
    }


def same(first: dict, second: dict) -> bool:
    return first.keys() == second.keys() and all(np.array_equal(first[key], second[key]) for key in first)


# rebuilding


def test_a_new_session_makes_the_same_masks_of_frames_that_hang_on_themselves():
    known = a_day_s_work(tracker := small_sam2.segmenter().open(VIDEO))
    first = passed(tracker, VIDEO.indices[1:], known)
    again = passed(small_sam2.segmenter().open(VIDEO), VIDEO.indices[1:], known)
    assert same(first, again) and len(first) > 20


def test_a_new_session_answers_the_next_click_on_such_a_frame_with_the_same_mask():
    tracker = small_sam2.segmenter().open(VIDEO)
    before = clicked(tracker, FIRST, 0, 2)
    prompts = [*before.prompts, Point(x=120, y=60, positive=True)]
    here = tracker.segment(FIRST, 0, prompts, before.mask).mask
    elsewhere = small_sam2.segmenter().open(VIDEO).segment(FIRST, 0, prompts, before.mask).mask
    unfed = small_sam2.segmenter().open(VIDEO).segment(FIRST, 0, prompts, None).mask
    assert np.array_equal(here, elsewhere)
    assert not np.array_equal(here, unfed)


def test_a_pass_taken_up_again_in_its_own_session_goes_on_exactly():
    tracker = small_sam2.segmenter().open(VIDEO)
    known = {FIRST: {0: clicked(tracker, FIRST, 0, 1)}}
    whole = passed(tracker, VIDEO.indices[1:], known)
    done = {frame: Known(mask, human=False) for (frame, _), mask in whole.items() if frame <= 40}
    rest = passed(tracker, VIDEO.indices[11:], {FIRST: known[FIRST] | done})
    assert same(rest, {key: whole[key] for key in rest}) and len(rest) == 5


def test_elsewhere_it_goes_on_from_the_masks_as_they_are_stored():
    tracker = small_sam2.segmenter().open(VIDEO)
    known = {FIRST: {0: VIDEO.given(FIRST, 0)}}
    whole = passed(tracker, VIDEO.indices[1:12], known)
    warm = {frame: Known(whole[frame, FIRST], human=False) for frame in VIDEO.indices[4:11]}
    warm_first = passed(small_sam2.segmenter().open(VIDEO), [44], {FIRST: known[FIRST] | warm})
    cold_first = passed(small_sam2.segmenter().open(VIDEO), [44], known)
    near, far = (iou(each[44, FIRST], whole[44, FIRST]) for each in (warm_first, cold_first))
    assert near > far


def test_what_a_session_recalls_makes_no_difference_to_frames_it_did_not_make():
    used, fresh = (small_sam2.segmenter().open(VIDEO) for _ in range(2))
    known = {FIRST: {0: VIDEO.given(FIRST, 0)}}
    passed(used, VIDEO.indices[1:8], {FIRST: {0: VIDEO.given(SECOND, 0)}})
    assert same(passed(used, VIDEO.indices[1:8], known), passed(fresh, VIDEO.indices[1:8], known))


# clicks where a pass has been


def test_a_click_on_a_tracked_frame_looks_at_what_is_known_around_it():
    tracker = small_sam2.segmenter().open(VIDEO)
    human = {0: VIDEO.given(FIRST, 0)}
    tracked = passed(tracker, VIDEO.indices[1:8], {FIRST: human})
    behind = {frame: Known(tracked[frame, FIRST], human=False) for frame in (8, 12, 16)}
    click, shown = [VIDEO.centre(FIRST, 20)], tracked[20, FIRST]
    answers = [tracker.segment(FIRST, 20, click, shown, known).mask for known in (human | behind, human, {})]
    assert not any(np.array_equal(answers[i], answers[i - 1]) for i in range(3))


def test_a_correction_is_kept_by_the_next_pass_and_changes_the_frames_after_it():
    tracker = small_sam2.segmenter().open(VIDEO)
    human = {0: VIDEO.given(FIRST, 0)}
    before = passed(tracker, VIDEO.indices[1:9], {FIRST: human})
    known = human | {frame: Known(before[frame, FIRST], human=False) for frame in (4, 8, 12, 16)}
    corrected = clicked(tracker, FIRST, 16, 1, known)
    after = passed(tracker, VIDEO.indices[1:9], {FIRST: human | {16: corrected}})
    assert (16, FIRST) not in after
    assert not np.array_equal(before[16, FIRST], corrected.mask)
    assert not np.array_equal(before[20, FIRST], after[20, FIRST])


def test_an_object_that_the_model_does_not_see_is_empty_with_a_low_score(monkeypatch):
    tracker = small_sam2.segmenter().open(VIDEO)
    head = small_sam2.modules().mask_decoder.pred_obj_score_head.proj_out
    monkeypatch.setattr(head.bias, "data", head.bias.data - 200)
    results = list(tracker.track(VIDEO.indices[1:3], {FIRST: {0: VIDEO.given(FIRST, 0)}}))
    for _, found in results:
        assert not found[FIRST].mask.any()
        assert found[FIRST].score < 0.01 and found[FIRST].stability is None


# several at once


def test_passes_of_two_sessions_in_one_batch_give_what_each_gives_alone():
    segmenter = small_sam2.segmenter()
    known = [{FIRST: {0: VIDEO.given(FIRST, 0)}}, {SECOND: {4: VIDEO.given(SECOND, 4)}}]
    alone = [
        masks(segmenter.open(VIDEO).track(VIDEO.indices[2:5], each), obj) for obj, each in enumerate(known, 1)
    ]
    tracks = [segmenter.open(VIDEO).track(VIDEO.indices[2:5], each) for each in known]
    together: list[dict[int, np.ndarray]] = [{}, {}]
    while all(steps := segmenter.advance(tracks)):
        for found, step, obj in zip(together, steps, (FIRST, SECOND), strict=True):
            found[step[0]] = step[1][obj].mask
    for first, second in zip(alone, together, strict=True):
        assert first.keys() == second.keys()
        assert all((first[frame] != second[frame]).mean() < 0.001 for frame in first)


def test_a_mask_generator_s_points_are_answered_as_in_image_mode():
    tracker = small_sam2.segmenter(small_area=0).open(VIDEO)
    points = [(x, y) for x in (20.0, 100.0, 180.0) for y in (30.0, 90.0)]
    found = tracker.propose(8, Window(0, 0, VIDEO.size[1], VIDEO.size[0]), points, 1.0)
    assert found.iou.shape == found.stability.shape == (6, 3)
    assert found.logits.shape == (6, 3, 64, 64) and found.logits.dtype == np.float16
    chosen = np.zeros((6, 3), bool)
    chosen[3, np.argmax(found.iou[3])] = True
    click = tracker.segment(FIRST, 8, [Point(x=100, y=90, positive=True)], None)
    assert iou(found.masks(chosen)[0], click.mask) > 0.99


def test_a_window_is_answered_as_if_it_were_the_whole_frame():
    window = Window(40, 20, 168, 116)
    points = [(90.0, 60.0), (120.0, 80.0)]
    found = small_sam2.segmenter(small_area=0).open(VIDEO).propose(8, window, points, 1.0)
    part = Part(VIDEO, window)
    within = [(x - window.x0, y - window.y0) for x, y in points]
    alone = small_sam2.segmenter(small_area=0).open(part).propose(8, Window(0, 0, 128, 96), within, 1.0)
    assert (found.logits == alone.logits).all()
    assert found.masks(np.ones((2, 3), bool)).shape == (6, 96, 128)


class Part:
    """A window of a video, as a video."""

    def __init__(self, video: MovingSquares, window: Window) -> None:
        self._video, self._window = video, window
        self.indices, self.size, self.key = video.indices, window.size, f"{video.key} {window}"

    def rgb(self, frame_index: int) -> np.ndarray:
        window = self._window
        return self._video.rgb(frame_index)[window.y0 : window.y1, window.x0 : window.x1]


# bounds


def with_room_for(recall_bytes: int, video: MovingSquares = VIDEO) -> Sam2Tracker:
    return Sam2Tracker(small_sam2.segmenter(device_feature_bytes=1)._engine, video, recall_bytes)


def bytes_after(frames: int) -> int:
    video = MovingSquares(frames)
    tracker = with_room_for(1 << 18, video)
    running = tracker.track(video.indices[1:], {FIRST: {0: VIDEO.given(FIRST, 0)}})
    most = 0
    for _ in running:
        most = max(most, tracker.nbytes)
    return most


def test_a_session_s_memory_does_not_grow_with_the_video():
    short, long = bytes_after(20), bytes_after(40)
    assert 1 << 18 < short <= long <= short * 1.02


def test_without_room_for_recalling_a_pass_gives_the_same_masks():
    known = {FIRST: {0: VIDEO.given(FIRST, 0), 24: VIDEO.given(FIRST, 24)}}
    usual = passed(small_sam2.segmenter().open(VIDEO), VIDEO.indices[1:12], known)
    tracker = with_room_for(0)
    assert same(passed(tracker, VIDEO.indices[1:12], known), usual)
    assert tracker.nbytes < 1 << 20


def test_running_out_of_memory_asks_for_another_try_and_frees_what_it_can(monkeypatch):
    segmenter = small_sam2.segmenter()
    tracker = segmenter.open(VIDEO)
    click = [VIDEO.centre(FIRST, 0)]
    expected = tracker.segment(FIRST, 0, click, None).mask
    held = tracker.nbytes

    def full(*_: object, **__: object) -> None:
        raise torch.OutOfMemoryError("CUDA out of memory")

    with monkeypatch.context() as patch:
        patch.setattr("inference_worker.engines.sam2.step.click", full)
        with pytest.raises(EngineError, match="run out of memory") as failure:
            tracker.segment(FIRST, 0, click, None)
    assert failure.value.retryable and held > 0
    assert tracker.nbytes == 0 and segmenter._engine.features.nbytes == 0
    assert np.array_equal(tracker.segment(FIRST, 0, click, None).mask, expected)


# precision


def test_bfloat16_answers_nearly_as_float32():
    precise, quick = (
        small_sam2.segmenter(dtype=dtype).open(VIDEO) for dtype in (torch.float32, torch.bfloat16)
    )
    click = [VIDEO.centre(FIRST, 0)]
    assert iou(precise.segment(FIRST, 0, click, None).mask, quick.segment(FIRST, 0, click, None).mask) > 0.9
    known = {FIRST: {0: VIDEO.given(FIRST, 0)}}
    first, second = (masks(each.track([4], known))[4] for each in (precise, quick))
    assert iou(first, second) > 0.8
