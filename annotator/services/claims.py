"""Who does which task: the next one of the queue, this very one, back to the queue."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from annotator.errors import Conflict, IllegalTransition, NotAllowed, NotPossible
from annotator.models import Masklet, Membership, Project, Session, Task, TaskEvent, User
from annotator.permissions import ALLOWED, Act, check_role, membership_of, require
from annotator.selectors import tasks as selector
from annotator.selectors.verifications import JUDGING
from annotator.services import copies, sessions, tasks
from annotator.services.chance import place
from annotator.transitions import move

MOST_HELD = 20

_K, _S, _E = Task.Kind, Task.State, TaskEvent.Kind
ACTS: Mapping[str, Act] = {
    _K.REFINE: Act.ANNOTATE,
    _K.TRACK: Act.ANNOTATE,
    _K.SELECT: Act.ANNOTATE,
    _K.EXHAUST: Act.ANNOTATE,
    _K.DECIDE: Act.VERIFY,
    _K.AUDIT: Act.VERIFY,
    _K.VERIFY: Act.VERIFY,
}
DOERS = [f"{kind}/{role}" for kind, act in ACTS.items() for role in sorted(ALLOWED[act])]


@transaction.atomic
def claim_next(*, user: User, project: Project, kinds: Sequence[str] = (), most: int = 1) -> list[Task]:
    """Up to `most` tasks that are this person's to do next, each with an open session; none when none waits.

    kinds: only these; a kind that the person's role does not reach is refused.
    """
    # Held, as by who sends them to train: what they take is theirs to do, and two tabs take in turn.
    membership = membership_of(user, project, held=True)
    kinds = reachable(membership, kinds)
    held = Task.objects.filter(project=project, holder=user, state=_S.CLAIMED).count()
    if held + most > MOST_HELD:
        raise Conflict(
            f"You hold {held} tasks already. Finish or give back some of them first.", code="too_many_held"
        )
    claimed: list[Task] = []
    while len(claimed) < most and (task := _next(membership, kinds)):
        claimed.append(_take(task, user))
    return claimed


@transaction.atomic
def claim(*, user: User, task: Task) -> Task:
    """This very task, new, taken up again from hold, or the person's own already.

    Raises NotAllowed `own_work` when they did an earlier stage of it; when it is new to them and they do not
    manage, `by_tasks_only` where work comes from the queue and `lacks_skill`; Conflict `held` when somebody has it.
    """
    membership = membership_of(user, task.project, held=True)
    check_role(membership.role, ACTS[task.kind])
    task = Task.objects.select_for_update(of=("self",)).select_related("project").get(pk=task.pk)
    sessions.check_trained(user, task.project, task.queue)
    if task.for_user_id not in (None, user.pk):
        if task.holder_id is not None:  # as of any that somebody has, so that blind gold is not told by it
            raise tasks.not_free(task)
        raise NotAllowed("This task is for somebody else.", code="not_yours")
    if task.project.independent_review and user.pk in task.workers:
        raise _own_work()
    if task.holder_id == user.pk and task.state == _S.CLAIMED:
        sessions.open_for_task(user=user, task=task)
        return task
    if task.state == _S.ON_HOLD and task.holder_id == user.pk:
        return _take(task, user)
    if task.state != _S.WAITING:
        raise tasks.not_free(task)
    if _is_second_look(task, user):
        raise NotAllowed("You track this object already: somebody else does it as well.", code="own_work")
    is_choice = task.for_user is None and not selector.had(task, user)
    if is_choice and membership.role not in ALLOWED[Act.STEER]:
        _check_choice(task, membership)
    return _take(task, user)


def take_up(masklet: Masklet, user: User, *, is_work: bool) -> None:
    """Have this person hold what the queue asks for on a masklet whose row the caller holds, if anything.

    is_work: False leaves what waits where it is, held until commit. Raises Conflict `held` while somebody
    else has it, and what `claim` raises.
    """
    choosing = selector.selecting(masklet)
    task = choosing or _open_for_work(masklet)
    if task is None or (choosing and choosing.holder_id == user.pk):
        return
    if task.holder is not None and task.holder_id != user.pk:
        raise tasks.not_free(task)
    if is_work:
        claim(user=user, task=task)


def open_verifying(*, user: User, masklet: Masklet) -> Session:
    """The person's session to judge the masklet in, by whichever task to do so is open."""
    require(user, masklet.video.project, Act.VERIFY)
    if masklet.gold_of_id is not None:
        raise _own_work()  # as of any other that they handed in
    task = tasks.of_masklet(masklet, JUDGING)
    if task is None or masklet.deleted_at:
        raise IllegalTransition(
            f"This masklet is {masklet.state.replace('_', ' ')}: no verdict is asked for.",
            state=masklet.state,
        )
    claim(user=user, task=task)
    return Session.objects.get(task=task, state=Session.State.OPEN)


