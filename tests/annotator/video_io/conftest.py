from __future__ import annotations

from collections.abc import Callable, Iterable
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from annotator.video_io.ingest import IngestResult, ingest_file
from annotator.video_io.limits import Limits

Clip = Callable[..., Path]


@pytest.fixture(scope="session")
def videos(test_data: Path) -> Path:
    """The folder of real videos."""
    return test_data / "videos"


@pytest.fixture
def ingest(tmp_path: Path) -> Callable[..., IngestResult]:
    def run(source: Path, **options) -> IngestResult:
        options = {"stride": 4, "limits": Limits(), **options}
        return ingest_file(source, tmp_path / "out", **options)

    return run


@pytest.fixture
def clip(tmp_path: Path) -> Clip:
    """Writes pictures (uint8, H x W x 3, RGB) at given times (pts in ticks) to a video file."""

    def write(
        pictures: Iterable[np.ndarray],
        times: Iterable[int],
        time_base: Fraction,
        name: str = "clip.mp4",
        codec: str = "libx264",
        pixel_format: str = "yuv420p",
        **stream_facts,
    ) -> Path:
        path = tmp_path / name
        with av.open(str(path), "w") as container:
            stream = None
            for picture, time in zip(pictures, times, strict=True):
                if stream is None:
                    stream = container.add_stream(codec, rate=30, options={"crf": "10"})
                    stream.height, stream.width = picture.shape[:2]
                    stream.pix_fmt, stream.time_base = pixel_format, time_base
                    stream.codec_context.time_base = time_base
                    for fact, value in stream_facts.items():
                        setattr(stream, fact, value)
                frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(picture), format="rgb24")
                frame.pts, frame.time_base = time, time_base
                container.mux(stream.encode(frame.reformat(format=pixel_format)))
            container.mux(stream.encode())
        return path

    return write
