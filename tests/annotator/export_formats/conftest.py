from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from annotator.export_formats import sav
from inference_worker.protocol import rle

HEIGHT, WIDTH, FRAMES = 48, 64, 37


def square(x: int, side: int = 10) -> str:
    mask = np.zeros((HEIGHT, WIDTH), np.uint8)
    mask[4 : 4 + side, x : x + side] = 1
    return rle.encode(mask)


def video(kind: sav.Kind = "manual", frame_count: int = FRAMES) -> sav.SavVideo:
    """Two masklets: one visible throughout, one from annotated frame 2 on with a gap."""
    annotated = sav.annotated_frame_count(frame_count)
    rows = [[square(t), square(2 * t, 6) if t >= 2 and t != 4 else None] for t in range(annotated)]
    scores = [[1.0 if counts is None else 0.99 for counts in row] for row in rows]
    return sav.SavVideo(
        video_id="clip_1",
        frame_count=frame_count,
        height=HEIGHT,
        width=WIDTH,
        environment="Indoor",
        split="train",
        kind=kind,
        edited_frame_counts=[0, 0] if kind == "auto" else [3, 2],
        frames=[sav.SavFrame(t, row, scores[t] if kind == "auto" else None) for t, row in enumerate(rows)],
    )


def write_mp4(
    path: Path,
    *,
    frames: int = FRAMES,
    size: tuple[int, int] = (HEIGHT, WIDTH),
    fps: int = 24,
    late: int | None = None,
    container: str = "mp4",
) -> None:
    """late: index of the frame from which all are shown half a frame late."""
    with av.open(str(path), "w", format=container) as out:
        stream = out.add_stream("libx264", rate=fps, options={"crf": "30"})
        stream.height, stream.width, stream.pix_fmt = *size, "yuv420p"
        stream.time_base = stream.codec_context.time_base = Fraction(1, 2 * fps)
        for index in range(frames):
            frame = av.VideoFrame.from_ndarray(np.full((*size, 3), 5 * index % 256, np.uint8), format="rgb24")
            frame.pts = 2 * index + (late is not None and index >= late)
            frame.time_base = Fraction(1, 2 * fps)
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))


@pytest.fixture(scope="session")
def whole_export(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("export")
    write_mp4(folder / "clip_1.mp4")
    for kind in ("manual", "auto"):
        (folder / f"clip_1_{kind}.json").write_text("".join(sav.pieces(video(kind))))
    return folder


@pytest.fixture
def export(whole_export: Path, tmp_path: Path) -> Path:
    """A valid export of one video, a copy to break."""
    return Path(shutil.copytree(whole_export, tmp_path / "export"))


@pytest.fixture
def change(export: Path) -> Callable[[str, Callable[[dict], object]], None]:
    """Change the manual or auto document of the export, in the form json.dumps gives it."""

    def apply(kind: str, mutate: Callable[[dict], object]) -> None:
        path = export / f"clip_1_{kind}.json"
        document = json.loads(path.read_text())
        mutate(document)
        path.write_text(json.dumps(document))

    return apply


@pytest.fixture(scope="session")
def example_folder() -> Path:
    root = os.environ.get("MASKLOOM_TEST_DATA")
    if not root or not (Path(root) / "sav").is_dir():
        pytest.skip("MASKLOOM_TEST_DATA has no sav folder with SA-V's example files")
    return Path(root) / "sav"
