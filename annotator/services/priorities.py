"""How soon a task is done: what its kind gives it, and what it takes over from what was done before it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from annotator.models import Masklet, Task

URGENT = 10  # what was sent back is refined before anything new is begun
TOP_PRIORITY = 9  # of what is suspected most, below that of what was sent back
LAST_IN_LINE = -10  # of auto masklets to verify: people's own work goes first

_K = Task.Kind


def given(task: Task) -> int:
    """The priority that a task has by itself."""
    if task.kind == _K.REFINE:
        return URGENT
    if task.kind != _K.VERIFY or task.masklet is None:
        return 0
    if task.masklet.type == Masklet.Type.AUTO:
        return LAST_IN_LINE
    return round(TOP_PRIORITY * (task.suspicion or 0)) if task.project.suspicious_first else 0


def following(task: Task, before: Sequence[Task]) -> dict[str, Any]:
    """The skill and the priority of a new task that follows these, the newest first: those of the newest, but
    for what that had by itself. What a kind raises is raised here as well."""
    priority, said = given(task), _said(before)
    if said is not None:
        priority = max(priority, said) if priority > 0 else said
    return {"priority": priority, "skill": before[0].skill if before else ""}


def _said(before: Sequence[Task]) -> int | None:
    """The priority that people gave; None where they did not. What is raised by itself hides what was lower: that
    stands on the task before, if it was worth more than nothing."""
    is_hidden = False
    for task in before:
        own = given(task)
        if task.priority != own and (task.priority > 0 or not is_hidden):
            return task.priority
        if own <= 0:
            return None
        is_hidden = True
    return None
