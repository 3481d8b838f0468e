"""A source video to its working video: 24 fps, upright, square pixels, even size, H.264."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from av.video.frame import VideoFrame

from annotator.video_io.colour import raw_planes
from annotator.video_io.encoder import Encoder, Reader
from annotator.video_io.errors import UnusableSource
from annotator.video_io.geometry import SourceMapping, mapping
from annotator.video_io.limits import Limits
from annotator.video_io.probe import Probe
from annotator.video_io.source import SourceFrames, open_source
from annotator.video_io.timeline import Timeline

VIDEO_CRF = 20
_TURNS: dict[int, list[tuple[str, dict]]] = {
    0: [],
    90: [("transpose", {"dir": "clock"})],
    180: [("hflip", {}), ("vflip", {})],
    270: [("transpose", {"dir": "cclock"})],
}
OnProgress = Callable[[float], None]


@dataclass(frozen=True)
class DecodeFault:
    """A place where the source did not decode well: the working frame it is seen on, and what is seen."""

    frame_index: int
    message: str


@dataclass(frozen=True)
class Transcoded:
    """source_pts: for each working frame, the pts of the source frame it shows, in units of time_base."""

    mapping: SourceMapping
    source_pts: list[int]
    time_base: Fraction
    decode_faults: list[DecodeFault]


def transcode(
    path: Path, target: Path, facts: Probe, limits: Limits, reader: Reader, on_progress: OnProgress
) -> Transcoded:
    """The working video of a probed source video, written to `target`, and where its frames come from.

    reader: see Encoder. on_progress: called with the fraction done, 0 to 1. A frame that cannot be decoded is covered by
    the one before it, so the rate stays constant.
    Raises UnusableSource when no frame decodes or the limits turn out to be exceeded.
    """
    placed = mapping(facts.coded_width, facts.coded_height, facts.pixel_aspect, facts.orientation)
    timeline = Timeline(facts.time_base)
    source_pts: list[int] = []
    with open_source(path, facts.format, limits.max_pixels) as (container, stream):
        frames = SourceFrames(container, stream)
        with Encoder(
            target,
            facts.coded_width,
            facts.coded_height,
            crf=VIDEO_CRF,
            matrix=facts.matrix,
            filters=_filters(placed),
            reader=reader,
        ) as encoder:
            for pts, frame, held in _held(frames, timeline):
                limits.check_size(frame.width, frame.height)
                limits.check_frames(len(source_pts) + held)
                planes = raw_planes(frame, facts.coded_width, facts.coded_height)
                for _ in range(held):
                    encoder.write(planes)
                source_pts += [pts] * held
                on_progress(min(1.0, len(source_pts) / facts.working_frames))
    last = len(source_pts) - 1
    faults = [DecodeFault(min(timeline.slot(fault.time), last), fault.message) for fault in frames.faults]
    return Transcoded(placed, source_pts, facts.time_base, faults)


def _filters(placed: SourceMapping) -> Iterator[tuple[str, dict]]:
    if placed.square_width != placed.coded_width:
        yield "scale", {"w": placed.square_width, "h": placed.square_height, "flags": "bicubic"}
        yield "setsar", {"sar": 1}
    if placed.mirrored:
        yield "hflip", {}
    yield from _TURNS[placed.rotation]
    if placed.crop_right or placed.crop_bottom:
        yield "crop", {"w": placed.width, "h": placed.height, "x": 0, "y": 0, "exact": 1}


def _held(frames: SourceFrames, timeline: Timeline) -> Iterator[tuple[int, VideoFrame, int]]:
    shown: tuple[int, VideoFrame] | None = None
    for pts, time, frame in frames:
        held = timeline.advance(time)
        if shown and held:
            yield *shown, held
        shown = pts, frame
    if shown is None:
        raise UnusableSource(
            "no_frames", "No frame of the video can be decoded. Export it again, for example as MP4."
        )
    held = timeline.finish(frames.end)
    if held:
        yield *shown, held
