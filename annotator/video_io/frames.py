"""Annotated frames as JPEGs in one file, the filmstrip and the poster, all from a working video."""

from __future__ import annotations

import hashlib
import zipfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import IO, cast

import av
import cv2
import numpy as np
from av.container import InputContainer

from annotator.video_io.source import THREADS

JPEG_QUALITY = 92
_ZIP_EPOCH = (1980, 1, 1, 0, 0, 0)
_LOCAL_HEADER = 30  # bytes before a member's name


@dataclass(frozen=True)
class JpegEntry:
    """One annotated frame in frames.zip. offset, length: of the JPEG's own bytes in the file."""

    frame_index: int
    offset: int
    length: int
    sha256: str


class FrameArchive:
    """Writes frames.zip: uncompressed, members `%05d.jpg` by frame index, the same bytes for the same frames."""

    def __init__(self, path: Path) -> None:
        self._zip = zipfile.ZipFile(path, "w", zipfile.ZIP_STORED)
        self.entries: list[JpegEntry] = []

    def __enter__(self) -> FrameArchive:
        return self

    def __exit__(self, *error: object) -> None:
        self._zip.close()

    def add(self, frame_index: int, jpeg: bytes) -> None:
        member = zipfile.ZipInfo(f"{frame_index:05d}.jpg", _ZIP_EPOCH)
        self._zip.writestr(member, jpeg)
        offset = member.header_offset + _LOCAL_HEADER + len(member.filename)
        self.entries.append(JpegEntry(frame_index, offset, len(jpeg), hashlib.sha256(jpeg).hexdigest()))


def read_frame(path: Path, offset: int, length: int) -> bytes:
    """The JPEG of one annotated frame. Raises EOFError when the file is shorter than that."""
    with path.open("rb") as file:
        file.seek(offset)
        jpeg = file.read(length)
    if len(jpeg) != length:
        raise EOFError(f"{path.name} ends before byte {offset + length}")
    return jpeg


def jpeg(pixels: np.ndarray, quality: int = JPEG_QUALITY, *, full_chroma: bool = False) -> bytes:
    """The JPEG of a picture: uint8, H x W x 3, BGR. full_chroma: colour as fine as brightness (4:4:4)."""
    sampling = cv2.IMWRITE_JPEG_SAMPLING_FACTOR_444 if full_chroma else cv2.IMWRITE_JPEG_SAMPLING_FACTOR_420
    settings = [cv2.IMWRITE_JPEG_QUALITY, quality, cv2.IMWRITE_JPEG_SAMPLING_FACTOR, sampling]
    done, data = cv2.imencode(".jpg", pixels, settings)
    if not done:
        raise ValueError("the picture cannot be written as JPEG")
    return data.tobytes()


def annotated_indices(frame_count: int, stride: int) -> range:
    """The frame indices that can carry masks."""
    return range(0, frame_count, stride)


def annotated_pictures(video: IO[bytes], stride: int) -> Iterator[tuple[int, np.ndarray, bytes]]:
    """(frame index, picture, JPEG) of each annotated frame; uint8, H x W x 3, BGR.

    video: a working video as a NUT stream, read to its end.
    """
    with ThreadPoolExecutor(1) as pool:
        waiting = None
        for index, picture in _decoded(video, stride):
            coming = index, picture, pool.submit(jpeg, picture)
            if waiting:
                yield waiting[0], waiting[1], waiting[2].result()
            waiting = coming
        if waiting:
            yield waiting[0], waiting[1], waiting[2].result()


def _decoded(video: IO[bytes], stride: int) -> Iterator[tuple[int, np.ndarray]]:
    with cast(InputContainer, av.open(video, format="nut")) as container:
        stream = container.streams.video[0]
        stream.thread_type = "AUTO"
        stream.codec_context.thread_count = THREADS
        for index, frame in enumerate(container.decode(stream)):
            if index % stride == 0:
                yield index, frame.reformat(format="bgr24", threads=1).to_ndarray()
