"""Tiny videos that ffmpeg can read."""

from __future__ import annotations

from pathlib import Path

import av
import numpy as np


def write_clip(path: Path, frames: int = 12, height: int = 48, width: int = 64) -> Path:
    """A square that moves to the right, at 24 frames a second."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=24)
        stream.height, stream.width, stream.pix_fmt = height, width, "yuv420p"
        for index in range(frames):
            picture = np.full((height, width, 3), 60, np.uint8)
            picture[10:26, 2 * index : 2 * index + 16] = 220
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        container.mux(stream.encode())
    return path
