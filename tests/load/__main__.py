"""`python -m tests.load`: people at work on a Maskloom of their own, and how long a click takes to come back.

The scripted engine answers after a fixed time, so that what is measured is everything around it. Ends
with status 1 when anything was lost, doubled or not told.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import numpy as np

from annotator.simulation.client import Client
from annotator.video_io.encoder import Encoder
from tests.journeys.maskloom_process import Maskloom
from tests.load.person import Person, Tally

WIDTH, HEIGHT, FRAMES = 320, 240, 97
INGEST_S = 300
PARTS = ("web", "recorder", "inference-worker", "cpu-worker", "clock", "postgres", "valkey")
WARM_UP_S = 5.0  # first requests import and connect; they are not measured


def main() -> int:
    arguments = _arguments()
    if arguments.url:
        client = Client.sign_in(arguments.url, arguments.user, arguments.password)
        return _measure(client, arguments, None)
    print("Starting Maskloom", flush=True)
    with _own(arguments.engine_ms) as maskloom:
        return _measure(maskloom.client("owner"), arguments, maskloom)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.load", description=__doc__)
    parser.add_argument("--annotators", type=int, default=20)
    parser.add_argument("--seconds", type=float, default=300)
    parser.add_argument("--engine-ms", type=int, default=5, help="what the scripted engine takes for a mask")
    parser.add_argument(
        "--url", help="of a running Maskloom with the scripted engine; a staff user is needed"
    )
    parser.add_argument("--user", default="owner")
    parser.add_argument("--password", default=os.environ.get("MASKLOOM_LOAD_PASSWORD", ""))
    return parser.parse_args()


@contextmanager
def _own(engine_ms: int) -> Iterator[Maskloom]:
    maskloom = Maskloom(MASKLOOM_ENGINE="scripted", MASKLOOM_SCRIPTED_FRAME_MS=str(engine_ms))
    try:
        yield maskloom.wait_until_ready()
    finally:
        maskloom.stop()


def _measure(client: Client, arguments: argparse.Namespace, maskloom: Maskloom | None) -> int:
    print(f"Ingesting {arguments.annotators} videos", flush=True)
    sessions = [client.post(f"videos/{pk}/sessions") for pk in _videos(client, arguments.annotators)]
    print(f"Working for {arguments.seconds:.0f} s", flush=True)
    asyncio.run(_work(client, sessions, WARM_UP_S, Tally()))
    tally, before, began = Tally(), _cpu(maskloom), time.monotonic()
    fresh = [client.get(f"sessions/{snapshot['session']['id']}") for snapshot in sessions]
    asyncio.run(_work(client, fresh, arguments.seconds, tally))
    seconds = time.monotonic() - began
    for name, after in _cpu(maskloom).items():
        print(f"  {name:<17} {100 * (after - before[name]) / seconds:5.1f} % of a core")
    return _report(tally, arguments.engine_ms)


def _videos(client: Client, count: int) -> list[int]:
    slug = f"load-{int(time.time())}"
    client.post("projects", name="Load", slug=slug)
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder, "clip.mp4")
        with Encoder(source, WIDTH, HEIGHT, crf=20) as encoder:
            for index in range(FRAMES):
                encoder.write([np.full(WIDTH * HEIGHT * 3, index, np.uint8).data])
        videos = [client.upload(slug, source) for _ in range(count)]
    give_up = time.monotonic() + INGEST_S
    waiting = set(videos)
    while waiting and time.monotonic() < give_up:
        waiting = {pk for pk in waiting if client.get(f"videos/{pk}")["state"] != "ready"}
        time.sleep(0.5)
    if waiting:
        sys.exit(f"{len(waiting)} videos were not ingested in {INGEST_S} s.")
    return videos


async def _work(client: Client, snapshots: list[dict[str, Any]], seconds: float, tally: Tally) -> None:
    limits = httpx.Limits(max_connections=4 * len(snapshots))
    headers = {"Authorization": f"Token {client.token}"}
    async with httpx.AsyncClient(base_url=client.base, headers=headers, limits=limits, timeout=30) as http:
        people = [Person(http, tally, snapshot) for snapshot in snapshots]
        await asyncio.gather(*(person.work(seconds) for person in people))


def _report(tally: Tally, engine_ms: int) -> int:
    load = " ".join(f"{value:.1f}" for value in os.getloadavg())
    print(f"load average {load}, {os.cpu_count()} cores, engine {engine_ms} ms a mask")
    rows = (
        ("click to event, less the engine", [ms - engine_ms for ms in tally.event_ms]),
        ("  of these with no pass at work", [ms - engine_ms for ms in tally.quiet_event_ms]),
        ("click to answer", tally.answer_ms),
    )
    print(f"{'ms':<34}{'count':>7}{'p50':>8}{'p95':>8}{'p99':>8}{'max':>8}")
    for name, values in rows:
        points = np.percentile(values or [float("nan")], (50, 95, 99, 100))
        print(f"{name:<34}{len(values):>7}" + "".join(f"{point:>8.1f}" for point in points))
    print(
        f"{tally.acknowledged} prompts acknowledged, {len(tally.event_ms)} answered, {tally.passes} passes, "
        f"{tally.sent_again} requests sent again"
    )
    faults = {name: times for name, times in tally.faults.items() if times}
    print("Nothing was lost, doubled or left untold" if not faults else f"FAULTS: {faults}")
    return 1 if faults else 0


def _cpu(maskloom: Maskloom | None) -> dict[str, float]:
    """Seconds of processor time that each part and its children have used; empty where that cannot be told."""
    if maskloom is None or not Path("/proc/self/stat").exists():
        return {}
    stats = [_stat(path) for path in Path("/proc").glob("[0-9]*/stat")]
    pids = {name: maskloom.pid(name) for name in PARTS}
    return {
        name: sum(seconds for pid, parent, seconds in stats if parent_or_self in (pid, parent))
        for name, parent_or_self in pids.items()
    }


def _stat(path: Path) -> tuple[int, int, float]:
    try:
        head, _, rest = path.read_text().rpartition(") ")
    except OSError:  # it ended in between
        return 0, 0, 0.0
    fields = rest.split()
    return (
        int(head.split()[0]),
        int(fields[1]),
        (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK"),
    )


if __name__ == "__main__":
    sys.exit(main())
