"""`python -m tests.load.claims`: how long the next task takes with 100 pullers and 600,000 masklets in the tables.

The people pull over HTTP: all at once, as at the start of a shift, then each at a pace of their own,
giving back what they took. One person more did the earlier stage of the first tasks in line.
"""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import random
import secrets
import sys
import time

import httpx
import numpy as np

from tests.journeys.maskloom_process import Maskloom, wait_for
from tests.load import tables

WORKED_ON = 30  # one task in so many masklets, at the head of the queue, is one that this person may not take
KINDS = ["verify"]


def main() -> int:
    arguments = _arguments()
    print("Starting Maskloom", flush=True)
    maskloom = Maskloom().wait_until_ready()
    try:
        print(f"Filling in {arguments.masklets} masklets", flush=True)
        slug, tokens = _fill(maskloom, arguments.masklets, arguments.pullers + 1)
        found, faults = asyncio.run(_pull(maskloom.url, slug, tokens, arguments.seconds, arguments.pause))
    finally:
        maskloom.stop()
    print(f"{'ms':<44}{'count':>7}{'p50':>8}{'p95':>8}{'p99':>8}{'max':>8}")
    for name, times in found.items():
        points = np.percentile(times or [float("nan")], (50, 95, 99, 100))
        print(f"{name:<44}{len(times):>7}" + "".join(f"{point:>8.1f}" for point in points))
    print("Nobody got another one's task" if not faults else f"FAULTS: {faults}")
    return 1 if faults else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.load.claims", description=__doc__)
    parser.add_argument("--pullers", type=int, default=100)
    parser.add_argument("--masklets", type=int, default=600_000)
    parser.add_argument("--seconds", type=float, default=180)
    parser.add_argument(
        "--pause", type=float, default=30, help="seconds that a person keeps a task, on average"
    )
    return parser.parse_args()


def _fill(maskloom: Maskloom, masklets: int, people: int) -> tuple[str, list[str]]:
    """The project's slug, and a token of each puller; the last one worked on the tasks first in line."""
    owner = maskloom.client("owner")
    slug = owner.post("projects", name="Claims")["slug"]
    project = int(str(maskloom.rows("SELECT id FROM annotator_project WHERE slug = %s", slug)[0][0]))
    user = int(str(owner.get("me")["id"]))
    maskloom.execute(tables.filling(project, user, masklets))
    tokens = [secrets.token_urlsafe(16) for _ in range(people)]
    for number, token in enumerate(tokens):
        ((pk,),) = maskloom.rows("SELECT id FROM annotator_user WHERE username = %s", f"person{number + 1}")
        maskloom.execute(
            "UPDATE annotator_membership SET role = 'reviewer' WHERE project_id = %s AND user_id = %s",
            project, pk,
        )  # fmt: skip
        maskloom.execute(
            "INSERT INTO annotator_apitoken (user_id, name, digest, created_at) VALUES (%s, 'load', %s, now())",
            pk, hashlib.sha256(token.encode()).hexdigest(),
        )  # fmt: skip
    maskloom.execute(
        "UPDATE annotator_task SET workers = ARRAY[%s::int] WHERE id IN (SELECT id FROM annotator_task "
        "WHERE kind = 'verify' AND state = 'waiting' ORDER BY priority DESC, waiting_since, id LIMIT %s)",
        pk, masklets // WORKED_ON,
    )  # fmt: skip
    wait_for(
        "the cells to be added up",
        lambda: maskloom.rows("SELECT count(*) FROM annotator_factstouched") == [(0,)],
        600,
    )
    maskloom.execute("VACUUM ANALYZE")  # now, and not in the background while people pull
    maskloom.execute("CHECKPOINT")
    return slug, tokens


async def _pull(
    url: str, slug: str, tokens: list[str], seconds: float, pause: float
) -> tuple[dict[str, list[float]], list[str]]:
    found: dict[str, list[float]] = {}
    faults: list[str] = []
    held: set[int] = set()
    limits = httpx.Limits(max_connections=2 * len(tokens))
    async with httpx.AsyncClient(base_url=f"{url}/api/", limits=limits, timeout=60) as http:

        async def claim(token: str, row: str) -> int:
            headers = {"Authorization": f"Token {token}"}
            began = time.perf_counter()
            answer = await http.post(f"projects/{slug}/tasks/next", json={"kinds": KINDS}, headers=headers)
            found.setdefault(row, []).append(1000 * (time.perf_counter() - began))
            pk = answer.raise_for_status().json()["tasks"][0]["id"]
            if pk in held:
                faults.append(f"task {pk} was given out twice")
            held.add(pk)
            return int(pk)

        async def give_back(token: str, pk: int) -> None:
            held.discard(pk)
            headers = {"Authorization": f"Token {token}"}
            (await http.post(f"tasks/{pk}/give-back", headers=headers)).raise_for_status()

        async def work(token: str) -> None:
            until = time.monotonic() + seconds
            while time.monotonic() < until:
                await asyncio.sleep(random.uniform(0, 2 * pause))
                pk = await claim(token, f"{len(tokens) - 1} people, each every {pause:.0f} s or so")
                await asyncio.sleep(1)
                await give_back(token, pk)

        *pullers, worker = tokens
        for token in pullers[:5]:  # first requests import and connect
            await give_back(token, await claim(token, "the very first"))
        for _ in range(20):
            await give_back(worker, await claim(worker, "one who worked on the first of them"))
        taken = await asyncio.gather(*(claim(token, "all at once") for token in pullers))
        await asyncio.gather(*(give_back(*pair) for pair in zip(pullers, taken, strict=True)))
        await asyncio.gather(*(work(token) for token in pullers))
    return found, faults


if __name__ == "__main__":
    sys.exit(main())
