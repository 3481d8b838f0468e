"""What a source file is, before any work is spent on it."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from statistics import median
from typing import Any, cast

from av.container import InputContainer
from av.error import FFmpegError
from av.packet import Packet
from av.sidedata.sidedata import SideData
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from annotator.video_io import colour, images
from annotator.video_io.errors import UnusableSource
from annotator.video_io.geometry import Orientation, orientation_of_matrix
from annotator.video_io.limits import Limits
from annotator.video_io.sniff import IMAGE_FORMATS, media_format
from annotator.video_io.source import open_source
from annotator.video_io.timeline import WORKING_RATE

_CUT_OFF = "The file is cut off: it ends before its own header says it should. Copy or export it again."


@dataclass(frozen=True)
class Probe:
    """Facts of a source. Sizes are as stored, before pixel_aspect (SAR) and orientation are applied.

    format: demuxer or image format. matrix: ffmpeg's name of the colour matrix. frame_rate: average, frames per second. variable_rate: some
    frames last visibly longer than others. frame_count: packets of the video stream.
    first_pts: in units of time_base. An image lasts one frame of the working video.
    """

    is_image: bool
    format: str
    codec: str
    pixel_format: str
    matrix: str
    coded_width: int
    coded_height: int
    pixel_aspect: Fraction
    orientation: Orientation
    frame_rate: Fraction
    variable_rate: bool
    duration: Fraction
    frame_count: int
    first_pts: int
    time_base: Fraction
    has_audio: bool
    size_bytes: int

    @property
    def working_frames(self) -> int:
        """How many frames the working video will have, if the source keeps what it promises."""
        return max(1, round(self.duration * WORKING_RATE))


def probe(path: Path, limits: Limits) -> Probe:
    """The facts of a file. Raises UnusableSource when no working video can be made of it."""
    size = path.stat().st_size
    limits.check_bytes(size)
    name = media_format(path)
    if name in IMAGE_FORMATS:
        return _probe_image(path, name, size, limits)
    with open_source(path, name, limits.max_pixels) as (container, stream):
        if stream.codec_context.width and stream.codec_context.height:
            limits.check_size(stream.codec_context.width, stream.codec_context.height)
        return _probe_video(container, stream, name, size, limits)


def _probe_image(path: Path, name: str, size: int, limits: Limits) -> Probe:
    facts = images.inspect(path, limits)
    return Probe(
        is_image=True,
        format=name,
        codec=name.lower(),
        pixel_format=facts.mode,
        matrix="bt709",
        coded_width=facts.width,
        coded_height=facts.height,
        pixel_aspect=Fraction(1),
        orientation=facts.orientation,
        frame_rate=Fraction(WORKING_RATE),
        variable_rate=False,
        duration=Fraction(1, WORKING_RATE),
        frame_count=1,
        first_pts=0,
        time_base=Fraction(1, WORKING_RATE),
        has_audio=False,
        size_bytes=size,
    )


def _probe_video(
    container: InputContainer, stream: VideoStream, name: str, size: int, limits: Limits
) -> Probe:
    survey = _Survey(container, stream)
    survey.check_whole()
    first = survey.first_frame
    if first is None:
        raise UnusableSource(
            "no_frames", "No frame of the video can be decoded. Export it again, for example as MP4."
        )
    limits.check_size(first.width, first.height)
    time_base = Fraction(stream.time_base or Fraction(1, 1000))
    duration = survey.duration(time_base)
    limits.check_duration(duration)
    return Probe(
        is_image=False,
        format=name,
        codec=stream.codec_context.name,
        pixel_format=first.format.name,
        matrix=colour.matrix(first),
        coded_width=first.width,
        coded_height=first.height,
        pixel_aspect=Fraction(stream.sample_aspect_ratio or 1) or Fraction(1),
        orientation=_orientation(first),
        frame_rate=Fraction(stream.average_rate or (survey.count / duration if duration else 0)),
        variable_rate=survey.variable_rate(),
        duration=duration,
        frame_count=survey.count,
        first_pts=survey.times[0] if survey.times else 0,
        time_base=time_base,
        has_audio=bool(container.streams.audio),
        size_bytes=size,
    )


def _orientation(frame: VideoFrame) -> Orientation:
    matrix = frame.side_data.get("DISPLAYMATRIX")
    if matrix is None:
        return Orientation()
    return orientation_of_matrix(struct.unpack("=9i", bytes(cast(SideData, matrix))))


class _Survey:
    """One walk over all packets, decoding no further than the first frame."""

    def __init__(self, container: InputContainer, stream: VideoStream) -> None:
        self.container, self.stream = container, stream
        self.times: list[int] = []
        self.count = 0
        self.first_frame: VideoFrame | None = None
        self.last_duration = 0
        self._ends_at = Fraction(0)
        self._last_is_cut = False
        try:
            for packet in container.demux():
                self._see(packet)
        except FFmpegError:
            self._last_is_cut = True
        self.times.sort()

    def _see(self, packet: Packet[Any]) -> None:
        stamp = packet.dts if packet.pts is None or self.container.format.name == "avi" else packet.pts
        if packet.size and stamp is not None and packet.time_base:
            self._ends_at = max(self._ends_at, (stamp + (packet.duration or 0)) * packet.time_base)
        if packet.stream.index != self.stream.index:
            return
        if self.first_frame is None:
            self.first_frame = _first_decoded(packet)
        if not packet.size:
            return
        self.count += 1
        self._last_is_cut = packet.is_corrupt
        if stamp is not None and not packet.is_discard:
            self.times.append(stamp)
            self.last_duration = packet.duration or self.last_duration

    def check_whole(self) -> None:
        said = Fraction(self.container.duration or 0, 1_000_000)
        start = Fraction(self.container.start_time or 0, 1_000_000)
        short = self._ends_at - start < said * Fraction(95, 100) - Fraction(1, 2)
        if short or (self._last_is_cut and self.count < self.stream.frames):
            raise UnusableSource("truncated", _CUT_OFF)

    def duration(self, time_base: Fraction) -> Fraction:
        if not self.times:
            return Fraction(0)
        return (self.times[-1] - self.times[0] + self.last_duration) * time_base

    def variable_rate(self) -> bool:
        steps = [after - before for before, after in zip(self.times, self.times[1:], strict=False)]
        if not steps:
            return False
        usual = median(steps)
        return any(abs(step - usual) > max(1, usual / 10) for step in steps)


def _first_decoded(packet: Packet[Any]) -> VideoFrame | None:
    try:
        return next(iter(packet.decode()), None)
    except FFmpegError:
        return None
