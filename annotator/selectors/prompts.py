from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Exists, OuterRef, Q

from annotator.models import Change, Prompt
from inference_worker.protocol import messages

# Written out for the same reason as selectors.masks.
_ACTIVE = """
SELECT prompt.* FROM annotator_prompt prompt JOIN annotator_change change ON change.id = prompt.change_id
WHERE prompt.masklet_id = ANY(%(masklets)s) AND NOT change.undone
    AND (%(frames)s::int[] IS NULL OR prompt.frame_index = ANY(%(frames)s))
    AND NOT EXISTS (
        SELECT FROM annotator_prompt_replaced_by link JOIN annotator_change later ON later.id = link.change_id
        WHERE link.prompt_id = prompt.id AND NOT later.undone
    )
ORDER BY prompt.id
"""


def active(masklets: Iterable[int], *, frames: Iterable[int] | None = None) -> list[Prompt]:
    """Prompts that count: neither undone, nor taken back or replaced by a change that is in force."""
    wanted = {"masklets": list(masklets), "frames": None if frames is None else list(frames)}
    return list(Prompt.objects.raw(_ACTIVE, wanted))


def of_change(change: Change, frames: Iterable[int]) -> tuple[list[Prompt], list[int]]:
    """On these frames of the change's masklet: the prompts that count, and the ids of those of the
    change, added or taken back by it, that do not."""
    replaced = Prompt.replaced_by.through.objects.filter(prompt=OuterRef("pk"))
    rows = Prompt.objects.filter(masklet=change.masklet_id, frame_index__in=list(frames)).annotate(
        counts=Q(change__undone=False) & ~Exists(replaced.filter(change__undone=False)),
        taken=Exists(replaced.filter(change=change)),
    )
    found = list(rows.order_by("id"))
    gone = [row.pk for row in found if not row.counts and (row.taken or row.change_id == change.pk)]
    return [row for row in found if row.counts], gone


def as_message(prompt: Prompt) -> messages.Prompt:
    """The prompt in the form that inference workers understand."""
    return messages.decode({"kind": prompt.kind, **prompt.data}, messages.Prompt)
