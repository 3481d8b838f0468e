from __future__ import annotations

import pytest
import torch

from inference_worker.engines.sam2.features import FeatureCache
from inference_worker.engines.sam2.model import Features
from tests.inference_worker.engines import small_sam2
from tests.inference_worker.engines.test_segmenter_contract import FIRST, SECOND, MovingSquares

ONE = 3 * 40  # bytes of the features below


def features(value: float) -> Features:
    return Features(*(torch.full((10,), float(value)) for _ in range(3)))


def taken(cache: FeatureCache, frame: int) -> float:
    return float(cache.get(("video", frame), lambda: features(frame)).low[0])


def test_features_are_computed_once_while_there_is_room():
    cache = FeatureCache(torch.device("cpu"), device_bytes=2 * ONE, host_bytes=0)
    assert [taken(cache, frame) for frame in (1, 2, 1, 2)] == [1, 2, 1, 2]
    assert cache.encoder_calls == 2


def test_the_least_recently_used_go_first_and_bytes_stay_within_bounds():
    cache = FeatureCache(torch.device("cpu"), device_bytes=2 * ONE, host_bytes=0)
    for frame in (1, 2, 1, 3):
        taken(cache, frame)
    assert cache.nbytes == 2 * ONE
    taken(cache, 1)
    assert cache.encoder_calls == 3
    taken(cache, 2)
    assert cache.encoder_calls == 4


def test_a_frame_larger_than_the_cache_is_still_answered():
    cache = FeatureCache(torch.device("cpu"), device_bytes=1, host_bytes=0)
    assert [taken(cache, frame) for frame in (1, 1, 2)] == [1, 1, 2]
    assert cache.encoder_calls == 2


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no CUDA device here")
def test_what_a_device_has_no_room_for_waits_on_the_host():
    cache = FeatureCache(torch.device("cuda"), device_bytes=ONE, host_bytes=ONE)

    def on_device(frame: int) -> Features:
        return Features(*(part.cuda() for part in (features(frame).low,) * 3))

    for frame in (1, 2, 1):
        found = cache.get(("video", frame), lambda frame=frame: on_device(frame))
        assert found.low.device.type == "cuda" and float(found.low[0]) == frame
    assert cache.encoder_calls == 2


def test_sessions_objects_and_clicks_on_a_video_share_the_encoder_s_work():
    video, segmenter = MovingSquares(), small_sam2.segmenter()
    known = {FIRST: {0: video.given(FIRST, 0)}, SECOND: {0: video.given(SECOND, 0)}}
    list(segmenter.open(video).track(video.indices[1:4], known))
    assert segmenter.encoder_calls == 4
    other = segmenter.open(MovingSquares())
    list(other.track(video.indices[1:4], known))
    other.segment(FIRST, 8, [video.centre(FIRST, 8)], None)
    assert segmenter.encoder_calls == 4


def test_another_video_has_features_of_its_own():
    video, segmenter = MovingSquares(), small_sam2.segmenter()
    segmenter.open(video).segment(FIRST, 0, [video.centre(FIRST, 0)], None)
    segmenter.open(MovingSquares(3)).segment(FIRST, 0, [video.centre(FIRST, 0)], None)
    assert segmenter.encoder_calls == 2


def test_frames_on_which_nothing_is_tracked_are_not_looked_at():
    video, segmenter = MovingSquares(), small_sam2.segmenter()
    list(segmenter.open(video).track(video.indices[:8], {FIRST: {40: video.given(FIRST, 40)}}))
    assert segmenter.encoder_calls == 0
