from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from annotator.models import Change, Prompt
from inference_worker.protocol import messages

# Written out for the same reason as selectors.masks.
COUNTS = """NOT change.undone AND NOT EXISTS (
        SELECT FROM annotator_prompt_replaced_by link JOIN annotator_change later ON later.id = link.change_id
        WHERE link.prompt_id = prompt.id AND NOT later.undone
    )"""
_PROMPTS = f"""
SELECT prompt.*,
    {COUNTS} AS counts,
    EXISTS (
        SELECT FROM annotator_prompt_replaced_by link
        WHERE link.prompt_id = prompt.id AND link.change_id = %(change)s
    ) AS taken
FROM annotator_prompt prompt JOIN annotator_change change ON change.id = prompt.change_id
WHERE prompt.masklet_id = ANY(%(masklets)s)
    AND (%(frames)s::int[] IS NULL OR prompt.frame_index = ANY(%(frames)s))
"""  # noqa: S608 - constants
_ACTIVE = f"SELECT * FROM ({_PROMPTS}) prompts WHERE counts ORDER BY id"  # noqa: S608 - constants
_ALL = f"SELECT * FROM ({_PROMPTS}) prompts ORDER BY id"  # noqa: S608


def active(masklets: Iterable[int], *, frames: Iterable[int] | None = None) -> list[Prompt]:
    """Prompts that count: neither undone, nor taken back or replaced by a change that is in force."""
    return _read(_ACTIVE, masklets, frames, None)


def of_change(change: Change, frames: Iterable[int]) -> tuple[list[Prompt], list[int]]:
    """On these frames of the change's masklet: the prompts that count, and the ids of those of the
    change, added or taken back by it, that do not."""
    found = _read(_ALL, [change.masklet_id], frames, change.pk)
    gone = [row.pk for row in found if not row.counts and (row.taken or row.change_id == change.pk)]
    return [row for row in found if row.counts], gone


def owes_a_mask(masklets: Iterable[int]) -> bool:
    """Whether the model's answer to a click on any of these is still to come. What was drawn over or
    cleared since is not waited for."""
    waiting = Change.objects.filter(masklet__in=masklets, pending=True, undone=False)
    places = {(row.masklet_id, row.frame_index) for row in waiting}
    asked = active({masklet for masklet, _ in places}) if places else []
    clicked = (Prompt.Kind.POINT, Prompt.Kind.BOX)
    return any((row.masklet_id, row.frame_index) in places for row in asked if row.kind in clicked)


def _read(sql: str, masklets: Iterable[int], frames: Iterable[int] | None, change: int | None) -> list[Any]:
    wanted = {
        "masklets": list(masklets),
        "frames": None if frames is None else list(frames),
        "change": change,
    }
    return list(Prompt.objects.raw(sql, wanted))


def as_message(prompt: Prompt) -> messages.Prompt:
    """The prompt in the form that inference workers understand."""
    return messages.decode({"kind": prompt.kind, **prompt.data}, messages.Prompt)
