"""Opening a hostile source file, and decoding it past its faults."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import NoReturn, cast

import av
from av.container import InputContainer
from av.error import FFmpegError
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from annotator.video_io.errors import UnusableSource

THREADS = min(4, os.cpu_count() or 1)
_MAX_FAULTS = 500
_JUMP_S = 1  # a step back in time by more than this is a new recording, not a wrong order


@dataclass(frozen=True)
class Fault:
    """A source frame that did not decode well, its time (see SourceFrames), and in words what is seen instead."""

    time: int
    message: str


@contextmanager
def open_source(path: Path, demuxer: str, max_pixels: int) -> Iterator[tuple[InputContainer, VideoStream]]:
    """The container and its video stream, read by this demuxer only and with no other file within its reach.

    The decoder refuses pictures far beyond max_pixels before it takes memory for them.
    Raises UnusableSource when it cannot be read or holds no video.
    """
    with path.open("rb") as file:
        try:
            container = cast(
                InputContainer,
                av.open(file, format=demuxer, io_open=_refuse_to_open, metadata_errors="replace"),
            )
        except (FFmpegError, ValueError) as error:
            raise UnusableSource(
                "unreadable", "The file cannot be read: it is cut off or damaged. Copy or export it again."
            ) from error
        with container:
            stream = _video_stream(container)
            if stream is None:
                raise UnusableSource("no_video", "The file holds no video stream, only sound or other data.")
            stream.thread_type = "AUTO"
            stream.codec_context.thread_count = THREADS
            # Coded sizes are rounded up to whole blocks, so the exact check is on the frames.
            stream.codec_context.options = {"max_pixels": str(max_pixels + max_pixels // 8 + 65536)}
            yield container, stream


def _refuse_to_open(url: str, flags: int, options: dict[str, str]) -> NoReturn:
    raise PermissionError(f"a source may not open {url}")


def _video_stream(container: InputContainer) -> VideoStream | None:
    for stream in container.streams.video:
        is_cover = bool(stream.disposition & av.stream.Disposition.attached_pic)
        if not is_cover and stream.codec_context is not None:
            return stream
    return None


@dataclass
class SourceFrames:
    """The frames of a stream that can be decoded, in display order, each with its time.

    faults is complete once the iteration is over.
    """

    container: InputContainer
    stream: VideoStream
    faults: list[Fault] = field(default_factory=list)
    end: int = 0  # pts at which the last frame given so far ends, on the axis of the times given

    def __post_init__(self) -> None:
        self._time_base = Fraction(self.stream.time_base or Fraction(1, 1000))
        rate = self.stream.average_rate or self.stream.guessed_rate or Fraction(24)
        self._nominal = max(1, round(1 / (rate * self._time_base)))
        # AVI stores no presentation times, and those guessed for it are out of order.
        self._stamps_are_dts = self.container.format.name == "avi"
        self._shift = 0
        self._last: int | None = None

    def __iter__(self) -> Iterator[tuple[int, int, VideoFrame]]:
        """(source pts, time, frame): the time is the pts with gaps filled and steps back taken out, never falling."""
        failed: list[int] = []
        expected: set[int] = set()
        decoded: set[int] = set()
        for frame in self._decode(expected, failed):
            stamp = frame.dts if self._stamps_are_dts else frame.pts
            time = self._time(stamp)
            if frame.pts is not None:
                decoded.add(frame.pts)
            if frame.is_corrupt:
                self._fault(time, "The picture is damaged.")
            self._last, self.end = time, time + max(frame.duration or self._nominal, 1)
            yield (time if stamp is None else stamp), time, frame
        self._report_lost(failed, expected - decoded)

    def _decode(self, expected: set[int], failed: list[int]) -> Iterator[VideoFrame]:
        packets = self.container.demux(self.stream)
        while True:
            try:
                packet = next(packets)
            except StopIteration:
                return
            except FFmpegError:
                self._fault(self.end, "The file cannot be read beyond this point.")
                return
            if packet.pts is not None and packet.size and not packet.is_discard:
                expected.add(packet.pts)
            try:
                frames = packet.decode()
            except FFmpegError:
                failed.append(self.end if packet.pts is None else packet.pts)
                continue
            yield from frames

    def _time(self, stamp: int | None) -> int:
        if self._last is None:
            return stamp or 0
        if stamp is None:
            return self._last + self._nominal
        back = self._last - (stamp + self._shift)
        if back * self._time_base > _JUMP_S:
            self._shift += back + self._nominal
            self._fault(
                self._last, "The file's clock jumps back here; the frames after it follow without a gap."
            )
            return self._last + self._nominal
        return max(self._last, stamp + self._shift)

    def _report_lost(self, failed: list[int], missing: set[int]) -> None:
        # A packet without a frame of its own is lawful (hidden frames), so missing ones count only
        # where decoding failed; and a decoder with threads reports a failure some packets late.
        lost = sorted(missing) if failed and missing and not self._stamps_are_dts else failed
        for pts in lost:
            self._fault(pts + self._shift, "The picture could not be decoded; the one before it is held.")
        self.faults.sort(key=lambda fault: fault.time)

    def _fault(self, time: int, message: str) -> None:
        if len(self.faults) < _MAX_FAULTS:
            self.faults.append(Fault(time, message))
