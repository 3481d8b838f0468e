"""What is handed in goes to verification with what triage makes of it."""

from __future__ import annotations

from typing import Any

from annotator import queue
from annotator.models import Masklet, Task, User
from annotator.selectors import triage
from annotator.services import tasks, verifier_models

DECIDE_TASK = "annotator.let_verifier_decide"


def add_verify_task(masklet: Masklet, by: User | None, **fields: Any) -> Task:
    """The task to verify a submitted masklet, whose suspicion is that of its worst mask from now on.

    Where the project has a verifier model it is asked; where it may decide by itself, it is woken on
    commit. Should that be lost, people verify as without it.
    """
    rows = measure(masklet)
    project = masklet.video.project
    vote = verifier_models.vote(masklet, rows)
    if vote is not None and verifier_models.may_accept(project, vote):
        queue.wake_on_commit(DECIDE_TASK, masklet.pk)
    return tasks.add(kind=Task.Kind.VERIFY, video=masklet.video, masklet=masklet, by=by, **fields)


def measure(masklet: Masklet) -> list[triage.Measured]:
    """Write how suspicious a masklet is that was handed in; what is known of its masks."""
    rows = triage.measured(masklet)
    masklet.suspicion = triage.worst(rows)
    masklet.save(update_fields=["suspicion"])
    return rows
