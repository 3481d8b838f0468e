"""The rules for the mp4 of a SA-V export."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
from av.container import InputContainer

from annotator.export_formats import sav
from annotator.export_formats.problems import Findings


@dataclass(frozen=True, slots=True)
class Picture:
    """What decoding an mp4 to its end gives: frames, and (height, width) as stored."""

    frames: int
    size: tuple[int, int]


def check(path: Path, found: Findings) -> Picture | None:
    """The mp4's frames and size, with every broken rule added to `found`; None when it cannot be read."""
    try:
        with av.open(str(path)) as container:
            return _decode(container, found)
    except (av.FFmpegError, OSError) as error:
        found.error("mp4_unreadable", f"This cannot be opened as a video: {error.strerror or error}.")
        return None


def _decode(container: InputContainer, found: Findings) -> Picture | None:
    if "mp4" not in container.format.name.split(","):
        found.error("mp4_unreadable", f"This is {container.format.name}, not mp4.")
        return None
    if not container.streams.video:
        found.error("mp4_unreadable", "There is no video stream in this file.")
        return None
    stream = container.streams.video[0]
    stream.thread_type = "AUTO"
    clock = _Clock()
    frames, size, rotation = 0, (0, 0), 0
    try:
        for frame in container.decode(stream):
            clock.tick(frames, frame.pts, frame.time_base)
            rotation = rotation or frame.rotation
            size = (frame.height, frame.width) if not frames else size
            frames += 1
    except av.FFmpegError as error:
        found.error("mp4_unreadable", f"Decoding stops after frame {frames - 1}: {error.strerror}.")
        return None
    if not frames:
        found.error("mp4_unreadable", "There are no frames in this file.")
        return None
    if rotation:
        found.error(
            "mp4_rotated", f"The file asks players to turn it by {rotation} degrees; turn its pixels."
        )
    if clock.late is not None:
        found.error(
            "mp4_rate", f"Frame {clock.late} is not where a constant {sav.FPS} frames a second put it."
        )
    return Picture(frames, size)


class _Clock:
    """The first frame that is not shown at its place of a constant rate, to one tick of the file's clock."""

    def __init__(self) -> None:
        self.late: int | None = None
        self._start = 0

    def tick(self, index: int, pts: int | None, tick: Fraction | None) -> None:
        if self.late is not None:
            return
        if pts is None or tick is None:
            self.late = index
            return
        if index == 0:
            self._start = pts
        if abs((pts - self._start) * tick - Fraction(index, sav.FPS)) > tick:
            self.late = index