@transaction.atomic
def skip(*, task: Task, user: User, reason: str) -> None:
    """Back to the queue, and never again to this person. What they did stays."""
    if not reason.strip():
        raise NotPossible("Say why you skip it: the manager reads the reasons.", code="says_nothing")
    task = _held(task, user)
    Task.objects.filter(pk=task.pk).update(skipped_by=sorted({*task.skipped_by, user.pk}))
    _return(task, _E.SKIPPED, user, reason)
    if copies.put_away([task.masklet_id]):  # nobody else may do what was made for this person
        tasks.cancel([task], user, reason)


@transaction.atomic
def give_back(*, task: Task, user: User) -> None:
    """Back to the queue, for anybody. What was done stays."""
    _return(_held(task, user), _E.GIVEN_BACK, user)


@transaction.atomic
def hold(*, task: Task, user: User, reason: str) -> None:
    """Keep the task for this person, without a lease, until they take it up or a manager releases it.

    reason: stays on the task as long as it is theirs.
    """
    task = _held(task, user)
    move(task, _S.ON_HOLD, tasks.TRANSITIONS, held_because=reason)
    tasks.close_sessions(task)
    tasks.tell(task, _E.HELD, user, reason)


@transaction.atomic
def release(*, task: Task, user: User | None) -> None:
    """Back to the queue by a manager's word, whoever holds it; one that waits is offered again to all who
    skipped it. Raises NotPossible `nobody_skipped` where that changes nothing."""
    if task.state != _S.WAITING:
        _return(task, _E.RELEASED, user)
        return
    if not Task.objects.filter(pk=task.pk, state=_S.WAITING).exclude(skipped_by=[]).update(skipped_by=[]):
        raise NotPossible("This task waits, and nobody has skipped it.", code="nobody_skipped")
    tasks.tell(task, _E.RELEASED, user)


@transaction.atomic
def call_off(*, task: Task, user: User) -> None:
    """Asked for by mistake, says a manager of a task on a whole video that waits, and in which nothing was begun.

    Raises NotPossible `not_asked_for` on a masklet, where work would be left without what follows it, and
    `begun`; Conflict `held`, `not_open`.
    """
    task = Task.objects.select_for_update(of=("self",)).select_related("holder").get(pk=task.pk)
    if task.masklet_id is not None:
        raise NotPossible(f"The task to {task.kind} this masklet cannot be called off.", code="not_asked_for")
    if task.state != _S.WAITING:
        raise tasks.not_free(task)
    if selector.begun_in(task).exists():
        raise NotPossible("Objects were begun in this selection: have it finished.", code="begun")
    tasks.cancel([task], user, "called off")


def return_lapsed() -> None:
    """Give tasks back to the queue whose holder has gone. What was done stays."""
    late = Session.objects.filter(
        state=Session.State.OPEN, task__isnull=False, lease_until__lt=timezone.now()
    )
    for session in late.select_related("task", "user")[:500]:
        with transaction.atomic():
            # The task before its session, as wherever both are.
            task = Task.objects.select_for_update(of=("self",)).get(sessions=session)
            if sessions.take_if_lapsed(session):
                _return(task, _E.LAPSED, session.user)


def waiting(membership: Membership) -> list[dict[str, Any]]:
    """For each kind that the person's role does: how many tasks they can pull, and since when the oldest waits,
    to the second. Gold that they will be given blindly counts as any other task."""
    rows = selector.queues(membership, reachable(membership))
    for row in rows:
        row["oldest"] = row["oldest"] and row["oldest"].replace(microsecond=0)
        if row["kind"] == _K.TRACK and membership.queue == Membership.Queue.PRODUCTION:
            row["waiting"] += copies.gold_between(membership, row["waiting"])
    return rows


