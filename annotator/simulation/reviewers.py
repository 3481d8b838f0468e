"""Scripted people who judge what others tracked."""

from __future__ import annotations

import time
from typing import Any

from annotator.simulation.annotators import ScriptedAnnotator
from annotator.simulation.client import Refused
from annotator.simulation.people import Person, mean_iou, object_of

SATISFACTORY = 0.8  # mean J from which a careful reviewer accepts


class ScriptedReviewer(Person):
    """Verifies, audits and decides; errs the more, the less careful."""

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.acts = {"verify": self._judge, "audit": self._judge, "decide": self._decide}

    def _judge(self, task: dict[str, Any], snapshot: dict[str, Any]) -> None:
        began = time.monotonic()
        masklet, scene = task["masklet"]["id"], self.crew.scenes[task["video"]["id"]]
        name = object_of(scene, snapshot, masklet)
        good = mean_iou(scene, name, snapshot, masklet) >= SATISFACTORY
        if self.random.random() < 0.2 * (1 - self.care):
            good = not good
        verdict = "satisfactory" if good else "unsatisfactory"
        if not self.crew.well_defined(task["video"]["id"], name):
            verdict = "rejected"
        self.look(task, snapshot, began)
        version = next(item["version"] for item in snapshot["masklets"] if item["id"] == masklet)
        shown = self.client.post(
            f"sessions/{snapshot['session']['id']}/verdict", verdict=verdict, base_version=version,
            comment="" if good else "It leaves the object.",
        )  # fmt: skip
        # Whether a model's failure is refined is left to chance, and said in the answer.
        put_aside = shown["state"] == "set_aside"
        self.note(
            "verdict", masklet=masklet, kind=task["kind"], verdict=verdict, put_aside=put_aside,
            video=task["video"]["id"], visible=sum(bool(mask["area"]) for mask in snapshot["masks"]),
        )  # fmt: skip

    def _decide(self, task: dict[str, Any], snapshot: dict[str, Any]) -> None:
        scene = self.crew.scenes[task["video"]["id"]]
        pair = [item["id"] for item in snapshot["masklets"]]
        name = object_of(scene, snapshot, pair[0])
        better = max(pair, key=lambda pk: mean_iou(scene, name, snapshot, pk))
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
        self._try_to_verify(task["masklet"]["id"])

    def _try_to_verify(self, masklet: int) -> None:
        try:
            self.client.post(f"masklets/{masklet}/sessions")
        except Refused as refused:
            self.note("refused", code=refused.code)
            if refused.code not in ("own_work", "held", "illegal_transition"):
                raise
            return
        self.crew.faults.append(f"{self.username} could open their own masklet {masklet} to verify it")
