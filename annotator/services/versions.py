"""A masklet's version, raised by whoever may change the masklet now: how every act gets hold of it."""

from __future__ import annotations

from annotator.errors import Conflict, IllegalTransition, NotAllowed, NotThere
from annotator.models import Masklet, Session
from annotator.services import claims
from annotator.shapes import masklets as shapes

EDITABLE = (Masklet.State.IN_WORK, Masklet.State.REFINE)
_TOUCH = """
UPDATE annotator_masklet SET version = version + 1
WHERE id = %s AND video_id = %s AND version = %s AND state = ANY(%s) AND deleted_at IS NULL
    AND (%s::bigint IS NULL OR id = %s)
    AND (%s::int IS NULL OR created_by_id = %s
        AND NOT EXISTS(SELECT FROM annotator_task WHERE masklet_id = annotator_masklet.id))
    AND (%s::int IS NULL OR NOT EXISTS(
        SELECT FROM annotator_task t WHERE t.masklet_id = annotator_masklet.id
            AND t.kind IN ('track', 'refine') AND t.state IN ('waiting', 'claimed', 'on_hold')
            AND NOT (t.state = 'claimed' AND t.holder_id = %s)
        UNION ALL
        SELECT FROM annotator_task t WHERE t.video_id = annotator_masklet.video_id
            AND t.kind = 'select' AND t.state IN ('claimed', 'on_hold')
            AND t.holder_id = created_by_id AND t.holder_id <> %s AND created_at >= t.created_at
            AND NOT EXISTS(SELECT FROM annotator_task WHERE masklet_id = annotator_masklet.id)))
RETURNING *
"""


def touch(session: Session, masklet_id: int, base_version: int, *, is_work: bool = True) -> Masklet:
    """The masklet with its version raised by one: the caller now holds its row until commit.

    A session without a task keeps to the queue: what waits there is taken up for its person, if the queue
    would let them have it, and what somebody else holds is refused. is_work: False for what leaves the masks
    alone, which takes nothing up.

    Raises NotThere, IllegalTransition when it is not in work, NotAllowed when the session's task does not
    reach it or the queue does not give it to them, Conflict `held` while somebody else has it, stale_version
    (409) with the present form when somebody was faster.
    """
    is_free = session.task_id is None
    if touched := _raised(session, masklet_id, base_version, at_queue=is_free):
        return touched
    masklet = _editable(session, masklet_id)
    if is_free:
        claims.take_up(masklet, session.user, is_work=is_work)
        if touched := _raised(session, masklet_id, base_version, at_queue=False):
            return touched
    raise Conflict(
        "Somebody changed this masklet after you loaded it. Its newer form is shown; do it again if it still fits.",
        code="stale_version",
        masklet=shapes.masklet(masklet.pk),
    )


def _raised(session: Session, masklet_id: int, base_version: int, *, at_queue: bool) -> Masklet | None:
    own = session.user_id if session.is_for_choosing else None  # what one began, until it is to be tracked
    asks = session.user_id if at_queue else None
    reach = [session.masklet_id, session.masklet_id, own, own, asks, asks, asks]
    touched = list(
        Masklet.objects.raw(_TOUCH, [masklet_id, session.video_id, base_version, [*EDITABLE], *reach])
    )
    for masklet in touched:
        masklet.video = session.video
    return touched[0] if touched else None


def _editable(session: Session, masklet_id: int) -> Masklet:
    # Held before any task of it, as wherever both are; not its key, which a claim's new session points to.
    rows = Masklet.objects.select_for_update(no_key=True).filter(
        video=session.video_id, deleted_at__isnull=True
    )
    masklet = rows.filter(pk=masklet_id).first()
    if masklet is None:
        raise NotThere("This masklet is not in this session's video, or it was deleted.")
    is_theirs = masklet.created_by_id != session.user_id or masklet.tasks.exists()
    if session.masklet_id not in (None, masklet_id) or (session.is_for_choosing and is_theirs):
        raise NotAllowed(
            "Your task is about another masklet: this one is not yours to change.", code="not_in_task"
        )
    if masklet.state not in EDITABLE:
        raise IllegalTransition(
            f"This masklet is {masklet.state}: only one in work or in refinement can be changed.",
            state=masklet.state,
        )
    return masklet
