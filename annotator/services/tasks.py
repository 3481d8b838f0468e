"""Pieces of work: made, done, no longer wanted. Who does them is in `claims`, which follows which in `routing`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db import transaction
from django.utils import timezone

from annotator.errors import Conflict, NotPossible
from annotator.models import AutoRun, Masklet, Project, Session, Task, TaskEvent, User, Video
from annotator.selectors import tasks as selector
from annotator.services import priorities, sessions
from annotator.transitions import move

_K, _S, _E = Task.Kind, Task.State, TaskEvent.Kind
_ASKED_FOR: Mapping[str, str] = {_K.TRACK: Masklet.State.IN_WORK, _K.AUDIT: Masklet.State.ACCEPTED}
TRANSITIONS: Mapping[str, frozenset[str]] = {
    _S.WAITING: frozenset({_S.CLAIMED, _S.ON_HOLD}),
    _S.CLAIMED: frozenset({_S.WAITING, _S.ON_HOLD}),
    _S.ON_HOLD: frozenset({_S.CLAIMED}),
    _S.DONE: frozenset({_S.WAITING, _S.CLAIMED, _S.ON_HOLD}),
    _S.CANCELLED: frozenset({_S.WAITING, _S.CLAIMED, _S.ON_HOLD}),
}


def add(
    *,
    kind: str,
    video: Video,
    masklet: Masklet | None = None,
    by: User | None = None,
    follows: Sequence[Task] = (),
    **fields: Any,
) -> Task:
    """A task that waits. There is at most one open task of a kind on a masklet, and on a video: that one is
    given back then, with what is noted beside what was.

    follows: what was done before it, the newest first; it takes over what `priorities` says, but for fields.
    """
    on = {"masklet": masklet} if masklet else {"video": video, "masklet": None}
    if there := Task.objects.filter(**on, kind=kind, state__in=Task.OPEN).first():
        note = fields.get("note", "")
        if note not in there.note:
            there.note = f"{there.note}\n{note}".strip()
            there.save(update_fields=["note"])
        return there
    if masklet is not None:
        fields.setdefault("workers", selector.people_of(masklet, judges=kind == _K.AUDIT))
    task = Task(kind=kind, project=video.project, video=video, masklet=masklet)
    task.suspicion = None if masklet is None else masklet.suspicion
    for name, value in {**priorities.following(task, follows), **fields}.items():
        setattr(task, name, value)
    task.save(force_insert=True)
    tell(task, _E.CREATED, by)
    return task


def add_to_videos(*, kind: str, videos: Iterable[Video]) -> None:
    """A task that waits on each of the videos, which have none."""
    made = Task.objects.bulk_create(
        (Task(kind=kind, project_id=video.project_id, video=video) for video in videos), batch_size=1000
    )
    TaskEvent.objects.bulk_create((TaskEvent(task=task, kind=_E.CREATED) for task in made), batch_size=1000)


def edit(*, task: Task, **fields: Any) -> None:
    """Change a task's priority, or the skill that it asks for."""
    for name, value in fields.items():
        setattr(task, name, value)
    task.save(update_fields=list(fields))


@transaction.atomic
def make(*, project: Project, by: User, kind: str, video: int = 0, masklet: int = 0, **fields: Any) -> Task:
    """A task that a manager asks for: on a video to select or to look whether anything is left, on an
    accepted masklet to audit, on one in work to track. Others follow from the work itself."""
    if kind in (_K.SELECT, _K.EXHAUST):
        # Held: of two who ask for the same, the second finds what the first made.
        ready = Video.objects.select_for_update(no_key=True).filter(state=Video.State.READY)
        row = ready.filter(pk=video, project=project, deleted_at__isnull=True).first()
        if row is None:
            raise NotPossible("Name a video of this project that is ready.", code="no_video")
        return add(kind=kind, video=row, by=by, **fields)
    state = _ASKED_FOR.get(kind)
    if state is None:
        raise NotPossible(f"A task to {kind} follows from the work itself.", code="not_asked_for")
    rows = Masklet.objects.select_for_update(of=("self",), no_key=True).select_related("video__project")
    found = rows.filter(pk=masklet, video__project=project, state=state, deleted_at__isnull=True).first()
    if found is None:
        raise NotPossible(
            f"Name a masklet of this project that is {state.replace('_', ' ')}.", code="no_masklet"
        )
    runs = AutoRun.objects.filter(video=found.video, state__in=AutoRun.ACTIVE)
    if found.type == Masklet.Type.AUTO and found.state == Masklet.State.IN_WORK and runs.exists():
        raise NotPossible("The model is at this masklet: it is verified when it is done.", code="in_a_run")
    if found.is_gold:
        raise NotPossible("This is a gold masklet: it is a reference, and nobody's work.", code="is_gold")
    return add(kind=kind, video=found.video, masklet=found, by=by, **fields)


@transaction.atomic
def finish(*, task: Task, user: User | None, outcome: str) -> None:
    """Done, by the person who held it, or by one who did it unasked while nobody held it.

    Raises Conflict `held` when somebody else has it by now.
    """
    task = Task.objects.select_for_update(of=("self",)).select_related("holder").get(pk=task.pk)
    if task.holder_id is not None and (user is None or task.holder_id != user.pk):
        raise not_free(task)
    move(task, _S.DONE, TRANSITIONS, outcome=outcome, done_at=timezone.now(), holder=user)
    close_sessions(task)
    tell(task, _E.DONE, user, outcome)


@transaction.atomic
def cancel(rows: Iterable[Task], user: User | None, reason: str) -> None:
    """No longer wanted: its masklet or video is gone, or somebody did it in another way."""
    for task in rows:
        move(task, _S.CANCELLED, TRANSITIONS, holder=None)
        close_sessions(task)
        tell(task, _E.CANCELLED, user, reason)


def of_masklet(masklet: Masklet, kinds: Sequence[str]) -> Task | None:
    """The open task of one of these kinds on the masklet."""
    return selector.open_of([masklet.pk], kinds).select_related("project", "video", "masklet").first()


def tell(task: Task, kind: str, user: User | None, reason: str = "") -> None:
    """Write into the task's history what happened to it."""
    TaskEvent.objects.create(task=task, kind=kind, user=user, reason=reason)


def close_sessions(task: Task) -> None:
    """End the hold of whoever does the task."""
    for session in Session.objects.filter(task=task, state=Session.State.OPEN):
        sessions.close(session=session)


def not_free(task: Task) -> Conflict:
    """What to tell a person who wants a task that is not theirs to do now."""
    if task.holder is not None and task.state in (_S.CLAIMED, _S.ON_HOLD):
        return Conflict(
            f"{task.holder.username} has the task to {task.kind} this: it is theirs until they "
            "hand it in or give it back.",
            code="held",
            held_by=task.holder.username,
        )
    return Conflict(f"This task is {task.state} by now. Take the next one.", code="not_open")
