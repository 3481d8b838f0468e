"""A scripted annotator who knows the true masks and clicks where a careful person would."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from annotator.simulation.client import Client, Refused
from inference_worker.protocol import rle
from inference_worker.protocol.clicks import next_click

GOOD = 0.9  # IoU of a frame that is left as it is
CLICKS_A_FRAME = 3
CLICKED_FRAMES = 8

Truth = Mapping[int, np.ndarray]


class ModelFailed(Exception):
    """The engine said that it cannot do what was asked."""


class Annotator:
    """One person's work under one session; follows it by its events alone. snapshot: of that session."""

    good = GOOD

    def __init__(self, client: Client, snapshot: dict[str, Any]) -> None:
        self.client = client
        self.session = snapshot["session"]["id"]
        self.has_passes: bool = snapshot["protocol"]["propagate"]
        self.size: tuple[int, int] = (snapshot["video"]["height"], snapshot["video"]["width"])
        self.masklets: dict[int, dict[str, Any]] = {item["id"]: item for item in snapshot["masklets"]}
        self.masks: dict[tuple[int, int], dict[str, Any]] = {}
        self._see(snapshot["masks"])
        self._events: Iterator[tuple[str, dict[str, Any]]] = client.events(
            self.session, snapshot["last_event_id"]
        )
        self.clicks = 0

    def new_masklet(self, name: str) -> int:
        made = self._post("masklets", name=name)
        self.masklets[made["id"]] = made
        return made["id"]

    def label(self, masklet: int, truth: Truth, clicked_frames: int = CLICKED_FRAMES) -> None:
        """Click, propagate and correct until every frame is good or so many frames were clicked.

        A masklet that was prompted on one frame is propagated from there. truth: annotated frame index
        -> bool H x W, for every annotated frame.
        """
        begun = [frame for pk, frame in self.masks if pk == masklet]
        if not begun:
            clicked_frames -= 1
            begun = [min(frame for frame, mask in truth.items() if mask.any())]
            self._correct(masklet, begun[0], truth)
        if len(begun) == 1:
            self._propagate(masklet, begun[0], whole=True)
        for _ in range(clicked_frames):
            worst = min(truth, key=lambda frame: self.iou(masklet, frame, truth))
            if self.iou(masklet, worst, truth) >= self.good:
                return
            self._correct(masklet, worst, truth)
            self._propagate(masklet, worst)

    def submit(self, masklets: list[int]) -> None:
        wanted = [{"id": pk, "base_version": self.masklets[pk]["version"]} for pk in masklets]
        self.client.post(f"sessions/{self.session}/submit", masklets=wanted)

    def look_again(self) -> None:
        """Take everything as it stands now: others may have changed it."""
        snapshot = self.client.get(f"sessions/{self.session}")
        self._see(snapshot["masks"])
        for item in snapshot["masklets"]:
            self._know(item)

    def close(self) -> None:
        self.client.post(f"sessions/{self.session}/close")

    def iou(self, masklet: int, frame: int, truth: Truth) -> float:
        mask = self.masks.get((masklet, frame))
        if mask is None:
            return 0.0
        return rle.iou(mask["counts"], rle.encode(truth[frame]), *self.size)

    def _correct(self, masklet: int, frame: int, truth: Truth) -> None:
        if not truth[frame].any():
            self._apply(self._write(masklet, "absent", frames=_absent_around(frame, truth)))
            return
        for _ in range(CLICKS_A_FRAME):
            click = next_click(truth[frame], self.mask(masklet, frame))
            if click is None or self.iou(masklet, frame, truth) >= self.good:
                return
            self.clicks += 1
            point = {"kind": "point", "x": click.x, "y": click.y, "positive": click.positive}
            made = self._write(masklet, "prompts", frame_index=frame, prompts=[point])
            self._apply(made)
            self._await_click(made["change"]["id"])

    def _propagate(self, masklet: int, start: int, *, whole: bool = False) -> None:
        wanted = [{"id": masklet, "base_version": self.masklets[masklet]["version"]}]
        try:
            row = self._post(
                "propagations", masklets=wanted, start_frame=start, direction="both", whole=whole
            )
        except Refused as refused:
            if refused.code == "nothing_to_propagate":
                return
            raise
        while row["state"] not in ("finished", "stopped", "failed"):
            kind, data = self._next()
            if kind in ("propagation", "masks"):
                shown = data if kind == "propagation" else data["propagation"]
                row = shown if shown["id"] == row["id"] else row
        if row["state"] == "failed":
            raise ModelFailed(row["error"])

    def _await_click(self, change: int) -> None:
        while True:
            kind, data = self._next()
            if kind == "click_failed" and data["change"] == change:
                raise ModelFailed(data["message"])
            if kind == "change" and data["change"]["id"] == change and not data["pending"]:
                return

    def _next(self) -> tuple[str, dict[str, Any]]:
        kind, data = next(self._events)
        if kind == "change":
            self._apply(data)
        elif kind == "masks":
            self._see(data["masks"])
        elif kind == "masklet":
            self._know(data)
        elif kind == "reset":
            self.look_again()
        return kind, data

    def _apply(self, change: dict[str, Any]) -> None:
        self._know(change["masklet"])
        self._see(change["masks"])

    def _know(self, masklet: dict[str, Any]) -> None:
        known = self.masklets.get(masklet["id"])
        if known is None or masklet["version"] >= known["version"]:
            self.masklets[masklet["id"]] = masklet

    def _see(self, masks: list[dict[str, Any]]) -> None:
        for mask in masks:
            key = mask["masklet"], mask["frame_index"]
            if key not in self.masks or mask["change"] >= self.masks[key]["change"]:
                self.masks[key] = mask

    def mask(self, masklet: int, frame: int) -> np.ndarray:
        mask = self.masks.get((masklet, frame))
        return rle.decode(mask["counts"], *self.size) if mask else np.zeros(self.size, bool)

    def _write(self, masklet: int, act: str, **body: Any) -> Any:
        return self._post(f"masklets/{masklet}/{act}", base_version=self.masklets[masklet]["version"], **body)

    def _post(self, path: str, **body: Any) -> Any:
        return self.client.post(f"sessions/{self.session}/{path}", client_id=str(uuid.uuid4()), **body)


def _absent_around(frame: int, truth: Truth) -> list[int]:
    """The whole stretch without the object: a person who sees it gone looks when it comes back."""
    frames = sorted(truth)
    at = frames.index(frame)
    first = next((i + 1 for i in range(at, -1, -1) if truth[frames[i]].any()), 0)
    last = next((i for i in range(at, len(frames)) if truth[frames[i]].any()), len(frames))
    return frames[first:last]
