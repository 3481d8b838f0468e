"""The Segmenter contract on top of prompting and following."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from weakref import WeakValueDictionary

import numpy as np

from inference_worker.engines import (
    NOTHING_KNOWN,
    FrameSource,
    Known,
    Segmented,
    Step,
    Window,
    one_by_one,
)
from inference_worker.engines.opencv.follower import RECENT, Follower
from inference_worker.engines.opencv.prompting import prompted
from inference_worker.engines.opencv.regions import Regions, regions, smoothed
from inference_worker.engines.opencv.video import Video
from inference_worker.engines.order import is_forward
from inference_worker.protocol.messages import ModelVersion, Prompt


class OpenCVSegmenter:
    """Needs no weights. Trackers over the same FrameSource object share pictures and flow."""

    version = ModelVersion(engine="opencv", thresholds={"mask": 0.5})
    together = 1
    advance = staticmethod(one_by_one)

    def __init__(self) -> None:
        self._videos: WeakValueDictionary[int, Video] = WeakValueDictionary()

    def open(self, frames: FrameSource) -> OpenCVTracker:
        # the video holds on to its source, so the id names it for as long as the entry lives
        video = self._videos.get(id(frames))
        if video is None:
            video = self._videos[id(frames)] = Video(frames)
        return OpenCVTracker(video)


class OpenCVTracker:
    """What a pass remembers lives in the pass; between calls there is what the video shares, and the window
    of the latest proposals."""

    def __init__(self, video: Video) -> None:
        self._video = video
        self._smoothed: tuple[tuple[int, Window] | None, np.ndarray] = None, np.zeros(0)

    @property
    def nbytes(self) -> int:
        return self._video.nbytes + self._smoothed[1].nbytes

    def segment(
        self,
        object_id: int,
        frame_index: int,
        prompts: Sequence[Prompt],
        previous: np.ndarray | None,
        known: Mapping[int, Known] = NOTHING_KNOWN,
    ) -> Segmented:
        return prompted(self._video, frame_index, prompts, previous)

    def track(self, frames: Sequence[int], known: Mapping[int, Mapping[int, Known]]) -> Iterator[Step]:
        forward = is_forward(frames, known)
        followers: dict[int, Follower] = {}
        for frame in frames:
            results = {}
            for obj, given in known.items():
                if obj not in followers:
                    follower = _begun(self._video, given, frame, forward)
                    if follower is None:
                        continue
                    followers[obj] = follower
                if frame in given and given[frame].human:
                    followers[obj].learn(frame, given[frame].mask, human=True)
                    continue
                results[obj] = _seen(followers[obj], frame, given)
            yield frame, results

    def propose(
        self, frame_index: int, window: Window, points: Sequence[tuple[float, float]], offset: float
    ) -> Regions:
        if self._smoothed[0] != (frame_index, window):
            self._smoothed = (frame_index, window), smoothed(self._video, frame_index, window)
        return regions(self._smoothed[1], window, points)


def _begun(video: Video, given: Mapping[int, Known], frame: int, forward: bool) -> Follower | None:
    """A follower that knows all human frames and the last of the pass, None if none lies behind."""
    behind = sorted((i for i in given if (i <= frame if forward else i >= frame)), reverse=not forward)
    if not behind:
        return None
    passed = [i for i in behind if not given[i].human][-RECENT:]
    ahead = [i for i in given if given[i].human and i not in behind]
    follower = Follower(video)
    for i in [*ahead, *(i for i in behind if given[i].human or i in passed)]:
        follower.learn(i, given[i].mask, human=given[i].human)
    return follower


def _seen(follower: Follower, frame: int, given: Mapping[int, Known]) -> Segmented:
    if follower.frame == frame:
        return Segmented(given[frame].mask, 1.0)
    return follower.step(frame)
