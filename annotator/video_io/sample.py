"""The sample video: balloons over drifting hills, rendered with exactly known masks."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from annotator.video_io.encoder import Encoder
from annotator.video_io.sample_art import backdrop, balloon, blimp, glider, rock
from inference_worker.protocol import rle

WIDTH, HEIGHT, FRAME_COUNT = 640, 360, 145
METADATA = {"environment": "Outdoor", "country": "Nowhere", "author": "Maskloom", "licence": "CC0-1.0"}
_CRF = 14
_VISIBLE = 0.5  # share of a pixel that an object must cover to own it


@dataclass(frozen=True)
class SampleTruth:
    """masks: for each object, COCO compressed counts of its visible part, one per working frame."""

    width: int
    height: int
    frame_count: int
    masks: dict[str, list[str]]


def render(path: Path) -> SampleTruth:
    """Writes the sample as an mp4 at 24 fps, and gives its masks; always the same video and masks.

    red_balloon and blue_balloon cross, the red one in front; blimp passes wholly behind a rock;
    glider leaves on the right and comes back. The background drifts under all of them.
    """
    scene = _Scene()
    masks: dict[str, list[str]] = {name: [] for name in scene.objects}
    with Encoder(path, WIDTH, HEIGHT, crf=_CRF) as encoder:
        for index in range(FRAME_COUNT):
            picture, visible = scene.draw(index / (FRAME_COUNT - 1))
            encoder.write([picture.reshape(-1).data])
            for name, share in visible.items():
                masks[name].append(rle.encode(share > _VISIBLE))
    return SampleTruth(WIDTH, HEIGHT, FRAME_COUNT, masks)


@dataclass(frozen=True)
class _Pose:
    """Where a sprite's middle is (pixels of the frame), its size (1: as drawn, at twice the frame's scale) and tilt."""

    x: float
    y: float
    scale: float = 1.0
    degrees: float = 0.0


class _Scene:
    """Back to front: backdrop, blimp, rock, blue balloon, red balloon, glider."""

    def __init__(self) -> None:
        self._backdrop = backdrop(WIDTH, HEIGHT)
        self._rock = rock()
        self.objects = {
            "blimp": blimp(),
            "blue_balloon": balloon((38, 98, 196), (244, 244, 236), seed=2),
            "red_balloon": balloon((214, 48, 40), (250, 206, 80), seed=1),
            "glider": glider(),
        }

    def draw(self, t: float) -> tuple[np.ndarray, dict[str, np.ndarray]]:
        """The picture (uint8, H x W x 3, RGB) at t from 0 to 1, and each object's visible share of each pixel."""
        left = t * (self._backdrop.shape[1] - WIDTH)
        picture = _placed(self._backdrop, np.array([[1, 0, -left], [0, 1, 0]]))
        visible: dict[str, np.ndarray] = {}
        for name, sprite, pose in self._layers(t, left):
            layer = _posed(sprite, pose)
            alpha = layer[..., 3:]
            picture = picture * (1 - alpha) + layer[..., :3]
            visible = {seen: share * (1 - alpha[..., 0]) for seen, share in visible.items()}
            if name in self.objects:
                visible[name] = alpha[..., 0]
        return (picture * 255).round().clip(0, 255).astype(np.uint8), visible

    def _layers(self, t: float, left: float) -> list[tuple[str, np.ndarray, _Pose]]:
        sprites, sway = self.objects, np.sin(2 * np.pi * t)
        away = 1 - np.cos(2 * np.pi * np.clip((t - 0.2) / 0.7, 0, 1))  # 0, out to 2, and back to 0
        return [
            ("blimp", sprites["blimp"], _Pose(88 + 430 * t, 122 + 8 * sway, 0.95, -3 * sway)),
            ("rock", self._rock, _Pose(450 - 0.85 * left, 214)),
            (
                "blue_balloon",
                sprites["blue_balloon"],
                _Pose(470 - 330 * t, 226 - 18 * sway, 0.85 + 0.1 * t, 3 * sway),
            ),
            (
                "red_balloon",
                sprites["red_balloon"],
                _Pose(150 + 300 * t, 200 + 14 * sway, 1.05 - 0.1 * t, -4 * sway),
            ),
            (
                "glider",
                sprites["glider"],
                _Pose(510 + 105 * away, 292 - 30 * np.sin(3 * np.pi * t), 1.2, 14 * np.sin(3 * np.pi * t)),
            ),
        ]


def _posed(sprite: np.ndarray, pose: _Pose) -> np.ndarray:
    height, width = sprite.shape[:2]
    matrix = cv2.getRotationMatrix2D((width / 2 - 0.5, height / 2 - 0.5), pose.degrees, pose.scale / 2)
    matrix[:, 2] += pose.x - width / 2, pose.y - height / 2
    return _placed(sprite, matrix)


def _placed(sprite: np.ndarray, matrix: np.ndarray) -> np.ndarray:
    return cv2.warpAffine(sprite, matrix, (WIDTH, HEIGHT), flags=cv2.INTER_LINEAR)
