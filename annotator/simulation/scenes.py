"""Videos whose objects' true masks are known, for scripted people to work on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from annotator.video_io import sample
from annotator.video_io.encoder import Encoder
from inference_worker.evaluation import sequences
from inference_worker.protocol import rle

WIDTH, HEIGHT, FRAMES = 320, 240, 49  # of a drifting scene
SIDE = 40  # pixels: what the scripted engine draws around a click
JUMPS = 2  # how often an object leaves the path that the scripted engine follows
PLAIN, PLAIN_SIDE = (
    ((34, 2), (66, 2)),
    12,
)  # squares that the scripted engine proposes among its first, by itself
STRIDE = 4
_SLOTS = len(range(0, FRAMES, STRIDE))
_CRF = 20


@dataclass(frozen=True)
class Scene:
    """path: of the video. size: height, width. frames: of the working video. truth: object -> annotated frame
    index -> COCO compressed counts, none where absent."""

    path: Path
    size: tuple[int, int]
    frames: int
    truth: Mapping[str, Mapping[int, str]]

    def masks(self, name: str) -> dict[int, np.ndarray]:
        """The object's true masks, bool, H x W, by annotated frame index."""
        return {frame: rle.decode(counts, *self.size) for frame, counts in self.truth[name].items()}

    def nearest(self, frame: int, counts: str) -> str:
        """The object that a mask on this frame is meant for: the one that it covers best."""
        return max(self.truth, key=lambda name: rle.iou(self.truth[name][frame], counts, *self.size))


def drifting(path: Path, number: int, objects: int) -> Scene:
    """Squares that drift a pixel an annotated frame to the right, as the scripted engine has it, and jump twice;
    besides them two small ones that do not jump."""
    rng = np.random.default_rng(number)
    noise = rng.integers(0, 90, (HEIGHT // 8, WIDTH // 8, 3), np.uint8).repeat(8, 0).repeat(8, 1)
    squares = {f"square {index}": (SIDE, _places(rng)) for index in range(objects)}
    for index, (left, top) in enumerate(PLAIN):
        squares[f"plain square {index}"] = PLAIN_SIDE, [(left + slot, top) for slot in range(_SLOTS)]
    colours = rng.integers(120, 255, (len(squares), 3))
    truth: dict[str, dict[int, str]] = {name: {} for name in squares}
    with Encoder(path, WIDTH, HEIGHT, crf=_CRF) as encoder:
        for frame in range(FRAMES):
            picture = noise.copy()
            for colour, (name, (side, places)) in zip(colours, squares.items(), strict=True):
                x, y = places[frame // STRIDE]
                picture[y : y + side, x : x + side] = colour
                if frame % STRIDE == 0:
                    mask = np.zeros((HEIGHT, WIDTH), bool)
                    mask[y : y + side, x : x + side] = True
                    truth[name][frame] = rle.encode(mask)
            encoder.write([picture.reshape(-1).data])
    return Scene(path, (HEIGHT, WIDTH), FRAMES, truth)


def balloons(path: Path) -> Scene:
    """The sample video."""
    made = sample.render(path)
    frames = range(0, made.frame_count, STRIDE)
    truth = {name: {frame: counts[frame] for frame in frames} for name, counts in made.masks.items()}
    return Scene(path, (made.height, made.width), made.frame_count, truth)


def labelled(path: Path, folder: Path) -> Scene:
    """A labelled sequence, encoded as a video of 24 frames a second. Raises sequences.SequenceError."""
    sequence = sequences.load(folder)
    height, width = (side - side % 2 for side in sequence.frames.size)
    with Encoder(path, width, height, crf=_CRF) as encoder:
        for index in sequence.frames.indices:
            picture = np.ascontiguousarray(sequence.frames.rgb(index)[:height, :width])
            encoder.write([picture.reshape(-1).data])
    truth = {
        f"object {number}": {
            frame: rle.encode(masks[frame][:height, :width]) for frame in masks if not frame % STRIDE
        }
        for number, masks in sequence.truth.items()
    }
    whole = {
        name: masks
        for name, masks in truth.items()
        if len(masks) == len(range(0, len(sequence.frames.paths), STRIDE))
    }
    return Scene(path, (height, width), len(sequence.frames.paths), whole)


def slightly_off(mask: np.ndarray, care: float, rng: np.random.Generator) -> np.ndarray:
    """The mask as a person draws it whose care is 0 to 1: a little too wide or too narrow."""
    reach = round((1 - care) * 6)
    if reach == 0:
        return mask
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * reach + 1, 2 * reach + 1))
    change = cv2.dilate if rng.random() < 0.5 else cv2.erode
    drawn = change(mask.astype(np.uint8), disc).astype(bool)
    return drawn if drawn.any() else mask


def _places(rng: np.random.Generator) -> list[tuple[int, int]]:
    jumps = set(rng.choice(np.arange(2, _SLOTS - 1), JUMPS, replace=False).tolist())
    found: list[tuple[int, int]] = []
    x, y = 0, 0
    for slot in range(_SLOTS):
        if slot == 0 or slot in jumps:
            x, y = int(rng.integers(4, WIDTH - SIDE - _SLOTS - 4)), int(rng.integers(4, HEIGHT - SIDE - 4))
        else:
            x += 1
        found.append((x, y))
    return found
