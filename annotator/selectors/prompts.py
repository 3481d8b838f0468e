from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Exists, OuterRef, QuerySet

from annotator.models import Prompt
from inference_worker.protocol import messages


def active(masklets: Iterable[int], *, frames: Iterable[int] | None = None) -> QuerySet[Prompt]:
    """Prompts that count: neither undone, nor taken back or replaced by a change that is in force."""
    replaced = Prompt.replaced_by.through.objects.filter(prompt=OuterRef("pk"), change__undone=False)
    rows = Prompt.objects.filter(masklet__in=list(masklets), change__undone=False).exclude(Exists(replaced))
    if frames is not None:
        rows = rows.filter(frame_index__in=list(frames))
    return rows.order_by("id")


def as_message(prompt: Prompt) -> messages.Prompt:
    """The prompt in the form that inference workers understand."""
    return messages.decode({"kind": prompt.kind, **prompt.data}, messages.Prompt)
