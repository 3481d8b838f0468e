"""A person's hold on a video or on a submitted masklet: opened, renewed, lost, closed."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial
from typing import Any

import redis
from django.db import IntegrityError, transaction
from django.db.models import F, Q
from django.utils import timezone

from annotator import events, inference
from annotator.errors import Conflict, IllegalTransition, NotAllowed, NotThere
from annotator.models import Masklet, Session, User, Video
from annotator.permissions import Act, check_role, require
from annotator.selectors.verifications import own_work
from annotator.shapes import sessions as shapes
from inference_worker.protocol import messages

LEASE = timedelta(seconds=60)
_ACTS: dict[str, Act] = {Session.Purpose.ANNOTATE: Act.ANNOTATE, Session.Purpose.VERIFY: Act.VERIFY}


def open_for_annotating(*, user: User, video: Video) -> Session:
    """The person's session on the video, new or taken up again.

    Raises Conflict `held` while somebody else's lease runs, `not_ready` before ingest is done.
    """
    require(user, video.project, Act.ANNOTATE)
    if video.state != Video.State.READY:
        raise Conflict(f"This video is {video.state}: it cannot be annotated yet.", code="not_ready")
    return _open(user, purpose=Session.Purpose.ANNOTATE, video=video, masklet=None)


def open_for_verifying(*, user: User, masklet: Masklet) -> Session:
    """The person's session on a submitted masklet, never on one that they tracked themselves."""
    project = masklet.video.project
    require(user, project, Act.VERIFY)
    if masklet.state != Masklet.State.SUBMITTED or masklet.deleted_at:
        raise IllegalTransition(
            f"This masklet is {masklet.state.replace('_', ' ')}: only a submitted one can be verified.",
            state=masklet.state,
        )
    mine = Masklet.objects.filter(own_work(user), pk=masklet.pk).exists()
    if project.independent_review and mine:
        raise NotAllowed(
            "You worked on this masklet yourself: somebody else must verify it.", code="own_work"
        )
    return _open(user, purpose=Session.Purpose.VERIFY, video=masklet.video, masklet=masklet)


def held(session_id: int, user: User) -> Session:
    """The session, if it is this person's and open: the right to write under it.

    Raises NotThere for somebody else's, or when the video or the person's place in the project is
    gone; NotAllowed when their role no longer reaches; Conflict `session_closed` when the hold was lost.
    """
    rows = Session.objects.select_related("video__project")
    mine = rows.filter(user=user, video__deleted_at__isnull=True, video__project__memberships__user=user)
    session = mine.annotate(role=F("video__project__memberships__role")).filter(pk=session_id).first()
    if session is None:
        raise NotThere("This session is not yours, or it never was.")
    check_role(session.role, _ACTS[session.purpose])
    if session.state != Session.State.OPEN:
        raise Conflict(
            "Your hold on this was lost or closed; nothing stored is lost. Open it again to go on.",
            code="session_closed",
        )
    return session


def heartbeat(*, session_id: int, user: User) -> datetime:
    """Renew the lease; the time until which it now runs."""
    session = held(session_id, user)
    until = timezone.now() + LEASE
    if not Session.objects.filter(pk=session.pk, state=Session.State.OPEN).update(lease_until=until):
        held(session_id, user)
    return until


@transaction.atomic
def close(*, session: Session) -> None:
    """Give the hold back. Closing twice is the same as once."""
    now = timezone.now()
    Session.objects.filter(pk=session.pk, state=Session.State.OPEN).update(
        state=Session.State.CLOSED, closed_at=now
    )
    transaction.on_commit(partial(inference.close_session, session.pk))


def show_engines() -> None:
    """Tell open sessions when the last inference worker went, or the first one came."""
    workers = inference.workers()
    engine = _of(workers)
    wrong = Session.objects.filter(state=Session.State.OPEN).filter(
        Q(engine_state="none") if workers else ~Q(engine_state="none")
    )
    for session in wrong.select_related("user"):
        for name, value in engine.items():
            setattr(session, name, value)
        with transaction.atomic():
            session.save(update_fields=list(engine))
            events.publish_on_commit([session.pk], "session", shapes.session(session))


def _engine_now() -> dict[str, str]:
    try:
        return _of(inference.workers())
    except redis.RedisError:
        return _of([])


def _of(workers: list[messages.WorkerInfo]) -> dict[str, str]:
    if not workers:
        return {"engine_name": "", "engine_state": "none", "engine_notice": ""}
    first = workers[0]
    return {"engine_name": first.model.label, "engine_state": "ready", "engine_notice": first.notice}


def _open(user: User, **key: Any) -> Session:
    now = timezone.now()
    rows = Session.objects.filter(**key, state=Session.State.OPEN)
    rows.filter(user=user).update(lease_until=now + LEASE)
    if mine := rows.filter(user=user).first():
        return mine
    for lapsed in rows.filter(lease_until__lt=now):
        _take_from(lapsed, now)
    try:
        with transaction.atomic():
            return Session.objects.create(**key, user=user, lease_until=now + LEASE, **_engine_now())
    except IntegrityError:
        pass
    holder = rows.select_related("user").first()
    if holder is None:
        raise Conflict("Somebody just closed this. Try again.", code="held")
    if holder.user_id == user.pk:  # their other tab was faster
        return holder
    raise Conflict(
        f"{holder.user.username} holds this at present. It comes free when they close it, or stop working on it.",
        code="held",
        held_by=holder.user.username,
        until=holder.lease_until.isoformat(),
    )


@transaction.atomic
def _take_from(lapsed: Session, now: datetime) -> None:
    """Close a lapsed session and tell its page, unless its holder came back in this moment."""
    rows = Session.objects.filter(pk=lapsed.pk, state=Session.State.OPEN, lease_until__lt=now)
    if rows.update(state=Session.State.CLOSED, closed_at=now):
        lapsed.refresh_from_db()
        events.publish_on_commit([lapsed.pk], "session", shapes.session(lapsed))
        transaction.on_commit(partial(inference.close_session, lapsed.pk))
