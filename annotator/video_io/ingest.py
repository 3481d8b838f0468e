"""From a source file to everything that labelling it needs."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import IO

import cv2
import numpy as np

from annotator.video_io import images
from annotator.video_io.encoder import Encoder
from annotator.video_io.errors import TranscodeFailed
from annotator.video_io.frames import FrameArchive, JpegEntry, annotated_indices, annotated_pictures, jpeg
from annotator.video_io.geometry import SourceMapping, mapping
from annotator.video_io.limits import Limits
from annotator.video_io.probe import Probe, probe
from annotator.video_io.thumbnails import Filmstrip, Thumbnails
from annotator.video_io.timeline import WORKING_RATE
from annotator.video_io.transcode import DecodeFault, OnProgress, Transcoded, transcode

WORKING, FRAMES, FILMSTRIP, POSTER = "working.mp4", "frames.zip", "filmstrip.jpg", "poster.jpg"
_IMAGE_CRF = 12
_IMAGE_JPEG_QUALITY = 97
_THUMB_JPEG_QUALITY = 85


@dataclass(frozen=True)
class IngestResult:
    """What is to be known about a video after ingest.

    source_pts: for each working frame, the pts of the source frame it shows, in units of time_base
    (seconds). jpegs: one entry per annotated frame, in order. duration: of the working video, seconds.
    """

    probe: Probe
    width: int
    height: int
    frame_count: int
    duration: Fraction
    stride: int
    annotated: list[int]
    source_pts: list[int]
    time_base: Fraction
    mapping: SourceMapping
    jpegs: list[JpegEntry]
    filmstrip: Filmstrip
    decode_faults: list[DecodeFault]
    source_sha256: str
    working_sha256: str


def ingest_file(
    source: Path,
    out_dir: Path,
    *,
    stride: int,
    limits: Limits,
    on_progress: OnProgress = lambda fraction: None,
) -> IngestResult:
    """Writes working.mp4, frames.zip, filmstrip.jpg and poster.jpg into out_dir, and says what is in them.

    on_progress: called with the fraction done, 0 to 1, never falling. The source is only read.
    Raises UnusableSource, TranscodeFailed or OSError (ENOSPC: the disk is full) with none of the files left.
    """
    try:
        return _ingest(source, out_dir, stride, limits, on_progress)
    except BaseException:
        for name in (WORKING, FRAMES, FILMSTRIP, POSTER):
            (out_dir / name).unlink(missing_ok=True)
        raise


def _ingest(
    source: Path, out_dir: Path, stride: int, limits: Limits, on_progress: OnProgress
) -> IngestResult:
    facts = probe(source, limits)
    out_dir.mkdir(parents=True, exist_ok=True)
    working = out_dir / WORKING
    thumbnails = Thumbnails(annotated_indices(facts.working_frames, stride))
    with FrameArchive(out_dir / FRAMES) as archive:

        def keep(video: IO[bytes]) -> None:
            for index, picture, data in annotated_pictures(video, stride):
                archive.add(index, data)
                thumbnails.see(index, picture)

        if facts.is_image:
            made, picture = _still(source, working, facts)
            archive.add(0, jpeg(picture, _IMAGE_JPEG_QUALITY, full_chroma=True))
            thumbnails.see(0, picture)
        else:
            made = transcode(source, working, facts, limits, keep, on_progress)
    annotated = list(annotated_indices(len(made.source_pts), stride))
    if [entry.frame_index for entry in archive.entries] != annotated:
        raise TranscodeFailed("ffmpeg wrote other frames than it was given. Try again.")
    filmstrip = _write_thumbnails(out_dir, thumbnails)
    on_progress(1.0)
    return IngestResult(
        probe=facts,
        width=made.mapping.width,
        height=made.mapping.height,
        frame_count=len(made.source_pts),
        duration=Fraction(len(made.source_pts), WORKING_RATE),
        stride=stride,
        annotated=annotated,
        source_pts=made.source_pts,
        time_base=made.time_base,
        mapping=made.mapping,
        jpegs=archive.entries,
        filmstrip=filmstrip,
        decode_faults=made.decode_faults,
        source_sha256=_sha256(source),
        working_sha256=_sha256(working),
    )


def _still(source: Path, working: Path, facts: Probe) -> tuple[Transcoded, np.ndarray]:
    placed = mapping(facts.coded_width, facts.coded_height, facts.pixel_aspect, facts.orientation)
    picture = images.read_upright(source, placed)
    with Encoder(working, placed.width, placed.height, crf=_IMAGE_CRF) as encoder:
        encoder.write([picture.reshape(-1).data])
    return Transcoded(placed, [0], facts.time_base, []), cv2.cvtColor(picture, cv2.COLOR_RGB2BGR)


def _write_thumbnails(out_dir: Path, thumbnails: Thumbnails) -> Filmstrip:
    filmstrip, strip = thumbnails.filmstrip()
    (out_dir / FILMSTRIP).write_bytes(jpeg(strip, _THUMB_JPEG_QUALITY))
    (out_dir / POSTER).write_bytes(jpeg(thumbnails.poster(), _THUMB_JPEG_QUALITY))
    return filmstrip


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
