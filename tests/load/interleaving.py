"""`python -m tests.load.interleaving`: how long clicks wait at a worker that is busy with passes.

A worker of its own with Valkey between, eight passes of eight sessions on one video, and clicks of a
ninth. A click's wait is the time until its answer less what the engine took for it.
"""

from __future__ import annotations

import argparse
import random
import re
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from deploy.local.services import start_valkey
from inference_worker.protocol.messages import Frames, SegmentResult
from tests.inference_worker.worker_process import (
    HEIGHT,
    STRIDE,
    WIDTH,
    Asker,
    WorkerProcess,
    a_click,
    a_pass,
    write_frames_zip,
)

WARM_UP_CLICKS = 2
CHUNK = re.compile(r" chunk session=\d+ .* running .* whole=([\d.]+)ms")


def main() -> int:
    arguments = _arguments()
    with tempfile.TemporaryDirectory(prefix="maskloom-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        valkey = start_valkey(folder / "valkey")
        worker = WorkerProcess(
            valkey.url, "busy", folder, folder / "log", MASKLOOM_ENGINE=_engine(arguments, folder)
        )
        try:
            worker.wait_until_ready()
            waits = _clicks(Asker(valkey.url), worker, _video(folder), arguments)
            _report(arguments, waits, [float(ms) for ms in CHUNK.findall(worker.log())])
        finally:
            worker.stop()
            valkey.stop()
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.load.interleaving", description=__doc__)
    parser.add_argument(
        "--engine", default="small", help="small: a SAM 2 of a quick size; else as MASKLOOM_ENGINE"
    )
    parser.add_argument("--passes", type=int, default=8)
    parser.add_argument("--clicks", type=int, default=60)
    return parser.parse_args()


def _engine(arguments: argparse.Namespace, folder: Path) -> str:
    if arguments.engine != "small":
        return str(arguments.engine)
    from tests.inference_worker.engines import small_sam2

    small_sam2.modules().save_pretrained(folder / "small")
    return f"sam2:{folder / 'small'}"


def _video(folder: Path) -> Frames:
    count = 4000
    write_frames_zip(folder / "frames.zip", range(0, count, STRIDE))
    uri = str(folder / "frames.zip")
    return Frames(video=1, uri=uri, height=HEIGHT, width=WIDTH, stride=STRIDE, frame_count=count)


def _clicks(asker: Asker, worker: WorkerProcess, video: Frames, arguments: argparse.Namespace) -> list[float]:
    run = list(range(STRIDE, video.frame_count, STRIDE))
    for number in range(1, arguments.passes + 1):
        asker.propagate(a_pass(video, [run], propagation=number, session=number))
    waits = []
    for change in range(arguments.clicks):
        time.sleep(random.uniform(0.2, 0.6))
        sent = time.perf_counter()
        asker.click(a_click(video, session=99, change=change, frame_index=4 * change), queue=worker.queue)
        answer = asker.results_until(lambda result: isinstance(result, SegmentResult))[-1]
        assert isinstance(answer, SegmentResult)
        assert not answer.error, answer.error
        waits.append((time.perf_counter() - sent) * 1000 - answer.engine_ms)
    return waits[WARM_UP_CLICKS:]


def _report(arguments: argparse.Namespace, waits: list[float], chunks: list[float]) -> None:
    print(f"engine {arguments.engine}, {arguments.passes} passes at work")
    print(f"{'ms':<24}{'count':>7}{'p50':>8}{'p95':>8}{'max':>8}")
    for name, values in (("a click's wait", waits), ("a chunk", chunks)):
        points = np.percentile(values, (50, 95, 100))
        print(f"{name:<24}{len(values):>7}" + "".join(f"{point:>8.1f}" for point in points))


if __name__ == "__main__":
    sys.exit(main())
