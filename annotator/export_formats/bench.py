"""Memory and time of writing a million masks, against writing the same JSON from memory.

    python -m annotator.export_formats.bench [masks]

Each way of writing runs in a process of its own. The masks are made before the clock starts,
and given to the writer a frame at a time.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from annotator.export_formats import sav
from inference_worker.protocol import rle

HEIGHT, WIDTH, MASKLETS = 848, 480, 10


def main() -> None:
    if len(sys.argv) == 3:
        print(json.dumps(_measure(sys.argv[1], int(sys.argv[2]))))
        return
    masks = int(sys.argv[1]) if len(sys.argv) == 2 else 1_000_000
    for way in ("dumps", "dump", "stream"):
        for count in (masks // 10, masks):
            print(_in_own_process(way, count))


def _in_own_process(way: str, masks: int) -> str:
    program = [sys.executable, "-m", "annotator.export_formats.bench", way, str(masks)]
    found = json.loads(subprocess.run(program, check=True, capture_output=True).stdout)
    return (
        f"{way:>6} {masks:>9,} masks {found['bytes'] / 2**20:7.1f} MiB: {found['seconds']:6.2f} s, "
        f"peak memory {found['peak'] / 2**20:7.1f} MiB, of it {found['growth'] / 2**20:7.1f} while writing"
    )


def _measure(way: str, masks: int) -> dict[str, float]:
    shapes = [_flower(20 + 3 * i) for i in range(64)]
    video = _video(masks, shapes)
    document = None if way == "stream" else json.loads("".join(sav.pieces(video)))
    with tempfile.TemporaryDirectory() as folder, (Path(folder) / "out.json").open("w") as file:
        before, start = _peak(), time.perf_counter()
        if way == "stream":
            file.writelines(sav.pieces(video))
        elif way == "dump":
            json.dump(document, file)
        else:
            file.write(json.dumps(document))
        file.flush()
        seconds = time.perf_counter() - start
        return {
            "seconds": seconds,
            "peak": _peak(),
            "growth": _peak() - before,
            "bytes": Path(file.name).stat().st_size,
        }


def _video(masks: int, shapes: list[str]) -> sav.SavVideo:
    annotated = masks // MASKLETS
    return sav.SavVideo(
        video_id="bench",
        frame_count=annotated * sav.STRIDE,
        height=HEIGHT,
        width=WIDTH,
        environment="Indoor",
        split="train",
        kind="auto",
        edited_frame_counts=[0] * MASKLETS,
        frames=_frames(annotated, shapes),
    )


def _frames(annotated: int, shapes: list[str]) -> Iterator[sav.SavFrame]:
    for t in range(annotated):
        # A copy per mask, as a database cursor would give.
        counts = [bytes(shapes[(t + k) % 64], "ascii").decode() for k in range(MASKLETS)]
        yield sav.SavFrame(t, counts, [0.99] * MASKLETS)


def _flower(radius: int) -> str:
    y, x = np.mgrid[:HEIGHT, :WIDTH]
    wave = 1 + 0.2 * np.sin(np.arctan2(y - 424, x - 240) * 9)
    return rle.encode((y - 424) ** 2 + 4 * (x - 240) ** 2 < (radius / 2 * wave) ** 2)


def _peak() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


if __name__ == "__main__":
    main()
