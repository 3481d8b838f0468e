"""Which masklets people are measured against."""

from __future__ import annotations

from django.db import transaction

from annotator.errors import Conflict, NotPossible
from annotator.models import Masklet, Task, User
from annotator.selectors import tasks as selector
from annotator.services import copies, tasks


@transaction.atomic
def mark(*, masklet: Masklet, user: User) -> Masklet:
    """Make an accepted masklet a reference. It stays in the dataset and is no more anybody's work.

    Raises NotPossible `not_accepted`, Conflict `held` while somebody audits it.
    """
    rows = Masklet.objects.select_for_update(of=("self",), no_key=True).select_related("video")
    masklet = rows.get(pk=masklet.pk)
    if masklet.state != Masklet.State.ACCEPTED or masklet.deleted_at:
        raise NotPossible(
            "Only an accepted masklet can be gold: have it verified first.", code="not_accepted"
        )
    asked = list(selector.open_of([masklet.pk], Task.Kind.values).select_for_update())
    if any(task.state != Task.State.WAITING for task in asked):
        raise Conflict("Somebody is auditing this masklet. Try again when they are done.", code="held")
    tasks.cancel(asked, user, "gold")
    Masklet.objects.filter(pk=masklet.pk).update(is_gold=True)
    masklet.is_gold = True
    return masklet


@transaction.atomic
def unmark(*, masklet: Masklet, user: User) -> Masklet:
    """No more a reference. Scores against it stay; what was given out and not begun is taken back."""
    Masklet.objects.filter(pk=masklet.pk).update(is_gold=False)
    copies.call_off(Task.objects.filter(masklet__gold_of=masklet, state=Task.State.WAITING), user, "not_gold")
    masklet.is_gold = False
    return masklet
