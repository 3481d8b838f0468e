"""Scripted people of different care, who pull their work from the queue like everybody else."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from annotator.simulation.annotator import Annotator, Truth
from annotator.simulation.client import Client, Refused
from annotator.simulation.journal import Journal
from annotator.simulation.scenes import Scene, slightly_off
from inference_worker.protocol import rle

IDLE_S = 0.5
HEARTBEAT_S = 20
SATISFACTORY = 0.8  # mean J from which a careful reviewer accepts
CONTRARY = 0.03  # of tasks: a person who skips, gives back, holds, or walks away

Acts = dict[str, Callable[[dict[str, Any], dict[str, Any]], None]]


class Crew:
    """What the people of one simulation share. scenes: by video."""

    def __init__(self, base: str, project: str, scenes: Mapping[int, Scene], journal: Journal) -> None:
        self.base, self.project, self.scenes, self.journal = base, project, scenes, journal
        self.over = threading.Event()
        self.faults: list[str] = []
        self.selected: set[int] = set()  # masklets whose prompts are in the journal from the first

    def well_defined(self, video: int, name: str) -> bool:
        """One object in ten is nothing that a mask could be right about."""
        return sum(f"{video}/{name}".encode()) % 10 != 0


class Person(threading.Thread):
    """Works until the simulation is over. care: 0 to 1."""

    kinds: tuple[str, ...] = ()

    def __init__(self, crew: Crew, username: str, client: Client, care: float) -> None:
        super().__init__(name=username, daemon=True)
        self.crew, self.username, self.client, self.care = crew, username, client, care
        self.random = np.random.default_rng(sum(username.encode()))
        self.acts: Acts = {}
        self.pulls_in_vain = 0  # in a row

    def run(self) -> None:
        while not self.crew.over.is_set():
            try:
                if not self.work():
                    time.sleep(IDLE_S)
            except Exception as error:
                self.crew.faults.append(f"{self.username}: {type(error).__name__}: {error}")
                self.note("fault", message=str(error))

    def work(self) -> bool:
        """Do the next task; whether there was one."""
        got = self.client.post(f"projects/{self.crew.project}/tasks/next", kinds=list(self.kinds))["tasks"]
        if not got:
            self.pulls_in_vain += 1
            return False
        self.pulls_in_vain = 0
        task = got[0]
        self.note("claimed", task=task["id"], kind=task["kind"], masklet=_masklet_of(task))
        if self.random.random() < CONTRARY:
            self._be_contrary(task)
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
        self.note("done", task=task["id"], kind=task["kind"], seconds=round(time.monotonic() - began, 3))
        return True

    def look(self, task: dict[str, Any], snapshot: dict[str, Any], began: float) -> None:
        """Tell the server what was on the screen since `began`."""
        frames = range(0, task["video"]["frame_count"], task["video"]["stride"])
        active = int(1000 * (time.monotonic() - began))
        body = {
            "masklet": _masklet_of(task),
            "active_ms": active,
            "shown": {str(f): active // len(frames) for f in frames},
        }
        self.client.post(f"sessions/{snapshot['session']['id']}/attention", **body)
        self.note("looked", masklet=body["masklet"], active_ms=active, kind=task["kind"])

    def note(self, act: str, **facts: Any) -> None:
        self.crew.journal.write(self.username, act, **facts)

    def expect(self, code: str, act: Callable[[], Any]) -> None:
        """The server refuses this act with that code; anything else is a fault."""
        try:
            act()
        except Refused as refused:
            if refused.code != code:
                self.crew.faults.append(f"{self.username}: expected {code}, got {refused}")
            self.note("refused", code=refused.code)
            return
        self.crew.faults.append(f"{self.username}: expected {code}, but the server let it pass")

    def _be_contrary(self, task: dict[str, Any]) -> None:
        way = self.random.choice(["skip", "give_back", "hold", "walk_away"])
        path = f"tasks/{task['id']}"
        if way == "skip":
            self.client.post(f"{path}/skip", reason="I cannot tell what this is")
            self.note("skipped", task=task["id"])
        elif way == "give_back":
            self.client.post(f"{path}/give-back")
            self.note("gave_back", task=task["id"])
            self.expect("session_closed", lambda: self.client.post(f"sessions/{task['session']}/heartbeat"))
        elif way == "hold":
            self.client.post(f"{path}/hold", reason="I ask first")
            self.client.post(f"{path}/claim")
            self.client.post(f"{path}/give-back")
            self.note("held", task=task["id"])
        else:
            self.note("walked_away", task=task["id"])


class _Tracking(Annotator):
    """Clicks first; where that does not help, draws."""

    def __init__(self, person: Person, snapshot: dict[str, Any]) -> None:
        super().__init__(person.client, snapshot)
        self.person = person
        self.beat = time.monotonic()

    def _correct(self, masklet: int, frame: int, truth: Truth) -> None:
        super()._correct(masklet, frame, truth)
        if truth[frame].any() and self.iou(masklet, frame, truth) < self.good:
            drawn = slightly_off(truth[frame], self.person.care, self.person.random)
            self._apply(
                self._write(
                    masklet,
                    "prompts",
                    frame_index=frame,
                    prompts=[{"kind": "mask", "counts": rle.encode(drawn)}],
                )
            )

    def _write(self, masklet: int, act: str, **body: Any) -> Any:
        if time.monotonic() - self.beat > HEARTBEAT_S:
            self.client.post(f"sessions/{self.session}/heartbeat")
            self.beat = time.monotonic()
        answer = super()._write(masklet, act, **body)
        frames = body.get("frames") or [body["frame_index"]]
        kind = body["prompts"][0]["kind"] if act == "prompts" else act
        self.person.note("prompt", masklet=masklet, kind=kind, frames=frames)
        return answer


class ScriptedAnnotator(Person):
    """Selects, tracks, refines, and says whether anything is left."""

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.acts = {
            "select": self._select, "track": self._track, "refine": self._track, "exhaust": self._exhaust,
        }  # fmt: skip

    def _select(self, task: dict[str, Any], snapshot: dict[str, Any]) -> None:
        began = time.monotonic()
        scene = self.crew.scenes[task["video"]["id"]]
        work = _Tracking(self, snapshot)
        for name in scene.truth:
            truth = scene.masks(name)
            visible = [frame for frame, mask in truth.items() if mask.any()]
            if visible and name not in self._there(scene, snapshot):
                masklet = work.new_masklet(name)
                work._correct(masklet, visible[0], truth)
                self.crew.selected.add(masklet)
                self.note("selected", masklet=masklet)
        self.look(task, snapshot, began)
        self.client.post(f"sessions/{work.session}/selection")

    def _track(self, task: dict[str, Any], snapshot: dict[str, Any]) -> None:
        began = time.monotonic()
        masklet, scene = task["masklet"]["id"], self.crew.scenes[task["video"]["id"]]
        work = _Tracking(self, snapshot)
        work.good = 0.5 + 0.4 * self.care
        self._take_over(snapshot, masklet)
        name = _object_of(scene, snapshot, masklet)
        work.label(masklet, scene.masks(name), clicked_frames=3 + round(5 * self.care))
        self.look(task, snapshot, began)
        work.submit([masklet])
        self.note("submitted", masklet=masklet, kind=task["kind"], frames=task["video"]["annotated_count"])

    def _take_over(self, snapshot: dict[str, Any], masklet: int) -> None:
        """A twin begins with the prompts of another's selection: they count as those of its first tracker."""
        if masklet in self.crew.selected:
            return
        self.crew.selected.add(masklet)
        for prompt in snapshot["prompts"]:
            self.note("prompt", masklet=masklet, kind=prompt["kind"], frames=[prompt["frame_index"]])

    def _exhaust(self, task: dict[str, Any], snapshot: dict[str, Any]) -> None:
        scene = self.crew.scenes[task["video"]["id"]]
        left = len(self._there(scene, snapshot)) < len(scene.truth)
        self.client.post(f"sessions/{snapshot['session']['id']}/exhaustivity", left=left)

    def _there(self, scene: Scene, snapshot: dict[str, Any]) -> set[str]:
        shown = {mask["masklet"] for mask in snapshot["masks"] if mask["area"]}
        return {_object_of(scene, snapshot, masklet) for masklet in shown}


