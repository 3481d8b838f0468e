"""What all scripted people have in common: they pull their work from the queue like everybody else, mostly."""

from __future__ import annotations

import threading
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import numpy as np

from annotator.simulation.client import Client, Refused
from annotator.simulation.journal import Journal
from annotator.simulation.scenes import Scene
from inference_worker.protocol import rle

IDLE_S, MOST_IDLE_S = 0.5, 8.0  # between two pulls in vain, doubled by each
LAPSED_S = 90  # a lease is long over, and its task back in the queue
CONTRARY = 0.04  # of tasks: a person who skips, gives back, holds, walks away, or is in somebody's way

Acts = dict[str, Callable[[dict[str, Any], dict[str, Any]], None]]


class Turn:
    """People hand in at any time, but while the phase changes: else nobody could say under which they did."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._handing_in = 0

    @contextmanager
    def handing_in(self) -> Iterator[None]:
        with self._changed:
            self._handing_in += 1
        try:
            yield
        finally:
            with self._changed:
                self._handing_in -= 1
                self._changed.notify_all()

    @contextmanager
    def nobody_hands_in(self) -> Iterator[None]:
        with self._changed:
            self._changed.wait_for(lambda: not self._handing_in)
            yield


class Crew:
    """What the people of one simulation share. scenes: by video."""

    def __init__(self, base: str, project: str, scenes: Mapping[int, Scene], journal: Journal) -> None:
        self.base, self.project, self.scenes, self.journal = base, project, scenes, journal
        self.people: list[Person] = []
        self.over = threading.Event()
        self.faults: list[str] = []
        self.selected: set[int] = set()  # masklets whose prompts are in the journal from the first
        self.turn = Turn()

    def well_defined(self, video: int, name: str) -> bool:
        """One object in ten is nothing that a mask could be right about."""
        return sum(f"{video}/{name}".encode()) % 10 != 0

    def another(self, person: Person, kind: str) -> Person | None:
        """Somebody else who does tasks of this kind."""
        others = [other for other in self.people if other is not person and kind in other.acts]
        return others[person.random.integers(len(others))] if others else None


class Person(threading.Thread):
    """Works until the simulation is over. care: 0 to 1."""

    def __init__(self, crew: Crew, username: str, client: Client, care: float) -> None:
        super().__init__(name=username, daemon=True)
        self.crew, self.username, self.client, self.care = crew, username, client, care
        self.random = np.random.default_rng(sum(username.encode()))
        self.acts: Acts = {}
        self.pulls_in_vain = 0  # in a row
        self.idle_at = 0.0  # when the last pull in vain began, monotonic
        self.trains = False  # the task at hand is on gold
        self._left: tuple[dict[str, Any], float] | None = None  # the task they walked away from, and when

    def run(self) -> None:
        while not self.crew.over.is_set():
            try:
                self._come_back()
                if not self.work():
                    self.crew.over.wait(min(IDLE_S * 2**self.pulls_in_vain, MOST_IDLE_S))
            except Exception as error:
                self.crew.faults.append(f"{self.username}: {type(error).__name__}: {error}")
                self.note("fault", message=str(error))

    def work(self) -> bool:
        """Do the next task; whether there was one."""
        began = time.monotonic()
        got = self.client.post(f"projects/{self.crew.project}/tasks/next")["tasks"]
        if not got:
            self.pulls_in_vain += 1
            self.idle_at = began
            return False
        self.pulls_in_vain = 0
        task = got[0]
        self.trains = task["queue"] == "training"
        self.note("claimed", task=task["id"], kind=task["kind"], masklet=masklet_of(task))
        if not self.trains and self.random.random() < CONTRARY and self._is_contrary(task):
            return True
        began = time.monotonic()
        snapshot = self.client.get(f"sessions/{task['session']}")
        try:
            self.acts[task["kind"]](task, snapshot)
        except Refused as refused:
            if refused.code not in ("session_closed", "not_held", "stale_version"):
                raise
            self.note("lost", task=task["id"], code=refused.code)
            return True
        seconds = round(time.monotonic() - began, 3)
        self.note("done", task=task["id"], kind=task["kind"], video=task["video"]["id"], seconds=seconds)
        return True

    def look(self, task: dict[str, Any], snapshot: dict[str, Any], began: float) -> None:
        """Tell the server what was on the screen since `began`."""
        frames = range(0, task["video"]["frame_count"], task["video"]["stride"])
        active = int(1000 * (time.monotonic() - began))
        body = {
            "masklet": masklet_of(task),
            "active_ms": active,
            "shown": {str(f): active // len(frames) for f in frames},
        }
        self.client.post(f"sessions/{snapshot['session']['id']}/attention", **body)
        self.note("looked", masklet=body["masklet"], active_ms=active, kind=task["kind"])

    def note(self, act: str, **facts: Any) -> None:
        self.crew.journal.write(self.username, act, **facts, **({"training": True} if self.trains else {}))

    def expect(self, codes: tuple[str, ...], act: Callable[[], Any]) -> None:
        """The server refuses this act with one of the codes; anything else is a fault."""
        try:
            act()
        except Refused as refused:
            if refused.code not in codes:
                self.crew.faults.append(f"{self.username}: expected {' or '.join(codes)}, got {refused}")
            self.note("refused", code=refused.code)
            return
        self.crew.faults.append(f"{self.username}: expected {' or '.join(codes)}, but the server let it pass")

    def _is_contrary(self, task: dict[str, Any]) -> bool:
        """Whether they leave the task at that."""
        path = f"tasks/{task['id']}"
        match self.random.choice(["skip", "give_back", "hold", "walk_away", "be_met"]):
            case "skip":
                self.client.post(f"{path}/skip", reason="I cannot tell what this is")
                self.note("skipped", task=task["id"])
            case "give_back":
                self.client.post(f"{path}/give-back")
                self.note("gave_back", task=task["id"])
                self.expect(("session_closed",), lambda: self._write(task))
            case "hold":
                self.client.post(f"{path}/hold", reason="I ask first")
                self.client.post(f"{path}/claim")
                self.client.post(f"{path}/give-back")
                self.note("held", task=task["id"])
            case "walk_away" if self._left is None:
                self._left = task, time.monotonic()
                self.note("walked_away", task=task["id"])
            case _:
                if other := self.crew.another(self, task["kind"]):
                    self.note("met", task=task["id"], by=other.username)
                    refused = ("held", "own_work", "in_training", "not_yours")
                    self.expect(refused, lambda: other.client.post(f"{path}/claim"))
                return False
        return True

    def _come_back(self) -> None:
        """To the task that they walked away from, and go on as if nothing had happened."""
        if self._left is None or time.monotonic() - self._left[1] < LAPSED_S:
            return
        task, self._left = self._left[0], None
        now = self.client.get(f"tasks/{task['id']}")
        if (
            now["state"] == "claimed" and now["session"] == task["session"]
        ):  # another task's heartbeats kept it
            self.client.post(f"tasks/{task['id']}/give-back")
        self.note("came_back", task=task["id"], state=now["state"])
        self.expect(("session_closed",), lambda: self._write(task))

    def _write(self, task: dict[str, Any]) -> None:
        """What would change the task's object, or end the task."""
        path = f"sessions/{task['session']}"
        match task["kind"]:
            case "track" | "refine":
                masklet = task["masklet"]
                version = {"client_id": str(uuid.uuid4()), "base_version": masklet["version"]}
                self.client.post(f"{path}/masklets/{masklet['id']}/absent", frames=[0], **version)
            case "verify" | "audit":
                version = {"base_version": task["masklet"]["version"]}
                self.client.post(f"{path}/verdict", verdict="satisfactory", **version)
            case "decide":
                self.client.post(f"{path}/decision", chosen=masklet_of(task))
            case "select":
                self.client.post(f"{path}/selection")
            case "exhaust":
                self.client.post(f"{path}/exhaustivity", left=False)


def masklet_of(task: dict[str, Any]) -> int | None:
    return task["masklet"]["id"] if task["masklet"] else None


def object_of(scene: Scene, snapshot: dict[str, Any], masklet: int) -> str:
    """What the masklet is meant for: by its first human frame, else its first mask."""
    masks = [mask for mask in snapshot["masks"] if mask["masklet"] == masklet and mask["area"]]
    first = min(masks, key=lambda mask: (not mask["human"], mask["frame_index"]))
    return scene.nearest(first["frame_index"], first["counts"])


def mean_iou(scene: Scene, name: str, snapshot: dict[str, Any], masklet: int) -> float:
    shown = {mask["frame_index"]: mask["counts"] for mask in snapshot["masks"] if mask["masklet"] == masklet}
    empty = rle.empty(*scene.size)
    return float(
        np.mean(
            [
                rle.iou(shown.get(frame, empty), counts, *scene.size)
                for frame, counts in scene.truth[name].items()
            ]
        )
    )
