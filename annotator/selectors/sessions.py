from __future__ import annotations

from django.db.models import Exists, Q

from annotator.models import Consensus, Masklet, Session


def open_on(video: int) -> list[int]:
    """All open sessions on the video, whatever they are for."""
    return list(Session.objects.filter(video=video, state=Session.State.OPEN).values_list("pk", flat=True))


def listeners(video: int, *masklets: int) -> list[int]:
    """Sessions that are to hear of what happens to these masklets of the video: those that annotate all of it,
    and those on one of them; of a decision, which is on the first of two, also of the second. Of work on gold
    only those on it."""
    on_gold = Masklet.objects.filter(pk__in=masklets, gold_of__isnull=False)
    whole = Q(~Exists(on_gold), purpose=Session.Purpose.ANNOTATE, masklet=None)
    pairs = Consensus.objects.filter(second__in=masklets).values("first")
    decides = Q(purpose=Session.Purpose.VERIFY, masklet__in=pairs)
    return list(
        Session.objects.filter(
            whole | Q(masklet__in=masklets) | decides, video=video, state=Session.State.OPEN
        ).values_list("pk", flat=True)
    )
