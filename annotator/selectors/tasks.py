"""The queue: what waits for whom, and who holds what."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain
from typing import Any

from django.db import connection
from django.db.models import BooleanField, Count, Min, Prefetch, Q, QuerySet
from django.db.models.expressions import RawSQL
from django.db.models.functions import Coalesce

from annotator.models import (
    Change,
    Consensus,
    Masklet,
    Membership,
    Project,
    Session,
    Task,
    TaskEvent,
    User,
)
from annotator.selectors import gold

# Each kind's best row is one step into the index task_waiting; only these few are compared.
_NEXT = """
SELECT best.id
FROM unnest(%(kinds)s::text[]) WITH ORDINALITY AS wanted(kind, place)
CROSS JOIN LATERAL (
    SELECT id, priority, waiting_since FROM annotator_task
    WHERE project_id = %(project)s AND queue = %(queue)s AND kind = wanted.kind AND state = 'waiting'
        AND (for_user_id IS NULL OR for_user_id = %(user)s)
        AND (skill = '' OR skill = ANY(%(skills)s))
        AND NOT %(user)s = ANY(skipped_by)
        AND NOT (%(independent)s AND %(user)s = ANY(workers))
    ORDER BY priority DESC, waiting_since, id
    LIMIT 1 FOR UPDATE SKIP LOCKED
) AS best
ORDER BY best.priority DESC, wanted.place
LIMIT 1
"""

# What TaskShape tells: the rows beside the task are wide, and the next task is asked for all the time.
_SHOWN = (
    *(field.attname for field in Task._meta.concrete_fields), "project__slug", "holder__username",
    "for_user__username", "video__name", "video__frame_count", "video__stride", "masklet__name",
    "masklet__number", "masklet__color", "masklet__state", "masklet__type", "masklet__version",
    "masklet__gold_of",
)  # fmt: skip

_STARVING = """
NOT EXISTS(
    SELECT FROM annotator_membership m JOIN annotator_user u ON u.id = m.user_id AND u.is_active
    -- Looked up by kind and queue: of all who do the kind the first one mostly settles it.
    JOIN unnest(%s::text[]) AS doer ON split_part(doer, '/', 2) = m.role
    WHERE m.project_id = %s AND m.queue = annotator_task.queue AND split_part(doer, '/', 1) = annotator_task.kind
        AND (annotator_task.for_user_id IS NULL OR annotator_task.for_user_id = m.user_id)
        AND (annotator_task.skill = '' OR annotator_task.skill = ANY(m.skills))
        AND NOT m.user_id = ANY(annotator_task.skipped_by)
        AND NOT (%s AND m.user_id = ANY(annotator_task.workers))
)
"""


def lock_next(membership: Membership, kinds: Sequence[str]) -> int | None:
    """The waiting task that this person is to do next, its row locked until commit.

    By priority; among equals in the order of kinds, and then the one that has waited longest. Tasks
    that ask for a skill the person lacks, that they skipped, or whose earlier stages they did are not theirs.
    """
    wanted: dict[str, Any] = {
        "kinds": list(kinds),
        "project": membership.project_id,
        "queue": membership.queue,
        "user": membership.user_id,
        "skills": membership.skills,
        "independent": membership.project.independent_review,
    }
    with connection.cursor() as cursor:
        cursor.execute(_NEXT, wanted)
        row = cursor.fetchone()
    return row[0] if row else None


def described() -> QuerySet[Task]:
    """Tasks with their video, masklet, holder and open session, ready for TaskShape."""
    held = Session.objects.filter(state=Session.State.OPEN)
    rows = Task.objects.select_related("project", "video", "masklet", "holder", "for_user").only(*_SHOWN)
    return rows.prefetch_related(Prefetch("sessions", held, to_attr="holds"))


def in_project(project: Project, **filters: Any) -> QuerySet[Task]:
    """A project's tasks, newest first. filters: columns of Task, those that are empty left out."""
    wanted = {name: value for name, value in filters.items() if value not in (None, "")}
    return described().filter(project=project, **wanted).order_by("-id")


def with_skips(rows: QuerySet[Task]) -> QuerySet[Task]:
    """The same with who skipped them and why, the first one first, ready for SteeredTaskShape."""
    skips = TaskEvent.objects.filter(kind=TaskEvent.Kind.SKIPPED).select_related("user").order_by("pk")
    return rows.prefetch_related(Prefetch("events", skips, to_attr="told_skips"))


def starving(project: Project, rows: QuerySet[Task], doers: Sequence[str]) -> QuerySet[Task]:
    """Of these tasks of the project those that wait and that the queue offers to nobody: whoever does their
    kind took part in an earlier stage, skipped them, lacks the skill or is in the other queue. Oldest first.

    doers: who does what, as "kind/role".
    """
    found = RawSQL(_STARVING, (list(doers), project.pk, project.independent_review), BooleanField())  # noqa: S611 - a constant
    return rows.filter(found, state=Task.State.WAITING).order_by("waiting_since", "id")


def tracks_twin(task: Task, user: User) -> bool:
    """Whether the person tracks, or tracked, the other masklet of the task's object. The pair's row is held,
    so that of two tasks that are taken at once the second knows of the first."""
    mine = Q(first=task.masklet_id) | Q(second=task.masklet_id)
    pair = Consensus.objects.select_for_update(no_key=True).filter(mine).first()
    if pair is None:
        return False
    twin = pair.second_id if pair.first_id == task.masklet_id else pair.first_id
    held = Task.objects.filter(masklet=twin, kind=Task.Kind.TRACK, holder=user)
    return held.exists() or Change.objects.filter(masklet=twin, user=user).exists()


