"""Auto runs, and the answers that a worker would send them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from annotator.models import AutoRun, Masklet, Project, User
from annotator.selectors import auto_runs as selector
from annotator.services import auto_runs, results
from inference_worker.protocol import messages
from tests.annotator.desk import square

MODEL = messages.ModelVersion(engine="sam2", weights="sam2.1-tiny")
FRAMES = list(range(0, 41, 4))


def candidate(x: int, y: int = 10, side: int = 8) -> messages.Candidate:
    box = (x, y, x + side, y + side)
    return messages.Candidate(counts=square(x, y, side), box=box, iou=0.9, stability=0.97, window=1)


def proposed(run: AutoRun, *found: messages.Candidate, state: str = "finished", **facts: Any) -> None:
    """A worker's answer to a Propose."""
    run.refresh_from_db()
    done = messages.Proposed(points=run.prompts_total, candidates=7, found=list(found))
    values: dict[str, Any] = {
        "points": run.prompts_total, "engine_ms": 600, "done": done, "attempt": run.attempt, **facts,
    }  # fmt: skip
    auto_runs.record(
        messages.ProposeResult(session=run.session_id or 0, run=run.pk, model=MODEL, state=state, **values)
    )


def tracked(run: AutoRun, frames: list[int], state: str = "finished", error: str = "") -> None:
    """A worker's answers to the passes of a run."""
    for row in selector.passes_of(run):
        step = row.changes.get()
        masks = [
            messages.FrameResult(
                masklet=step.masklet_id, change=step.pk, frame_index=frame, counts=square(9), score=0.8, stability=0.99
            )
            for frame in frames
        ]  # fmt: skip
        results.record_chunk(
            messages.ChunkResult(
                session=row.session_id, propagation=row.pk, attempt=row.attempt, model=MODEL, engine_ms=1,
                masks=masks, state=state, error=error,
            )
        )  # fmt: skip


def begun(project: Project, manager: User, sweep: Callable[[], list[Any]]) -> AutoRun:
    [run] = auto_runs.start(project=project, user=manager)
    sweep()
    run.refresh_from_db()
    return run


def finished(project: Project, manager: User, sweep: Callable[[], list[Any]], *at: int) -> list[Masklet]:
    run = begun(project, manager, sweep)
    proposed(run, *map(candidate, at))
    run.refresh_from_db()
    tracked(run, FRAMES[1:])
    sweep()
    return list(Masklet.objects.filter(propagations__session=run.session).order_by("pk"))
