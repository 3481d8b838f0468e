"""A person's hold on a video, or on what a task is about: opened, renewed, lost, closed."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial
from typing import Any

import redis
from django.db import IntegrityError, transaction
from django.db.models import F, Q
from django.utils import timezone

from annotator import events, inference
from annotator.errors import Conflict, NotAllowed, NotThere
from annotator.models import Membership, Project, Session, Task, User, Video
from annotator.permissions import Act, check_role, require
from annotator.selectors.verifications import JUDGING
from annotator.shapes import sessions as shapes
from inference_worker.protocol import messages

LEASE = timedelta(seconds=60)
_ACTS: dict[str, Act] = {Session.Purpose.ANNOTATE: Act.ANNOTATE, Session.Purpose.VERIFY: Act.VERIFY}


def open_for_annotating(*, user: User, video: Video) -> Session:
    """The person's session on the video, new or taken up again.

    Raises Conflict `held` while somebody else's lease runs, `not_ready` before ingest is done, NotAllowed
    `by_tasks_only` where annotators work on what the queue gives them, `in_training` for a trainee.
    """
    role = require(user, video.project, Act.ANNOTATE)
    if video.project.pull_only and role == Membership.Role.ANNOTATOR:
        raise NotAllowed("In this project work comes from the queue: press Next task.", code="by_tasks_only")
    check_trained(user, video.project, Membership.Queue.PRODUCTION)
    if video.state != Video.State.READY:
        raise Conflict(f"This video is {video.state}: it cannot be annotated yet.", code="not_ready")
    return _open(user, purpose=Session.Purpose.ANNOTATE, video=video, masklet=None, task=None)


def check_trained(user: User, project: Project, queue: str) -> None:
    """Raises NotAllowed `in_training` where the work is production and the person is not promoted to it yet."""
    trains = Membership.objects.filter(user=user, project=project, queue=Membership.Queue.TRAINING)
    if queue == Membership.Queue.PRODUCTION and trains.exists():
        raise NotAllowed(
            "You are in training here: press Next task. A manager promotes you to production.",
            code="in_training",
        )


def open_for_task(*, user: User, task: Task) -> Session:
    """The session under which the person does the task, which is theirs."""
    purpose = Session.Purpose.VERIFY if task.kind in JUDGING else Session.Purpose.ANNOTATE
    return _open(user, purpose=purpose, video_id=task.video_id, masklet_id=task.masklet_id, task=task)


def held(session_id: int, user: User) -> Session:
    """The session, if it is this person's and open: the right to write under it.

    Raises NotThere for somebody else's, or when the video or the person's place in the project is
    gone; NotAllowed when their role no longer reaches; Conflict `session_closed` when the hold was lost.
    """
    rows = Session.objects.select_related("video__project")
    mine = rows.filter(
        user=user, video__deleted_at__isnull=True, video__project__memberships__user=user, purpose__in=_ACTS
    )
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
    # Tasks that were taken in a batch wait their turn: their holder is there as long as any page of theirs is.
    theirs = Q(user=user, task__isnull=False, video__project=session.video.project_id)
    rows = Session.objects.filter(Q(pk=session.pk) | theirs, state=Session.State.OPEN)
    if not rows.update(lease_until=until):
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


def close_free(which: Q) -> None:
    """Close those of the open sessions that annotate a video without a task, and tell their pages."""
    rows = Session.objects.filter(
        which, purpose=Session.Purpose.ANNOTATE, task__isnull=True, state=Session.State.OPEN
    )
    for session in rows.select_related("user"):
        close(session=session)
        _announce_closed(session)


@transaction.atomic
def take_if_lapsed(session: Session) -> bool:
    """Close a lapsed session and tell its page, unless its holder came back in this moment."""
    now = timezone.now()
    rows = Session.objects.filter(pk=session.pk, state=Session.State.OPEN, lease_until__lt=now)
    if not rows.update(state=Session.State.CLOSED, closed_at=now):
        return False
    _announce_closed(session)
    transaction.on_commit(partial(inference.close_session, session.pk))
    return True


def show_engines() -> None:
    """Tell open sessions when the last inference worker went, warms up, or the first one came."""
    workers = inference.workers()
    engine = _of(workers)
    now, nobody = engine["engine_state"], ("none", "starting")
    wrong = Session.objects.filter(state=Session.State.OPEN).filter(
        ~Q(engine_state=now) if now in nobody else Q(engine_state__in=nobody)
    )
    for session in wrong.select_related("user"):
        for name, value in engine.items():
            setattr(session, name, value)
        with transaction.atomic():
            session.save(update_fields=list(engine))
            events.publish_on_commit([session.pk], "session", shapes.session(session))


def _announce_closed(session: Session) -> None:
    session.refresh_from_db(fields=["state", "closed_at"])
    events.publish_on_commit([session.pk], "session", shapes.session(session))


def _engine_now() -> dict[str, str]:
    try:
        return _of(inference.workers())
    except redis.RedisError:
        return _of([])


def _of(workers: list[messages.WorkerInfo]) -> dict[str, str]:
    if not workers:
        return {"engine_name": "", "engine_state": "none", "engine_notice": ""}
    first = min(workers, key=lambda worker: worker.warming)
    state = "starting" if first.warming else "ready"
    return {"engine_name": first.model.label, "engine_state": state, "engine_notice": first.notice}


def _open(user: User, **key: Any) -> Session:
    now = timezone.now()
    rows = Session.objects.filter(**key, state=Session.State.OPEN)
    present = rows.first()
    if present is not None and present.user_id == user.pk:
        present.lease_until = now + LEASE
        if rows.filter(pk=present.pk).update(lease_until=present.lease_until):
            return present
    elif present is not None:
        take_if_lapsed(present)
    try:
        with transaction.atomic():
            return Session.objects.create(**key, user=user, lease_until=now + LEASE, **_engine_now())
    except IntegrityError:
        pass
    holder = rows.first()
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
