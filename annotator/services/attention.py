"""What people looked at, as their pages count it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from django.db import transaction
from django.db.models import Q, Sum
from django.utils import timezone

from annotator.errors import NotPossible, NotThere
from annotator.models import Attention, Masklet, MaskletFacts, Session, User
from annotator.selectors.tasks import shown_masklets

# A page that goes away sends what it counted last beside the call that closes its session.
GRACE = timedelta(seconds=60)


def add(
    *, session_id: int, user: User, masklet_id: int | None, active_ms: int, shown: Mapping[int, int]
) -> None:
    """Count time that the page saw the person at work on a masklet, or on none, under their session.

    shown: annotated frame index -> ms on the screen. A session never claims more than has passed, by the
    server's clock, since it was opened: of active_ms, and of the sum of shown, what is over is cut off.
    Raises NotThere for a session that is not theirs or closed for more than GRACE, NotPossible
    `not_annotated`.
    """
    with transaction.atomic():
        _count(_counting(session_id, user), masklet_id, active_ms, shown)
    # The last of it comes when the masklet was handed in already. Marked when the session is let go: a verdict
    # marks first, and closes it then. Also what is marked: it may just be counted, without this.
    handed_in = MaskletFacts.objects.exclude(state=Masklet.State.IN_WORK)
    handed_in.filter(masklet=masklet_id or 0).update(stale=True)


def _count(session: Session, masklet_id: int | None, active_ms: int, shown: Mapping[int, int]) -> None:
    slots = _slots(session, shown)
    masklet = _of(session, masklet_id)
    passed = ((session.closed_at or timezone.now()) - session.opened_at) / timedelta(milliseconds=1)
    counted = Attention.objects.filter(session=session)
    claimed = counted.aggregate(active=Sum("active_ms"))["active"] or 0
    looked = sum(map(sum, counted.values_list("shown_ms", flat=True)))
    row, _ = counted.get_or_create(session=session, masklet=masklet)
    row.active_ms += min(active_ms, max(int(passed) - claimed, 0))
    row.shown_ms = _added(row.shown_ms, slots, len(session.video.annotated_indices), int(passed) - looked)
    row.save()


def _counting(session_id: int, user: User) -> Session:
    open_or_just_closed = Q(state=Session.State.OPEN) | Q(closed_at__gt=timezone.now() - GRACE)
    rows = Session.objects.filter(
        open_or_just_closed, pk=session_id, user=user, video__project__memberships__user=user
    )
    # Held until commit: two posts of one session add up one after the other.
    session = rows.select_related("video", "task").select_for_update(of=("self",)).first()
    if session is None:
        raise NotThere("This session is not yours, or it was closed a while ago.")
    return session


def _of(session: Session, masklet_id: int | None) -> Masklet | None:
    """What the time counts for: under a task its own masklet, in a selection what the person began in it. What
    else is looked at there counts for none."""
    if masklet_id is None:
        return None
    found = Masklet.objects.filter(pk=masklet_id, video=session.video_id).first()
    task = session.task
    if found is None or (task and session.masklet_id and found.pk not in shown_masklets(task)):
        raise NotThere("This masklet is not in this session's video, or its task is about another one.")
    if task is None or session.masklet_id:
        return found
    is_begun_here = found.created_by_id == session.user_id and found.created_at >= task.created_at
    return found if is_begun_here else None


def _slots(session: Session, shown: Mapping[int, int]) -> dict[int, int]:
    annotated = session.video.annotated_indices
    for frame in shown:
        if frame not in annotated:
            raise NotPossible(f"Frame {frame} is not an annotated frame.", code="not_annotated")
    return {annotated.index(frame): ms for frame, ms in shown.items()}


def _added(before: list[int], slots: Mapping[int, int], length: int, most: int) -> list[int]:
    wanted = sum(slots.values())
    part = min(1.0, max(most, 0) / wanted) if wanted else 1.0
    after = (before + [0] * length)[:length]
    for slot, ms in slots.items():
        after[slot] += int(ms * part)
    return after
