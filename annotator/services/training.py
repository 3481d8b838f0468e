"""Who works in training and who in production."""

from __future__ import annotations

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from annotator.models import Masklet, Membership, Project, Task, User
from annotator.services import claims, copies, tasks

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
    """Back to training: what they hold of production is anybody's again, with what they did on it."""
    membership = Membership.objects.select_for_update().get(pk=membership.pk)
    if membership.queue == _Queue.PRODUCTION:
        membership.queue, membership.promoted_at, membership.promoted_by = _Queue.TRAINING, None, None
        membership.save(update_fields=["queue", "promoted_at", "promoted_by"])
        take_back(membership, by)
        for task in _open(membership).filter(queue=_Queue.PRODUCTION, holder=membership.user_id):
            claims.release(task=task, user=by)
    return membership


def take_back(membership: Membership, by: User | None, *, left: bool = False) -> None:
    """Call off the work on gold that the person was given in another queue than theirs; left: all of it."""
    given = _open(membership).filter(for_user=membership.user_id, masklet__gold_of__isnull=False)
    found = list(given if left else given.exclude(queue=membership.queue))
    tasks.cancel(found, by, "left" if left else "moved")
    copies.put_away([task.masklet_id for task in found])


def _open(membership: Membership) -> QuerySet[Task]:
    return Task.objects.filter(project=membership.project_id, state__in=Task.OPEN)