class ScriptedReviewer(Person):
    """Verifies, audits and decides; errs the more, the less careful."""

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.acts = {"verify": self._judge, "audit": self._judge, "decide": self._decide}

    def _judge(self, task: dict[str, Any], snapshot: dict[str, Any]) -> None:
        began = time.monotonic()
        masklet, scene = task["masklet"]["id"], self.crew.scenes[task["video"]["id"]]
        name = _object_of(scene, snapshot, masklet)
        good = _mean_iou(scene, name, snapshot, masklet) >= SATISFACTORY
        if self.random.random() < 0.2 * (1 - self.care):
            good = not good
        verdict = "satisfactory" if good else "unsatisfactory"
        if not self.crew.well_defined(task["video"]["id"], name):
            verdict = "rejected"
        self.look(task, snapshot, began)
        version = next(item["version"] for item in snapshot["masklets"] if item["id"] == masklet)
        self.client.post(
            f"sessions/{snapshot['session']['id']}/verdict", verdict=verdict, base_version=version,
            comment="" if good else "It leaves the object.",
        )  # fmt: skip
        self.note("verdict", masklet=masklet, kind=task["kind"], verdict=verdict)

    def _decide(self, task: dict[str, Any], snapshot: dict[str, Any]) -> None:
        scene = self.crew.scenes[task["video"]["id"]]
        pair = [item["id"] for item in snapshot["masklets"]]
        name = _object_of(scene, snapshot, pair[0])
        better = max(pair, key=lambda pk: _mean_iou(scene, name, snapshot, pk))
        self.client.post(f"sessions/{snapshot['session']['id']}/decision", chosen=better)
        self.note("decided", masklet=better, pair=pair)


class AllRounder(ScriptedAnnotator):
    """A manager who does everything, and would verify their own work if they were let."""

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        reviewer = ScriptedReviewer(*args)
        self.acts = {**self.acts, **reviewer.acts}

    def _track(self, task: dict[str, Any], snapshot: dict[str, Any]) -> None:
        super()._track(task, snapshot)
        masklet = task["masklet"]["id"]
        if self.client.get(f"masklets/{masklet}")["state"] == "submitted":
            self._try_to_verify(masklet)

    def _try_to_verify(self, masklet: int) -> None:
        try:
            self.client.post(f"masklets/{masklet}/sessions")
        except Refused as refused:
            self.note("refused", code=refused.code)
            if refused.code not in ("own_work", "held", "illegal_transition"):
                raise
            return
        self.crew.faults.append(f"{self.username} could open their own masklet {masklet} to verify it")


def _masklet_of(task: dict[str, Any]) -> int | None:
    return task["masklet"]["id"] if task["masklet"] else None


def _object_of(scene: Scene, snapshot: dict[str, Any], masklet: int) -> str:
    """What the masklet is meant for: by its first human frame, else its first mask."""
    masks = [mask for mask in snapshot["masks"] if mask["masklet"] == masklet and mask["area"]]
    first = min(masks, key=lambda mask: (not mask["human"], mask["frame_index"]))
    return scene.nearest(first["frame_index"], first["counts"])


def _mean_iou(scene: Scene, name: str, snapshot: dict[str, Any], masklet: int) -> float:
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
