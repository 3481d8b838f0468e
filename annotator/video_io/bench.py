"""Ingest's time over that of one bare ffmpeg command that writes the same kinds of files.

Run: python -m annotator.video_io.bench FILE [ROUNDS]
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from annotator.video_io.encoder import GOP, PRESET, ffmpeg_command
from annotator.video_io.ingest import FILMSTRIP, POSTER, WORKING, ingest_file
from annotator.video_io.limits import Limits
from annotator.video_io.source import THREADS
from annotator.video_io.timeline import WORKING_RATE
from annotator.video_io.transcode import VIDEO_CRF

_STRIDE = 4
_GRAPH = (
    f"[0:v]fps={WORKING_RATE},split[video][rest];[rest]select=not(mod(n\\,{_STRIDE})),split=3[frames][small][one];"
    "[small]scale=-2:48,tile=64x1[strip];[one]scale=640:-2[poster]"
)


def bare_command(source: Path, out: Path) -> list[str]:
    """The ffmpeg command that writes working video, JPEGs, filmstrip and poster straight from the source."""
    command = [
        ffmpeg_command(),
        "-loglevel",
        "error",
        "-y",
        "-i",
        str(source),
        "-an",
        "-filter_complex",
        _GRAPH,
    ]
    command += ["-map", "[video]", "-c:v", "libx264", "-preset", PRESET, "-crf", str(VIDEO_CRF)]
    command += [
        "-g",
        str(GOP),
        "-keyint_min",
        str(GOP),
        "-sc_threshold",
        "0",
        "-bf",
        "0",
        "-pix_fmt",
        "yuv420p",
    ]
    command += ["-threads", str(THREADS), "-movflags", "+faststart", str(out / WORKING)]
    command += ["-map", "[frames]", "-q:v", "2", "-fps_mode", "passthrough", str(out / "%05d.jpg")]
    command += ["-map", "[strip]", "-frames:v", "1", str(out / FILMSTRIP)]
    return [*command, "-map", "[poster]", "-frames:v", "1", str(out / POSTER)]


def main(source: Path, rounds: int) -> None:
    ours, bare = [], []
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder)
        for _ in range(rounds):
            bare.append(_seconds(lambda: subprocess.run(bare_command(source, out), check=True)))
            ours.append(_seconds(lambda: ingest_file(source, out, stride=_STRIDE, limits=Limits())))
    print(f"ingest {min(ours):.2f} s, bare ffmpeg {min(bare):.2f} s, ratio {min(ours) / min(bare):.2f}")


def _seconds(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 3)
