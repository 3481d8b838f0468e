"""Somebody who only follows a session, and somebody who clicks in it without a pause."""

from __future__ import annotations

import threading
import uuid
from typing import Any

from annotator.simulation.client import Client
from tests.journeys.maskloom_process import wait_for

ENDED = {"stopped", "finished", "failed"}


class Follower:
    """What a page shows that took one snapshot and then heard events, over lost connections."""

    def __init__(self, client: Client, session: int) -> None:
        self._client, self._session = client, session
        self._lock = threading.Lock()
        self.resets = 0
        after = self._begin()
        threading.Thread(target=self._follow, args=(after,), daemon=True).start()

    def shown(self) -> dict[str, Any]:
        with self._lock:
            return view(
                list(self._masklets.values()),
                list(self._masks.values()),
                list(self._prompts.values()),
                list(self._propagations.values()),
            )

    def _begin(self) -> str:
        snapshot = self._client.get(f"sessions/{self._session}")
        with self._lock:
            self._masklets = {row["id"]: row for row in snapshot["masklets"]}
            self._masks = {(row["masklet"], row["frame_index"]): row for row in snapshot["masks"]}
            self._prompts = {row["id"]: row for row in snapshot["prompts"]}
            self._propagations = {row["id"]: row for row in snapshot["propagations"]}
            self._seen: dict[int, int] = {}
        return snapshot["last_event_id"]

    def _follow(self, after: str) -> None:
        for kind, data in self._client.events(self._session, after):
            if kind == "reset":
                self.resets += 1
                self._begin()
                continue
            with self._lock:
                self._apply(kind, data)

    def _apply(self, kind: str, data: Any) -> None:
        if kind == "change":
            self._change(data)
        elif kind == "masks":
            self._propagation(data["propagation"])
            self._see(data["masks"])
        elif kind == "propagation":
            self._propagation(data)
        elif kind == "masklet":
            self._masklet(data)

    def _change(self, data: Any) -> None:
        change, version = data["change"]["id"], data["masklet"]["version"]
        if self._seen.get(change, -1) > version:
            return
        self._seen[change] = version
        self._masklet(data["masklet"])
        for removed in data["removed_prompts"]:
            self._prompts.pop(removed, None)
        self._prompts |= {row["id"]: row for row in data["prompts"]}
        self._see(data["masks"])

    def _see(self, masks: list[dict[str, Any]]) -> None:
        for mask in masks:
            key = mask["masklet"], mask["frame_index"]
            if key not in self._masks or mask["change"] >= self._masks[key]["change"]:
                self._masks[key] = mask

    def _masklet(self, row: Any) -> None:
        known = self._masklets.get(row["id"])
        if known is None or row["version"] >= known["version"]:
            self._masklets[row["id"]] = row

    def _propagation(self, row: Any) -> None:
        known = self._propagations.get(row["id"])
        if known is None or row["state"] in ENDED or known["state"] not in ENDED:
            self._propagations[row["id"]] = row


def view(masklets: Any, masks: Any, prompts: Any, propagations: Any) -> dict[str, Any]:
    """What two readers of the same session must agree on."""
    return {
        "masklets": {row["id"]: row for row in masklets},
        "masks": {(row["masklet"], row["frame_index"]): row for row in masks},
        "prompts": {row["id"]: row for row in prompts},
        "newest propagation": max((row for row in propagations), key=lambda row: row["id"], default=None),
    }


class Clicker(threading.Thread):
    """Clicks on one frame after the other of a masklet; each click is sent until it is acknowledged."""

    def __init__(self, client: Client, session: int, masklet: dict[str, Any], frames: range) -> None:
        super().__init__(daemon=True)
        self._client, self._masklet, self._frames = client, masklet, frames
        self._path = f"sessions/{session}/masklets/{masklet['id']}/prompts"
        self._enough = threading.Event()
        self.acknowledged: dict[str, tuple[int, float]] = {}
        self.failure: Exception | None = None

    def run(self) -> None:
        version, number = self._masklet["version"], 0
        try:
            while not self._enough.wait(0.3):
                frame, x = self._frames[number % len(self._frames)], 50.0 + number
                click = {"kind": "point", "x": x, "y": 60.0, "positive": True}
                client_id = str(uuid.uuid4())
                made = self._client.post(
                    self._path, frame_index=frame, prompts=[click], base_version=version, client_id=client_id
                )
                self.acknowledged[client_id] = (frame, x)
                version, number = made["masklet"]["version"], number + 1
        except Exception as failure:
            self.failure = failure

    def wait_for_more(self, clicks: int) -> None:
        """So many more clicks were acknowledged."""
        wanted = len(self.acknowledged) + clicks
        wait_for("more clicks", lambda: self.failure is not None or len(self.acknowledged) >= wanted, 60)

    def stop(self) -> None:
        self._enough.set()
        self.join(90)
        assert self.failure is None, self.failure
        assert not self.is_alive()
