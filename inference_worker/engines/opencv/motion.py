"""How an object and the scene behind it move from one frame to the next."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from inference_worker.engines.opencv.imaging import blur

GRID = np.s_[4::8, 4::8]
STILL = 1.0  # pixels by which two motions must differ to tell object and scene apart

Area = tuple[slice, slice]


@dataclass(frozen=True)
class Moved:
    """An object carried to the next frame, over one area of it.

    probability: float32, the last mask where the flow takes it. scenery: float32, 0 to -1, how
    much better a pixel's flow fits the scene behind than the object. shift: (dx, dy), the
    object's median motion.
    """

    probability: np.ndarray
    scenery: np.ndarray
    shift: np.ndarray


def carry(
    probability: np.ndarray, forth: np.ndarray, back: np.ndarray, area: Area, size: float
) -> Moved | None:
    """The object after one step, None where its last mask is (nearly) empty.

    probability: on the last frame, whole frame. forth, back: flow from the last frame to this and
    from this to the last. size: the object's, in pixels, the scale over which its parts move alike.
    """
    before = probability[area]
    solid = before > 0.5
    if np.count_nonzero(solid) < 3:
        return None
    shift = np.median(forth[area][solid], axis=0)
    scene = _scene_flow(probability, forth, area)
    gap_scene = np.linalg.norm(back[area] - scene, axis=-1)
    near, wide = _object_flow(before, forth[area], shift, size)
    gap_object = np.minimum(
        np.linalg.norm(back[area] + near, axis=-1), np.linalg.norm(back[area] + wide, axis=-1)
    )
    scenery = np.minimum((gap_scene - gap_object) / (gap_scene + gap_object + STILL), 0)
    y, x = np.mgrid[area].astype(np.float32)
    sources = x + back[area][..., 0], y + back[area][..., 1]
    moved = cv2.remap(probability, *sources, cv2.INTER_LINEAR)
    return Moved(moved, scenery.astype(np.float32), shift)


def _object_flow(
    probability: np.ndarray, forth: np.ndarray, shift: np.ndarray, size: float
) -> tuple[np.ndarray, np.ndarray]:
    """The object's own motion spread beyond its edge, where it arrives: from its parts nearby, and from all of it."""
    weight = cv2.erode(probability, np.ones((3, 3), np.uint8)) + 0.05 * probability
    weighted = forth * weight[..., None]
    near, near_weight = blur(weighted, max(2.0, 0.06 * size)), blur(weight, max(2.0, 0.06 * size))
    wide, wide_weight = blur(weighted, max(4.0, 0.4 * size)), blur(weight, max(4.0, 0.4 * size))
    little = 1e-5
    near = (near + 0.02 * wide + little * shift) / (near_weight + 0.02 * wide_weight + little)[..., None]
    wide = (wide + little * shift) / (wide_weight + little)[..., None]
    return _arrived(near, shift), _arrived(wide, shift)


def _arrived(flow: np.ndarray, shift: np.ndarray) -> np.ndarray:
    move = np.array([[1, 0, shift[0]], [0, 1, shift[1]]], np.float32)
    height, width = flow.shape[:2]
    return cv2.warpAffine(flow.astype(np.float32), move, (width, height), borderMode=cv2.BORDER_REPLICATE)


def _scene_flow(probability: np.ndarray, forth: np.ndarray, area: Area) -> np.ndarray:
    """The flow back to the last frame that a pixel of the area would have if it were scene: one homography."""
    y, x = np.mgrid[area].astype(np.float32)
    here = np.stack([x, y], axis=-1)
    rows, columns = np.mgrid[
        GRID[0].start : probability.shape[0] : 8, GRID[1].start : probability.shape[1] : 8
    ]
    outside = cv2.dilate(probability, np.ones((9, 9), np.uint8))[GRID] < 0.3
    points = np.stack([columns, rows], axis=-1).astype(np.float32)[outside]
    if len(points) < 20:
        return np.zeros_like(here)
    moved, _ = cv2.findHomography(points, points + forth[GRID][outside], cv2.RANSAC, 2.0, maxIters=200)
    if moved is None or abs(np.linalg.det(moved)) < 1e-6:
        return np.zeros_like(here)
    return cv2.perspectiveTransform(here.reshape(1, -1, 2), np.linalg.inv(moved)).reshape(here.shape) - here
