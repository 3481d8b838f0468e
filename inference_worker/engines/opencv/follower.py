"""One object followed from frame to frame: where it is, what it looks like, and whether it is lost."""

from __future__ import annotations

import cv2
import numpy as np

from inference_worker.engines import Segmented
from inference_worker.engines.opencv.appearance import Samples, likeness, placed, sampled
from inference_worker.engines.opencv.imaging import features, signed_distance, snap
from inference_worker.engines.opencv.motion import Area, Moved, carry
from inference_worker.engines.opencv.video import Video

ANCHOR_SAMPLES, RECENT_SAMPLES = 1200, 500
ANCHORS, RECENT = 3, 8  # frames remembered: of humans, and of the pass itself
QUERIES = 4000  # pixels compared with memory, the rest is interpolated
FLOW_WEIGHT, REACH_WEIGHT, LOOKS_WEIGHT, SCENERY_WEIGHT = 2.5, 0.5, 1 / 0.15, 2.0
UNSEEN_PRIOR = -0.5
VISIBLE_SHARE = 0.03  # of its full area, below which the object counts as lost
FOUND_SHARE = 0.3  # of its full area, which must be seen for it to be found again
WHOLE_SHARE = 0.6  # of its full area, from which on its size and looks are learned


class Follower:
    """Knows one object on one frame, and takes it to the next. Coordinates: working pixels."""

    def __init__(self, video: Video) -> None:
        self._video = video
        self._anchors: dict[int, Samples] = {}
        self._recent: list[Samples] = []
        self._probability = np.zeros(video.size, np.float32)
        self._centre = np.array(video.size[::-1]) / 2.0
        self._half = np.array(video.size[::-1]) / 4.0  # of the full extent, occluded or not
        self._velocity = np.zeros(2)
        self._area = 0.0
        self._frame: int | None = None
        self._lost = 0

    @property
    def frame(self) -> int | None:
        """The frame on which the object is known, None before the first."""
        return self._frame

    @property
    def _size(self) -> float:
        return max(self._area**0.5, 6.0)

    def learn(self, frame_index: int, mask: np.ndarray, *, human: bool) -> None:
        """Goes to a frame whose mask is given, and remembers what the object looks like there."""
        probability = self._video.shrink(mask)
        self._frame, self._probability = frame_index, probability
        if probability.max(initial=0) < 0.3:
            self._lost, self._velocity = max(self._lost, 1), np.zeros(2)
            return
        low, high = _extent(probability > 0.3 * probability.max())
        if self._area and not self._lost and not human:
            self._velocity = (low + high) / 2 - self._centre
        self._centre, self._half, self._lost = (low + high) / 2, (high - low) / 2 + 1, 0
        self._area = float(probability.sum())
        if human:
            self._recent.clear()  # what the pass saw until here may be what the human corrected
            self._anchors[frame_index] = self._samples(frame_index, ANCHOR_SAMPLES)
        else:
            self._remember(frame_index)

    def step(self, frame_index: int) -> Segmented:
        """The object's mask on the next frame of its run."""
        moved, area = self._move(frame_index)
        picture = self._video.picture(frame_index).rgb[area]
        logit = LOOKS_WEIGHT * self._looks(picture, area, frame_index)
        logit += UNSEEN_PRIOR if moved is None else self._prior(moved)
        found = snap(picture, (1 / (1 + np.exp(-logit))).astype(np.float32))
        self._keep_reachable(found, area)
        self._frame = frame_index
        self._probability = np.zeros(self._video.size, np.float32)
        self._probability[area] = found
        self._settle(frame_index)
        return self._result()

    def _move(self, frame_index: int) -> tuple[Moved | None, Area]:
        """The mask carried to the next frame, and the area of it in which the object is looked for."""
        moved = None
        if not self._lost and self._frame is not None:
            forth = self._video.flow(self._frame, frame_index)
            back = self._video.flow(frame_index, self._frame)
            wide = self._around(self._size + 12)
            moved = carry(self._probability, forth, back, wide, self._size)
        self._last_centre = self._centre
        if moved is None:
            self._lost += 1
            limit = np.array(self._video.size[::-1])
            self._centre, self._velocity = (
                np.clip(self._centre + self._velocity, 0, limit),
                self._velocity * 0.97,
            )
            return None, self._around((0.35 + 0.25 * min(self._lost, 8)) * self._size + 3)
        self._centre = self._centre + moved.shift
        area = self._around(0.35 * self._size + 3)
        return Moved(
            _refit(moved.probability, wide, area), _refit(moved.scenery, wide, area), moved.shift
        ), area

    def _prior(self, moved: Moved) -> np.ndarray:
        """Log odds of object from where it was and how it moved, before looks."""
        logit = FLOW_WEIGHT * (moved.probability - 0.5) + SCENERY_WEIGHT * moved.scenery
        inside = moved.probability > 0.5
        if inside.any():
            reach = 0.08 * self._size + 0.5
            logit += REACH_WEIGHT * np.clip(signed_distance(inside) / reach + 1, -3, 0)
        return logit

    def _looks(self, picture: np.ndarray, area: Area, frame_index: int) -> np.ndarray:
        height, width = picture.shape[:2]
        nearest = sorted(self._anchors, key=lambda anchor: abs(anchor - frame_index))[:ANCHORS]
        memory = [self._anchors[anchor] for anchor in nearest] + self._recent
        if not memory:
            return np.zeros((height, width), np.float32)
        described = placed(features(picture), (area[1].start, area[0].start), self._centre, self._size)
        step = max(1, int(np.ceil((height * width / QUERIES) ** 0.5)))
        looks = likeness(described[step // 2 :: step, step // 2 :: step], memory)
        return cv2.resize(looks, (width, height), interpolation=cv2.INTER_LINEAR)

    def _keep_reachable(self, found: np.ndarray, area: Area) -> None:
        """Clears what cannot be the object: specks, and pieces away from where it is; all but the best when lost."""
        count, labels, stats, _ = cv2.connectedComponentsWithStats(
            (found > 0.5).astype(np.uint8), connectivity=8
        )
        if count < 2:
            return
        sizes = stats[:, cv2.CC_STAT_AREA]
        if self._lost:
            dropped = np.ones(count, bool)
            best = 1 + int(sizes[1:].argmax())
            dropped[best] = sizes[best] < FOUND_SHARE * self._area
        else:
            y, x = np.mgrid[area]
            reach = self._half * 1.15 + 2
            reachable = (abs(x - self._centre[0]) <= reach[0]) & (abs(y - self._centre[1]) <= reach[1])
            dropped = np.bincount(labels[reachable], minlength=count) < 0.5 * sizes
            dropped |= sizes < max(2, 0.004 * self._area)
        dropped[0] = False
        found[dropped[labels]] = 0

    def _settle(self, frame_index: int) -> None:
        """Takes over position, size and looks from the mask just found, as far as it shows the object whole."""
        solid = self._probability > 0.5
        if np.count_nonzero(solid) < max(VISIBLE_SHARE * self._area, 3):
            self._probability[:] = 0
            self._lost = max(self._lost, 1)
            return
        low, high = _extent(solid)
        if self._lost:
            self._centre, self._velocity = (low + high) / 2, np.zeros(2)
        else:
            self._centre = self._containing(low, high)
        visible = float(self._probability.sum())
        if visible > WHOLE_SHARE * self._area:
            self._centre = 0.7 * self._centre + 0.3 * (low + high) / 2
            self._area = 0.9 * self._area + 0.1 * min(visible, 1.3 * self._area)
            self._half = np.clip((high - low) / 2 + 1, self._half * 0.96, self._half * 1.1)
            self._remember(frame_index)
        if not self._lost:
            self._velocity = 0.6 * self._velocity + 0.4 * (self._centre - self._last_centre)
        self._lost = 0

    def _containing(self, low: np.ndarray, high: np.ndarray) -> np.ndarray:
        """The centre moved just so far that the full extent around it holds what is seen."""
        beyond = np.maximum(high - (self._centre + self._half), 0)
        before = np.maximum((self._centre - self._half) - low, 0)
        return self._centre + np.where(before == 0, beyond, 0) - np.where(beyond == 0, before, 0)

    def _result(self) -> Segmented:
        mask = self._video.enlarge(self._probability)
        if not mask.any():
            return Segmented(mask, 0.0)
        sureness = float(self._probability[self._probability > 0.5].mean())
        seen = min(float(self._probability.sum()) / max(self._area, 1.0), 1.0)
        return Segmented(mask, round(sureness * (0.5 + 0.5 * seen), 4))

    def _remember(self, frame_index: int) -> None:
        self._recent = [*self._recent, self._samples(frame_index, RECENT_SAMPLES)][-RECENT:]

    def _samples(self, frame_index: int, count: int) -> Samples:
        area = self._around(0.8 * self._size + 4)
        described = placed(
            features(self._video.picture(frame_index).rgb[area]),
            (area[1].start, area[0].start),
            self._centre,
            self._size,
        )
        return sampled(described, self._probability[area], count)

    def _around(self, margin: float) -> Area:
        """The full extent with a margin, cut at the frame, never narrower than 8 pixels if the frame is not."""
        bounds = []
        for centre, half, limit in zip(self._centre, self._half, self._video.size[::-1], strict=True):
            start = int(np.clip(np.floor(centre - half - margin), 0, max(limit - 8, 0)))
            stop = int(np.clip(np.ceil(centre + half + margin), start + min(8, limit), limit))
            bounds.append(slice(start, stop))
        return bounds[1], bounds[0]


def _extent(solid: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    x, y, width, height = cv2.boundingRect(solid.astype(np.uint8))
    return np.array([x, y], float), np.array([x + width, y + height], float)


def _refit(values: np.ndarray, source: Area, target: Area) -> np.ndarray:
    """Values of one area on another, zero where they have none."""
    fitted = np.zeros((target[0].stop - target[0].start, target[1].stop - target[1].start), np.float32)
    top, left = max(source[0].start, target[0].start), max(source[1].start, target[1].start)
    bottom, right = min(source[0].stop, target[0].stop), min(source[1].stop, target[1].stop)
    if bottom > top and right > left:
        fitted[
            top - target[0].start : bottom - target[0].start, left - target[1].start : right - target[1].start
        ] = values[
            top - source[0].start : bottom - source[0].start, left - source[1].start : right - source[1].start
        ]
    return fitted
