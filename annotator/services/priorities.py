"""How soon a task is done: what its kind gives it, and what it takes over from what was done before it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from annotator.models import Masklet, Task

URGENT = 10  # what was sent back is refined before anything new is begun
TOP_PRIORITY = 9  # of what is suspected most, below that of what was sent back
LAST_IN_LINE = -10  # of auto masklets to verify: people's own work goes first
BY_SUSPICION = -20  # of the auto masklet that is suspected least; the most suspected are behind people's, too

_K = Task.Kind


def given(task: Task, *, by_suspicion: bool) -> int:
    """The priority that a task has by itself. by_suspicion: whether its project orders by suspicion."""
    suspected = round(TOP_PRIORITY * (task.suspicion or 0)) if by_suspicion else 0
    if task.kind == _K.REFINE:
        return URGENT
    if task.kind in (_K.DECIDE, _K.AUDIT):
        # Else what is suspected, of which ever more comes, would always go first.
        return TOP_PRIORITY if by_suspicion else 0
    if task.kind != _K.VERIFY or task.masklet is None:
        return 0
    if task.masklet.type == Masklet.Type.AUTO:
        return suspected + (BY_SUSPICION if by_suspicion else LAST_IN_LINE)
    return suspected


def following(task: Task, before: Sequence[Task]) -> dict[str, Any]:
    """The skill and the priority of a new task that follows these, the newest first: those of the newest, but
    for what that had by itself. What a kind raises is raised here as well."""
    priority, said = given(task, by_suspicion=task.project.suspicious_first), _said(before)
    if said is not None:
        priority = max(priority, said) if priority > 0 else said
    return {"priority": priority, "skill": before[0].skill if before else ""}


def _said(before: Sequence[Task]) -> int | None:
    """The priority that people gave; None where they did not. What is raised by itself hides what was lower: that
    stands on the task before, if it was worth more than nothing."""
    is_hidden = False
    for task in before:
        # Either way: how the project orders may have changed since.
        is_own = task.priority in [given(task, by_suspicion=either) for either in (True, False)]
        if task.priority <= 0:
            return None if is_own or is_hidden else task.priority
        if not is_own:
            return task.priority
        is_hidden = True
    return None