def reachable(membership: Membership, kinds: Sequence[str] = ()) -> list[str]:
    """The kinds of task that the person's role does, of those asked for, in the order they are served.

    Raises NotAllowed when one that was asked for is out of reach.
    """
    reach = [kind for kind, act in ACTS.items() if membership.role in ALLOWED[act]]
    refused = sorted(set(kinds) - set(reach))
    if refused:
        raise NotAllowed(
            f"Your role in this project ({membership.role}) does not do {' or '.join(refused)}.",
            role=membership.role,
        )
    return [kind for kind in reach if kind in kinds] if kinds else reach


def _next(membership: Membership, kinds: Sequence[str]) -> Task | None:
    if membership.queue == Membership.Queue.TRAINING and _K.TRACK in kinds:
        _train(membership)
    pk = selector.lock_next(membership, kinds)
    if pk is None:
        return None
    task = Task.objects.get(pk=pk)
    task.project = membership.project
    if _is_second_look(task, membership.user):
        Task.objects.filter(pk=pk).update(workers=sorted({*task.workers, membership.user_id}))
        return _next(membership, kinds)
    gives_way = (
        task.kind == _K.TRACK and task.queue == Membership.Queue.PRODUCTION and task.for_user_id is None
    )
    gold = copies.gold_drawn(membership) if gives_way else None
    return task if gold is None else _blind(gold, membership, task)


def _check_choice(task: Task, membership: Membership) -> None:
    if task.project.pull_only:
        raise NotAllowed(
            "In this project work comes from the queue: take the next task.", code="by_tasks_only"
        )
    if task.skill and task.skill not in membership.skills:
        raise NotAllowed(
            f"This task asks for “{task.skill}”, which is not among your skills in this project. Take another one, "
            "or ask a manager to add it.",
            code="lacks_skill",
        )


def _is_second_look(task: Task, user: User) -> bool:
    is_asked = task.kind == _K.TRACK and task.project.independent_review
    return is_asked and selector.tracks_twin(task, user)


def _train(membership: Membership) -> None:
    """Have a training task wait for this person, as long as there is gold that is new to them."""
    theirs: dict[str, Any] = {"queue": Membership.Queue.TRAINING, "for_user": membership.user}
    if Task.objects.filter(**theirs, project=membership.project_id, state=_S.WAITING).exists():
        return
    if gold := copies.gold_for(membership.user, membership.project_id):
        copy = copies.copy_of_selection(gold, gold_of=gold)
        tasks.add(kind=_K.TRACK, video=gold.video, masklet=copy, **theirs)


def _blind(gold: Masklet, membership: Membership, like: Task) -> Task:
    """A task on gold that looks as if it had waited in the place of the one that was next, just before it: no
    two were made in the same microsecond."""
    copy = copies.copy_of_selection(gold, gold_of=gold)
    before = timedelta(microseconds=place(f"gold time/{copy.pk}") % (like.waiting_since.microsecond + 1))
    task = tasks.add(
        kind=_K.TRACK, video=gold.video, masklet=copy, for_user=membership.user, priority=like.priority,
        skill=like.skill,
    )  # fmt: skip
    made, since = like.created_at - before, like.waiting_since - before
    Task.objects.filter(pk=task.pk).update(created_at=made, waiting_since=since)
    return task


def _open_for_work(masklet: Masklet) -> Task | None:
    rows = selector.open_of([masklet.pk], (_K.TRACK, _K.REFINE)).select_related("project", "holder")
    return rows.select_for_update(of=("self",)).first()


def _held(task: Task, user: User) -> Task:
    task = Task.objects.select_for_update(of=("self",)).get(pk=task.pk)
    if task.holder_id != user.pk or task.state not in (_S.CLAIMED, _S.ON_HOLD):
        raise Conflict(
            "You do not hold this task any more; what you did on it is kept. Take the next one.",
            code="not_held",
        )
    return task


def _own_work() -> NotAllowed:
    return NotAllowed("You worked on this masklet yourself: somebody else must do this.", code="own_work")


def _take(task: Task, user: User) -> Task:
    move(task, _S.CLAIMED, tasks.TRANSITIONS, holder=user, claimed_at=timezone.now())
    sessions.open_for_task(user=user, task=task)
    tasks.tell(task, _E.CLAIMED, user)
    return task


def _return(task: Task, kind: str, user: User | None, reason: str = "") -> None:
    move(task, _S.WAITING, tasks.TRANSITIONS, holder=None, claimed_at=None, held_because="")
    tasks.close_sessions(task)
    tasks.tell(task, kind, user, reason)
