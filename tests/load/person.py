"""One scripted annotator: clicks every second or two, starts passes, and hears of it all by events."""

from __future__ import annotations

import asyncio
import contextlib
import json
import random
import time
import uuid
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import httpx

PAUSE_S = (1.0, 2.0)  # between clicks
CLICKS_A_PASS = 10
TRIES = 5
ENDED = {"stopped", "finished", "failed"}


@dataclass
class Tally:
    """What all people together sent, were answered and heard. passes_running: at this moment."""

    event_ms: list[float] = field(default_factory=list)
    quiet_event_ms: list[float] = field(default_factory=list)
    answer_ms: list[float] = field(default_factory=list)
    acknowledged: int = 0
    passes: int = 0
    passes_running: int = 0
    sent_again: int = 0
    faults: Counter[str] = field(default_factory=Counter)


class Person:
    def __init__(self, http: httpx.AsyncClient, tally: Tally, snapshot: dict[str, Any]) -> None:
        self._http, self._tally = http, tally
        self._path = f"/api/sessions/{snapshot['session']['id']}"
        video = snapshot["video"]
        self._frames = range(0, video["frame_count"], video["stride"])
        self._size = video["width"], video["height"]
        self._after = snapshot["last_event_id"]
        self._clicked: dict[int, list[tuple[int, float, float]]] = {}
        self._heard: dict[tuple[int, int], dict[str, Any]] = {}
        self._answered: dict[int, asyncio.Future[float]] = {}
        self._ended: dict[int, asyncio.Future[str]] = {}

    async def work(self, seconds: float) -> None:
        """Click and propagate for so long; returns when everything sent has been answered, or should have."""
        listening = asyncio.create_task(self._listen())
        passes: list[asyncio.Task[None]] = []
        masklet = await self._new_masklet()
        until, clicks = time.monotonic() + seconds, 0
        await asyncio.sleep(random.uniform(0, PAUSE_S[1]))
        while time.monotonic() < until:
            frame = random.choice(self._frames[1:])
            await self._click(masklet, frame)
            clicks += 1
            if clicks % CLICKS_A_PASS == 0:
                passes.append(asyncio.create_task(self._pass()))
            await asyncio.sleep(random.uniform(*PAUSE_S))
        await asyncio.gather(*passes)
        await self._audit()
        listening.cancel()

    async def _new_masklet(self) -> dict[str, Any]:
        made = await self._post("masklets")
        self._clicked[made["id"]] = []
        return made

    async def _click(self, masklet: dict[str, Any], frame: int) -> None:
        x, y = (round(random.uniform(1, side - 1), 3) for side in self._size)
        quiet = self._tally.passes_running == 0
        sent = time.perf_counter()
        made = await self._post(
            f"masklets/{masklet['id']}/prompts",
            frame_index=frame,
            prompts=[{"kind": "point", "x": x, "y": y, "positive": True}],
            base_version=masklet["version"],
        )
        self._tally.answer_ms.append((time.perf_counter() - sent) * 1000)
        masklet["version"] = made["masklet"]["version"]
        self._tally.acknowledged += 1
        self._clicked[masklet["id"]].append((frame, x, y))
        try:
            heard = await asyncio.wait_for(self._answer(made["change"]["id"]), 30)
        except TimeoutError:
            self._tally.faults["clicks without an event"] += 1
            return
        took = (heard - sent) * 1000
        self._tally.event_ms.append(took)
        if quiet and self._tally.passes_running == 0:
            self._tally.quiet_event_ms.append(took)

    async def _pass(self) -> None:
        """A new object, clicked on the first frame and propagated to the last."""
        masklet = await self._new_masklet()
        await self._click(masklet, 0)
        wanted = [{"id": masklet["id"], "base_version": masklet["version"]}]
        self._tally.passes_running += 1
        row = await self._post("propagations", masklets=wanted, start_frame=0, direction="forward")
        self._tally.passes += 1
        try:
            state = await asyncio.wait_for(self._end(row["id"]), 60)
        except TimeoutError:
            state = await self._stored(row["id"])
        self._tally.passes_running -= 1
        if state != "finished":
            self._tally.faults[f"passes {state}"] += 1

    async def _stored(self, propagation: int) -> str:
        """What the server says of a pass whose end was not heard."""
        snapshot = (await self._http.get(self._path)).raise_for_status().json()
        rows = [row for row in snapshot["propagations"] if row["id"] == propagation]
        now = f"{rows[0]['state']} at attempt {rows[0]['attempt']}" if rows else "over"
        return f"whose end was not heard, now {now}"

    async def _audit(self) -> None:
        """Compare what was acknowledged with what is there, and what is there with what was heard."""
        snapshot = (await self._http.get(self._path)).raise_for_status().json()
        rows = [row for row in snapshot["prompts"] if row["masklet"] in self._clicked]
        stored = Counter((row["masklet"], row["frame_index"], row["x"], row["y"]) for row in rows)
        sent = {(masklet, *click) for masklet, clicks in self._clicked.items() for click in clicks}
        faults = self._tally.faults
        faults["prompts lost"] += len(sent - stored.keys())
        faults["prompts nobody sent"] += len(stored.keys() - sent)
        faults["prompts doubled"] += sum(times - 1 for times in stored.values())
        masks = {_key(row): row for row in snapshot["masks"] if row["masklet"] in self._clicked}
        faults["masks missing"] += len({key[:2] for key in sent} - masks.keys())
        faults["masks not heard of"] += sum(self._heard.get(key) != row for key, row in masks.items())

    async def _listen(self) -> None:
        while True:
            try:
                async for kind, data in self._events():
                    self._hear(kind, data)
            except httpx.HTTPError:
                self._tally.faults["streams broken"] += 1
                await asyncio.sleep(0.2)

    async def _events(self) -> AsyncIterator[tuple[str, Any]]:
        kind = ""
        path = f"{self._path}/events?after={self._after}"
        async with self._http.stream("GET", path, timeout=60) as stream:
            async for line in stream.aiter_lines():
                name, _, value = line.partition(": ")
                if name == "id":
                    self._after = value
                elif name == "event":
                    kind = value
                elif name == "data":
                    yield kind, json.loads(value)

    def _hear(self, kind: str, data: Any) -> None:
        now = time.perf_counter()
        if kind == "reset":
            self._tally.faults["resets"] += 1
        if kind in ("change", "masks"):
            for mask in data["masks"]:
                key = _key(mask)
                if key not in self._heard or self._heard[key]["change"] <= mask["change"]:
                    self._heard[key] = mask
        if kind == "change" and not data["pending"] and data["change"]["kind"] == "prompt":
            _settle(self._answer(data["change"]["id"]), now)
        if kind in ("propagation", "masks"):
            row = data if kind == "propagation" else data["propagation"]
            if row["state"] in ENDED:
                _settle(self._end(row["id"]), row["state"])

    def _answer(self, change: int) -> asyncio.Future[float]:
        return self._answered.setdefault(change, asyncio.get_running_loop().create_future())

    def _end(self, propagation: int) -> asyncio.Future[str]:
        return self._ended.setdefault(propagation, asyncio.get_running_loop().create_future())

    async def _post(self, path: str, **body: Any) -> Any:
        body["client_id"] = str(uuid.uuid4())
        for _ in range(TRIES):
            with contextlib.suppress(httpx.TransportError):  # the server closes connections that are idle
                return (await self._http.post(f"{self._path}/{path}", json=body)).raise_for_status().json()
            self._tally.sent_again += 1
        raise ConnectionError(f"{TRIES} times without an answer: {path}")


def _key(mask: dict[str, Any]) -> tuple[int, int]:
    return mask["masklet"], mask["frame_index"]


def _settle(future: asyncio.Future[Any], value: Any) -> None:
    if not future.done():
        future.set_result(value)
