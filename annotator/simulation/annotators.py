"""Scripted people who select objects and track them."""

from __future__ import annotations

import time
from typing import Any

from annotator.simulation.labelling import CLICKED_FRAMES, Annotator, Truth
from annotator.simulation.people import Person, object_of
from annotator.simulation.scenes import Scene, slightly_off
from inference_worker.protocol import rle

HEARTBEAT_S = 20
OVERLOOKED = 0.1  # of objects, by who has no care at all


class _Tracking(Annotator):
    """Clicks first; where that does not help, draws. Where there are no passes, draws every frame."""

    def __init__(self, person: Person, snapshot: dict[str, Any]) -> None:
        super().__init__(person.client, snapshot)
        self.person = person
        self.beat = time.monotonic()

    def label(self, masklet: int, truth: Truth, clicked_frames: int = CLICKED_FRAMES) -> None:
        if self.has_passes:
            super().label(masklet, truth, clicked_frames)
            return
        for frame in sorted(truth):
            if self.iou(masklet, frame, truth) >= self.good:
                continue
            if truth[frame].any():  # who draws them all draws with more care
                self._draw(masklet, frame, truth, (1 + self.person.care) / 2)
            else:
                self._correct(masklet, frame, truth)

    def shown(self, masklet: int) -> dict[int, str]:
        """The masklet's masks as they are on the screen, of the frames that show the object."""
        mine = {frame: mask for (pk, frame), mask in self.masks.items() if pk == masklet}
        return {frame: mask["counts"] for frame, mask in sorted(mine.items()) if mask["area"]}

    def _correct(self, masklet: int, frame: int, truth: Truth) -> None:
        super()._correct(masklet, frame, truth)
        if truth[frame].any() and self.iou(masklet, frame, truth) < self.good:
            self._draw(masklet, frame, truth, self.person.care)

    def _draw(self, masklet: int, frame: int, truth: Truth, care: float) -> None:
        drawn = {"kind": "mask", "counts": rle.encode(slightly_off(truth[frame], care, self.person.random))}
        self._apply(self._write(masklet, "prompts", frame_index=frame, prompts=[drawn]))

    def _next(self) -> tuple[str, dict[str, Any]]:
        self._beat_if_due()  # a pass may take longer than the lease lasts
        return super()._next()

    def _beat_if_due(self) -> None:
        if time.monotonic() - self.beat > HEARTBEAT_S:
            self.client.post(f"sessions/{self.session}/heartbeat")
            self.beat = time.monotonic()

    def _write(self, masklet: int, act: str, **body: Any) -> Any:
        self._beat_if_due()
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
        there = self._there(scene, snapshot)
        for name in scene.truth:
            truth = scene.masks(name)
            visible = [frame for frame, mask in truth.items() if mask.any()]
            overlooked = self.random.random() < OVERLOOKED * (1 - self.care)
            if visible and not overlooked and name not in there:
                masklet = work.new_masklet(name)
                work._correct(masklet, visible[0], truth)
                self.crew.selected.add(masklet)
                self.note("selected", masklet=masklet, video=task["video"]["id"], object=name)
        self.look(task, snapshot, began)
        self.client.post(f"sessions/{work.session}/selection")

    def _track(self, task: dict[str, Any], snapshot: dict[str, Any]) -> None:
        began = time.monotonic()
        masklet, scene = task["masklet"]["id"], self.crew.scenes[task["video"]["id"]]
        work = _Tracking(self, snapshot)
        work.good = 0.5 + 0.4 * self.care
        self._take_over(snapshot, masklet)
        name = object_of(scene, snapshot, masklet)
        work.label(masklet, scene.masks(name), clicked_frames=3 + round(5 * self.care))
        self.look(task, snapshot, began)
        with self.crew.turn.handing_in():
            work.submit([masklet])
            self.note(
                "submitted", masklet=masklet, kind=task["kind"], video=task["video"]["id"],
                object=_named(snapshot, masklet), masks=work.shown(masklet),
            )  # fmt: skip

    def _take_over(self, snapshot: dict[str, Any], masklet: int) -> None:
        """A twin begins with the prompts of another's selection, who clicked them once."""
        if masklet in self.crew.selected:
            return
        self.crew.selected.add(masklet)
        for prompt in snapshot["prompts"]:
            self.note("prompt", masklet=masklet, kind="copied", frames=[prompt["frame_index"]])

    def _exhaust(self, task: dict[str, Any], snapshot: dict[str, Any]) -> None:
        scene = self.crew.scenes[task["video"]["id"]]
        left = len(self._there(scene, snapshot)) < len(scene.truth)
        self.client.post(f"sessions/{snapshot['session']['id']}/exhaustivity", left=left)
        self.note("answered", video=task["video"]["id"], left=left)

    def _there(self, scene: Scene, snapshot: dict[str, Any]) -> set[str]:
        shown = {mask["masklet"] for mask in snapshot["masks"] if mask["area"]}
        return {object_of(scene, snapshot, masklet) for masklet in shown}


def _named(snapshot: dict[str, Any], masklet: int) -> str:
    """What whoever selected the object called it: a twin, and a copy of gold, are called the same."""
    return str(next(item["name"] for item in snapshot["masklets"] if item["id"] == masklet))
