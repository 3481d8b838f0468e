"""Labelled sequences on disk: a folder with JPEGImages/ and Annotations/, as DAVIS lays them out."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from PIL import Image

FRAMES, MASKS = "JPEGImages", "Annotations"
FRAME_SUFFIXES = {".jpg", ".jpeg", ".png"}
VOID = 255  # DAVIS' label for pixels that belong to nobody


class SequenceError(Exception):
    """What is wrong with a path that was to be evaluated, in a sentence for people."""


@dataclass(frozen=True)
class FolderFrames:
    """The frames of a folder as a FrameSource: every image is an annotated frame, in natural order."""

    paths: Sequence[Path]
    size: tuple[int, int]

    @property
    def indices(self) -> Sequence[int]:
        return range(len(self.paths))

    @property
    def key(self) -> str:
        return str(self.paths[0].resolve())

    def rgb(self, frame_index: int) -> np.ndarray:
        if not 0 <= frame_index < len(self.paths):
            raise KeyError(frame_index)
        image = read_rgb(self.paths[frame_index])
        if image.shape[:2] != self.size:
            raise SequenceError(f"{self.paths[frame_index]} is not as large as the first frame.")
        return image


@dataclass(frozen=True)
class LabelledSequence:
    """A video and the true masks of its objects.

    truth: object id -> frame index -> bool H x W, for each frame that has a mask file;
    all False where the object is not visible.
    """

    name: str
    frames: FolderFrames
    truth: Mapping[int, Mapping[int, np.ndarray]]


def find(path: Path) -> list[Path]:
    """The sequence folders at a path: itself, or those directly in it. Raises SequenceError if none."""
    if not path.is_dir():
        raise SequenceError(f"{path} is not a folder.")
    if _is_sequence(path):
        return [path]
    found = sorted(child for child in path.iterdir() if child.is_dir() and _is_sequence(child))
    if not found:
        raise SequenceError(f"{path} holds no sequence: a folder with {FRAMES}/ and {MASKS}/ is needed.")
    return found


def load(folder: Path) -> LabelledSequence:
    """The sequence of a folder, with its masks read and its frames not yet.

    Masks are binary (one object, number 1) or hold an object id per pixel; their stems are those
    of their frames, and frames may lack one. Raises SequenceError.
    """
    images = sorted((p for p in (folder / FRAMES).iterdir() if _is_frame(p)), key=lambda p: _natural(p.stem))
    if not images:
        raise SequenceError(f"{folder / FRAMES} holds no JPEG or PNG image.")
    height, width = read_rgb(images[0]).shape[:2]
    index_of = {path.stem: index for index, path in enumerate(images)}
    labels: dict[int, np.ndarray] = {}
    for path in (folder / MASKS).glob("*.png"):
        if path.stem not in index_of:
            raise SequenceError(f"{path} has no frame of the same name in {folder / FRAMES}.")
        labels[index_of[path.stem]] = _read_labels(path, (height, width))
    truth = _by_object(labels)
    if not truth:
        raise SequenceError(f"{folder / MASKS} shows no object in any mask.")
    return LabelledSequence(folder.resolve().name, FolderFrames(images, (height, width)), truth)


def read_rgb(path: Path) -> np.ndarray:
    """An image file as H x W x 3, uint8, RGB. Raises SequenceError."""
    image = cv2.imdecode(np.fromfile(path, np.uint8), cv2.IMREAD_COLOR_RGB | cv2.IMREAD_IGNORE_ORIENTATION)
    if image is None:
        raise SequenceError(f"{path} cannot be read as an image.")
    return image


def _read_labels(path: Path, size: tuple[int, int]) -> np.ndarray:
    try:
        with Image.open(path) as image:
            mode, values = image.mode, np.array(image)
    except (OSError, ValueError) as error:
        raise SequenceError(f"{path} cannot be read as a PNG mask.") from error
    if values.ndim != 2:
        raise SequenceError(f"{path} is a colour picture; a mask is binary or holds palette indices.")
    if values.shape != size:
        raise SequenceError(f"{path} is {values.shape}, its frame is {size} (height, width).")
    if mode != "P" and values.max() == 255:
        return (values > 127).astype(np.uint8)
    labels = values.astype(np.int32)
    return np.where(labels == VOID, 0, labels)


def _by_object(labels: Mapping[int, np.ndarray]) -> dict[int, dict[int, np.ndarray]]:
    ids = sorted({int(i) for label in labels.values() for i in np.unique(label)} - {0})
    return {i: {frame: labels[frame] == i for frame in sorted(labels)} for i in ids}


def _is_sequence(path: Path) -> bool:
    return (path / FRAMES).is_dir() and (path / MASKS).is_dir()


def _is_frame(path: Path) -> bool:
    return path.suffix.lower() in FRAME_SUFFIXES


def _natural(stem: str) -> list[tuple[int, str]]:
    return [(int(part), "") if part.isdecimal() else (-1, part) for part in re.split(r"(\d+)", stem)]
