"""Whose work on a masklet a person may see at present: one rule for every answer and every event.

A session on a whole video shows all of it, as people work on it together; under a task on one masklet, that
one is shown. What is read without a session keeps to the same.
"""

from __future__ import annotations

from django.db.models import Exists, OuterRef, Q, QuerySet

from annotator.models import Masklet, Membership, Session, Task, TaskEvent, User
from annotator.permissions import ALLOWED, Act

_K, _S = Task.Kind, Task.State


def shown_to(user: User) -> QuerySet[Masklet]:
    """Masklets whose masks, prompts, signals, coverage and comments the person may see at present."""
    steered = Membership.objects.filter(
        user=user, project=OuterRef("video__project"), role__in=ALLOWED[Act.STEER]
    )
    return Masklet.objects.filter(~of_others(user) | Exists(steered), ~beside_own_work(user))


def of_others(user: User) -> Q:
    """Work on gold that was made for somebody else."""
    own = Task.objects.filter(masklet=OuterRef("pk"), for_user=user)
    return Q(~Exists(own), gold_of__isnull=False)


def beside_own_work(user: User) -> Q:
    """Masklets of a video in which the person tracks another one: it may be of the same object.

    Shown are the masklets of their other tasks, and all to whom has the whole video open.
    """
    tracked = tracked_by(user).filter(video=OuterRef("video"))
    second = Q(kind=_K.DECIDE, masklet__consensus_first__second=OuterRef("pk"))
    theirs = Task.objects.filter(_held_by(user), Q(masklet=OuterRef("pk")) | second)
    whole = Session.objects.filter(
        user=user, video=OuterRef("video"), purpose=Session.Purpose.ANNOTATE, masklet=None,
        state=Session.State.OPEN,
    )  # fmt: skip
    own = Exists(tracked.filter(masklet=OuterRef("pk")))
    return Q(Exists(tracked), ~own, ~Exists(theirs), ~Exists(whole))


def tracked_by(user: User) -> QuerySet[Task]:
    """The tasks by which the person tracks.

    Whoever could not open the video by themself is taken to track what they gave back, as long as it can be
    given to them again.
    """
    had = Exists(TaskEvent.objects.filter(task=OuterRef("pk"), user=user, kind=TaskEvent.Kind.CLAIMED))
    pulls = Q(queue=Membership.Queue.TRAINING) | Q(
        project__pull_only=True, project__memberships__user=user,
        project__memberships__role=Membership.Role.ANNOTATOR,
    )  # fmt: skip
    again = Q(had, pulls, state=_S.WAITING) & ~Q(skipped_by__contains=[user.pk])
    return Task.objects.filter(_held_by(user) | again, kind=_K.TRACK)


def _held_by(user: User) -> Q:
    return Q(holder=user, state__in=(_S.CLAIMED, _S.ON_HOLD))
