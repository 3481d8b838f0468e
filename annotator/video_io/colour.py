"""Decoded frames as raw yuv420p in limited range, the form in which they go to the encoder."""

from __future__ import annotations

import numpy as np
from av.video.frame import VideoFrame
from av.video.plane import VideoPlane
from av.video.reformatter import ColorRange, Colorspace

# Matrix coefficients by H.273's numbers, with ffmpeg's names.
_MATRICES = {1: "bt709", 5: "bt470bg", 6: "smpte170m", 7: "smpte240m", 9: "bt2020nc"}
_RGB, _UNKNOWN = 0, 2
_HD_HEIGHT = 720  # from this height on, players take untagged video for BT.709


def matrix(frame: VideoFrame) -> str:
    """ffmpeg's name of the matrix in which raw_planes gives frames like this one."""
    if frame.colorspace == _UNKNOWN:
        return "bt709" if frame.height >= _HD_HEIGHT else "smpte170m"
    return _MATRICES.get(frame.colorspace, "bt709")


def raw_planes(frame: VideoFrame, width: int, height: int) -> list[memoryview]:
    """The frame's Y, U and V at this size, rows packed without padding.

    A frame of another size (a source may change in the middle) is stretched to it.
    """
    as_it_is = frame.format.name == "yuv420p" and frame.color_range != ColorRange.JPEG
    if not as_it_is or (frame.width, frame.height) != (width, height):
        frame = frame.reformat(
            width=width,
            height=height,
            format="yuv420p",
            dst_colorspace=Colorspace.ITU709 if frame.colorspace == _RGB else None,
            dst_color_range=ColorRange.MPEG,
            threads=1,
        )
    return [_packed(plane) for plane in frame.planes]


def _packed(plane: VideoPlane) -> memoryview:
    rows = np.frombuffer(memoryview(plane), np.uint8).reshape(-1, plane.line_size)
    return np.ascontiguousarray(rows[: plane.height, : plane.width]).reshape(-1).data
