"""An annotator at work, and the answers that a worker would send them."""

from __future__ import annotations

import numpy as np

from annotator.models import Change, Propagation, Session, User, Video
from annotator.selectors import masks
from annotator.services import changes, masklets, prompts, propagations, results, sessions
from annotator.shapes import masklets as shapes
from annotator.spans import Bounds
from inference_worker.protocol import messages, rle

MODEL = messages.ModelVersion(engine="scripted")
HEIGHT, WIDTH = 48, 64


def square(x: int, y: int = 10, side: int = 8) -> str:
    mask = np.zeros((HEIGHT, WIDTH), bool)
    mask[y : y + side, x : x + side] = True
    return rle.encode(mask)


class Desk:
    """An annotator at a video with one masklet; always up to date with its version."""

    def __init__(self, user: User, video: Video) -> None:
        self.user, self.video = user, video
        self.session: Session = sessions.open_for_annotating(user=user, video=video)
        self.masklet = masklets.create(session=self.session, user=user)["id"]

    @property
    def version(self) -> int:
        return shapes.masklet(self.masklet)["version"]

    def prompt(self, frame: int, *new: messages.Prompt) -> dict:
        return prompts.add(
            session=self.session, user=self.user, masklet_id=self.masklet, base_version=self.version,
            frame_index=frame, new=new,
        )  # fmt: skip

    def click(self, frame: int, x: float = 12, y: float = 12, positive: bool = True) -> dict:
        return self.prompt(frame, messages.Point(x=x, y=y, positive=positive))

    def draw(self, frame: int, counts: str) -> dict:
        return self.prompt(frame, messages.MaskPrompt(counts=counts))

    def answer(self, change: int, frame: int, counts: str) -> None:
        """What a worker would send back for a click."""
        mask = messages.FrameResult(
            masklet=self.masklet, change=change, frame_index=frame, counts=counts, score=0.9
        )
        results.record_segment(
            messages.SegmentResult(
                session=self.session.pk, change=change, model=MODEL, engine_ms=1, mask=mask
            )
        )

    def propagate(self, start: int, direction: str = "forward", **bounds: object) -> Propagation:
        started = propagations.start(
            session=self.session, user=self.user, wanted={self.masklet: self.version}, start_frame=start,
            direction=direction, bounds=Bounds(**bounds),
        )  # fmt: skip
        return Propagation.objects.get(pk=started["id"])

    def fill(
        self, row: Propagation, frames: list[int], x: int, *, attempt: int = 1, state: str = "running"
    ) -> None:
        """One chunk of a worker's answers to a pass."""
        change = row.changes.get()
        results.record_chunk(
            messages.ChunkResult(
                session=self.session.pk, propagation=row.pk, attempt=attempt, model=MODEL, engine_ms=1, state=state,
                masks=[
                    messages.FrameResult(
                        masklet=self.masklet, change=change.pk, frame_index=frame, counts=square(x), score=0.8
                    )
                    for frame in frames
                ],
            )
        )  # fmt: skip

    def mark(self, kind: Change.Kind, *frames: int) -> dict:
        return changes.mark_frames(
            session=self.session, user=self.user, masklet_id=self.masklet, base_version=self.version,
            kind=kind, frames=frames,
        )  # fmt: skip

    def undo(self) -> dict:
        return changes.undo(
            session=self.session, user=self.user, masklet_id=self.masklet, base_version=self.version
        )

    def redo(self) -> dict:
        return changes.redo(
            session=self.session, user=self.user, masklet_id=self.masklet, base_version=self.version
        )

    def states(self) -> dict[int, str]:
        return {frame: row.state for frame, row in masks.by_frame(self.masklet).items()}