def held_by(user: User, project: Project) -> QuerySet[Task]:
    """What the person has claimed or put on hold, oldest first."""
    rows = described().filter(
        project=project, holder=user, state__in=(Task.State.CLAIMED, Task.State.ON_HOLD)
    )
    return rows.order_by("claimed_at", "id")


def queues(membership: Membership, kinds: Sequence[str]) -> list[dict[str, Any]]:
    """For each kind: how many tasks wait for this person, and since when the oldest does."""
    user = membership.user_id
    mine = Q(for_user=None) | Q(for_user=user)
    mine &= Q(skill="") | Q(skill__in=membership.skills)
    mine &= ~Q(skipped_by__contains=[user])
    if membership.project.independent_review:
        mine &= ~Q(workers__contains=[user])
    rows = Task.objects.filter(
        mine, project=membership.project_id, queue=membership.queue, state=Task.State.WAITING, kind__in=kinds
    )
    found: dict[str, dict[str, Any]] = {
        row["kind"]: dict(row)
        for row in rows.order_by().values("kind").annotate(waiting=Count("pk"), oldest=Min("waiting_since"))
    }
    listed = [found.get(kind, {"kind": kind, "waiting": 0, "oldest": None}) for kind in kinds]
    if membership.queue == Membership.Queue.TRAINING:  # its tasks are made when they are asked for
        new = gold.new_to(user, membership.project_id).count()
        return [{**row, "waiting": row["waiting"] + new * (row["kind"] == Task.Kind.TRACK)} for row in listed]
    return listed


def people_of(masklet: Masklet, *, judges: bool = False) -> list[int]:
    """Ids of everybody who made, tracked or changed the masklet, or chose between it and its twin; judges: or
    gave a verdict on it."""
    rows = Masklet.objects.filter(pk=masklet.pk)
    found = {
        *rows.values_list("created_by", flat=True),
        *rows.values_list("tracked_by", flat=True),
        *rows.values_list("changes__user", flat=True),
        *chain(*rows.values_list("consensus_first__decided_by", "consensus_second__decided_by")),
        *(rows.values_list("verifications__reviewer", flat=True) if judges else ()),
    }
    return sorted(pk for pk in found if pk is not None)


def open_of(masklets: Sequence[int], kinds: Sequence[str]) -> QuerySet[Task]:
    """Tasks of these kinds on any of the masklets that are not done."""
    return Task.objects.filter(masklet__in=masklets, kind__in=kinds, state__in=Task.OPEN)


def over(masklets: Sequence[int]) -> list[Task]:
    """What was asked for on these masklets and is done or called off, the newest first."""
    rows = Task.objects.filter(masklet__in=masklets).exclude(state__in=Task.OPEN)
    newest = Coalesce("done_at", "created_at").desc()
    return list(rows.select_related("project", "masklet").order_by(newest, "-pk"))


def had(task: Task, user: User) -> bool:
    """Whether the person has held the task before."""
    return TaskEvent.objects.filter(task=task, user=user, kind=TaskEvent.Kind.CLAIMED).exists()


def selecting(masklet: Masklet) -> Task | None:
    """The selection in which the masklet is being chosen at present, by who holds it."""
    if masklet.tasks.exists():
        return None
    rows = Task.objects.filter(
        video=masklet.video_id, kind=Task.Kind.SELECT, state__in=(Task.State.CLAIMED, Task.State.ON_HOLD),
        holder=masklet.created_by_id, created_at__lte=masklet.created_at,
    )  # fmt: skip
    return rows.select_related("holder").first()


def shown_masklets(task: Task) -> list[int]:
    """The masklets that the task's page shows: its own; for decide the pair; to find what is missing, every
    object that somebody has or had, where it was tracked twice once. An auto masklet counts when it is accepted."""
    if task.kind == Task.Kind.DECIDE:
        pair = task.masklet.consensus_first if task.masklet else None
        return [pair.first_id, pair.second_id] if pair else []
    if task.masklet_id is not None:
        return [task.masklet_id]
    # Also what was rejected or too easy: it would be chosen anew, and go the same way.
    seen = Q(state=Masklet.State.ACCEPTED) | Q(type=Masklet.Type.MANUAL)
    rows = Masklet.objects.filter(seen, video=task.video_id, gold_of=None, deleted_at__isnull=True)
    shown = dict(rows.exclude(set_aside=Masklet.SetAside.NOT_CHOSEN).values_list("pk", "state"))
    pairs = Consensus.objects.filter(first__in=shown, second__in=shown)
    for first, second in pairs.values_list("first", "second"):
        del shown[
            first if shown[first] in Masklet.LEFT_OUT and shown[second] not in Masklet.LEFT_OUT else second
        ]
    return list(shown)


def begun_in(task: Task) -> QuerySet[Masklet]:
    """What was begun in this selection, by whoever held it, and does not go on to be tracked yet."""
    holders = TaskEvent.objects.filter(task=task, kind=TaskEvent.Kind.CLAIMED).values("user")
    return Masklet.objects.filter(
        video=task.video_id, created_by__in=holders, state=Masklet.State.IN_WORK, type=Masklet.Type.MANUAL,
        tasks__isnull=True, gold_of=None, deleted_at__isnull=True, created_at__gte=task.created_at,
    )  # fmt: skip
