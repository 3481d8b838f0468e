"""Two people's independent work on one object: which is the better one, and taking that back."""

from __future__ import annotations

from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from annotator.errors import Conflict, NotPossible
from annotator.models import (
    Comment,
    Consensus,
    Export,
    Masklet,
    Session,
    Task,
    TaskEvent,
    Thread,
    User,
    Verification,
)
from annotator.selectors import tasks as selector
from annotator.services import masklets, routing, tasks
from annotator.transitions import move

_S, _NOT_CHOSEN = Masklet.State, Masklet.SetAside.NOT_CHOSEN


@transaction.atomic
def decide(*, session: Session, user: User, chosen: int | None, comment: str = "") -> Consensus:
    """Name the better one of two: it goes on to be verified, the other is kept aside.

    chosen: None where neither is good: then the first is refined. comment: what is to be done about it, said
    on the masklet. Raises Conflict `decided` when it was done already.
    """
    task = session.task
    if task is None or task.kind != Task.Kind.DECIDE:
        raise Conflict("This session is for another kind of task.", code="wrong_purpose")
    pair = _locked(Consensus.objects.get(first=task.masklet_id).pk)
    if pair.decided_at is not None:
        raise Conflict("This pair is decided already. Take the next task.", code="decided")
    if chosen not in (None, pair.first_id, pair.second_id):
        raise NotPossible("Choose one of the two masklets of this task, or neither.", code="not_of_the_pair")
    if chosen is None and not comment.strip():
        raise NotPossible("Neither is good: say what is wrong with them.", code="says_nothing")
    tasks.finish(task=task, user=user, outcome="neither" if chosen is None else "chosen")
    _say(pair.first if chosen is None else _of(pair, chosen), user, comment)
    _record(pair, chosen, user)
    _aside(pair.first if chosen == pair.second_id else pair.second)
    if chosen is None:
        move(pair.first, _S.REFINE, masklets.TRANSITIONS, version=F("version") + 1)
        routing.sent_back(pair.first, user)
        masklets.announce(pair.first)
    else:
        routing.after_decision(pair, _of(pair, chosen), user)
    return pair


@transaction.atomic
def reverse(*, pair: Consensus, user: User, despite_export: bool = False) -> Consensus:
    """Choose the other one after all: it is verified next, and what was given on the first stays on record.

    Where neither was good, the other one is the second, since the first went on to be refined. despite_export:
    also where a dataset holds the first, which stays as it was exported. Raises NotPossible `not_decided`,
    Conflict `is_gold` or `in_dataset`, with the newest `export`, where something stands on the choice.
    """
    pair = _locked(pair.pk)
    if pair.decided_at is None:
        raise NotPossible("Nobody has decided here yet, so there is nothing to reverse.", code="not_decided")
    old = _of(pair, pair.chosen_id or pair.first_id)
    other = pair.second if old.pk == pair.first_id else pair.first
    _check_free(old, other)
    if not despite_export:
        _check_not_exported(old)
    if old.state not in (_S.REJECTED, _S.SET_ASIDE):  # these are out of the dataset, and why stays said
        _aside(old)  # before its tasks, as a verdict does it: two who hold each other's rows would both fail
    tasks.cancel(selector.open_of([old.pk], Task.Kind.values), user, "reversed")
    move(other, _S.SUBMITTED, masklets.TRANSITIONS, set_aside="", version=F("version") + 1)
    _record(pair, other.pk, user)
    decided = Task.objects.filter(masklet=pair.first_id, kind=Task.Kind.DECIDE).order_by("-pk").first()
    if decided is not None:
        TaskEvent.objects.create(task=decided, kind=TaskEvent.Kind.REOPENED, user=user, reason="reversed")
    routing.after_decision(pair, other, user)
    return pair


def _check_free(old: Masklet, other: Masklet) -> None:
    if old.is_gold:
        raise Conflict(
            "The one that went on is a gold masklet. Take it out of gold first, then reverse.", code="is_gold"
        )
    if other.deleted_at or other.state != _S.SET_ASIDE:
        raise NotPossible("The other one is not there any more.", code="not_there_any_more")


def _check_not_exported(masklet: Masklet) -> None:
    export = _newest_export(masklet) if masklet.state == _S.ACCEPTED else None
    if export is not None:
        holds = "holds" if export.state == Export.State.DONE else "is being written and may hold"
        raise Conflict(
            f"Export #{export.pk} {holds} the one that went on. It would stay as it is, and only later ones follow "
            "the new choice.",
            code="in_dataset",
            export=export.pk,
        )


def _newest_export(masklet: Masklet) -> Export | None:
    """The last one that the masklet is in, or may come to be."""
    accepted = Verification.objects.filter(masklet=masklet, verdict=Verification.Verdict.SATISFACTORY)
    since = accepted.order_by("-pk").values_list("created_at", flat=True).first()
    going_on = Q(state__in=(Export.State.QUEUED, Export.State.RUNNING))
    with_it = going_on if since is None else going_on | Q(state=Export.State.DONE, finished_at__gte=since)
    return Export.objects.filter(with_it, project=masklet.video.project_id).order_by("-pk").first()


def _locked(pk: int) -> Consensus:
    rows = Consensus.objects.select_for_update(of=("self",))
    return rows.select_related("first__video__project", "second__video__project").get(pk=pk)


def _of(pair: Consensus, masklet: int) -> Masklet:
    return pair.first if masklet == pair.first_id else pair.second


def _record(pair: Consensus, chosen: int | None, user: User) -> None:
    pair.chosen_id, pair.decided_by, pair.decided_at = chosen, user, timezone.now()
    pair.save(update_fields=["chosen", "decided_by", "decided_at"])


def _aside(masklet: Masklet) -> None:
    masklets.put_aside(masklet, _NOT_CHOSEN, version=F("version") + 1)
    masklets.announce(masklet)


def _say(masklet: Masklet, user: User, comment: str) -> None:
    if comment.strip():
        thread = Thread.objects.create(video=masklet.video, masklet=masklet, created_by=user)
        Comment.objects.create(thread=thread, user=user, text=comment)
