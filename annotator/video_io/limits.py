"""How large a source may be."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from annotator.video_io.errors import UnusableSource
from annotator.video_io.timeline import WORKING_RATE

MIN_SIDE = 16  # pixels: below this there is nothing to label, and encoders give up


@dataclass(frozen=True)
class Limits:
    """max_pixels: width x height of one frame. max_frames: frames of the working video."""

    max_bytes: int = 8 * 1024**3
    max_duration_s: float = 20 * 60
    max_pixels: int = 8192 * 4320
    max_frames: int = 20 * 60 * WORKING_RATE

    def check_bytes(self, size: int) -> None:
        if size > self.max_bytes:
            raise _over("too_big", f"has {size / 1e6:.1f} MB", f"{self.max_bytes / 1e6:.1f} MB")

    def check_size(self, width: int, height: int) -> None:
        if width * height > self.max_pixels:
            raise _over("too_large", f"is {width} x {height}", f"{self.max_pixels / 1e6:.2f} megapixels")
        if min(width, height) < MIN_SIDE:
            raise UnusableSource(
                "too_small", f"The picture is {width} x {height}; each side needs at least {MIN_SIDE} pixels."
            )

    def check_duration(self, seconds: Fraction) -> None:
        if seconds > self.max_duration_s:
            raise _over("too_long", f"lasts {float(seconds):.1f} s", f"{self.max_duration_s:.1f} s")
        self.check_frames(round(seconds * WORKING_RATE))

    def check_frames(self, count: int) -> None:
        if count > self.max_frames:
            raise _over(
                "too_many_frames", f"gives {count} frames at {WORKING_RATE} fps", f"{self.max_frames}"
            )


def _over(code: str, what: str, limit: str) -> UnusableSource:
    return UnusableSource(
        code,
        f"The file {what}; the limit is {limit}. Cut or shrink it, or have the project's limit raised.",
    )
