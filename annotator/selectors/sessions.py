from __future__ import annotations

from django.db.models import Q

from annotator.models import Session


def open_on(video: int) -> list[int]:
    """All open sessions on the video, whatever they are for."""
    return list(Session.objects.filter(video=video, state=Session.State.OPEN).values_list("pk", flat=True))


def listeners(video: int, masklet: int | None = None) -> list[int]:
    """Sessions that are to hear of what happens to a masklet of the video."""
    watching = Q(purpose=Session.Purpose.ANNOTATE)
    if masklet is not None:
        watching |= Q(masklet=masklet)
    return list(
        Session.objects.filter(watching, video=video, state=Session.State.OPEN).values_list("pk", flat=True)
    )
