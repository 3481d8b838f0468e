"""Who works in training and who in production."""

from __future__ import annotations

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from annotator.errors import NotPossible
from annotator.models import Masklet, Membership, Project, Task, User
from annotator.permissions import ALLOWED, Act
from annotator.services import claims, copies, sessions

_Queue = Membership.Queue


def first_queue(project: Project, role: str) -> str:
    """The queue that a new member begins in: an annotator trains where there is gold to train on."""
    gold = Masklet.objects.filter(is_gold=True, video__project=project, deleted_at__isnull=True)
    trains = role == Membership.Role.ANNOTATOR and gold.exists()
    return _Queue.TRAINING if trains else _Queue.PRODUCTION


@transaction.atomic
def promote(*, membership: Membership, by: User) -> Membership:
    """Have the person served from production; what they had left to train on is taken back."""
    membership = Membership.objects.select_for_update().get(pk=membership.pk)
    if membership.queue == _Queue.TRAINING:
        membership.queue = _Queue.PRODUCTION
        membership.promoted_at, membership.promoted_by = timezone.now(), by
        membership.save(update_fields=["queue", "promoted_at", "promoted_by"])
        take_back(membership, by)
    return membership


@transaction.atomic
def demote(*, membership: Membership, by: User) -> Membership:
    """Back to training: what they hold of production is anybody's again, with what they did on it.

    Raises NotPossible `does_not_train` of a reviewer, who would be served nothing there.
    """
    if membership.role == Membership.Role.REVIEWER:
        raise NotPossible("Reviewers label nothing, so there is nothing to train on.", code="does_not_train")
    membership = Membership.objects.select_for_update().get(pk=membership.pk)
    if membership.queue == _Queue.PRODUCTION:
        membership.queue, membership.promoted_at, membership.promoted_by = _Queue.TRAINING, None, None
        membership.save(update_fields=["queue", "promoted_at", "promoted_by"])
        take_back(membership, by)
    return membership


def take_back(membership: Membership, by: User | None, *, left: bool = False) -> None:
    """What the person has and is no more theirs to do, in their present queue and role, is anybody's again:
    tasks, also on hold, videos they annotate freely, and work on gold, which nobody else goes on with.

    left: they are no member any more, and nothing is theirs.
    """
    theirs = Task.objects.filter(project=membership.project_id, state__in=Task.OPEN)
    lost = theirs if left else theirs.exclude(queue=membership.queue, kind__in=claims.reachable(membership))
    copies.call_off(
        lost.filter(for_user=membership.user_id, masklet__gold_of__isnull=False),
        by,
        "left" if left else "moved",
    )
    for task in lost.filter(holder=membership.user_id).select_for_update(of=("self",)):
        claims.release(task=task, user=by)
    is_free = not left and membership.queue == _Queue.PRODUCTION and membership.role in ALLOWED[Act.ANNOTATE]
    if not is_free:
        sessions.close_free(Q(video__project=membership.project_id, user=membership.user_id))
