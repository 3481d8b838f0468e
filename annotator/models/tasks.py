from __future__ import annotations

from typing import TypeAlias

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from annotator.models.constraints import known
from annotator.models.masklets import Masklet
from annotator.models.projects import Project, Queue
from annotator.models.users import User
from annotator.models.videos import Video


class TaskKind(models.TextChoices):
    SELECT = "select"
    TRACK = "track"
    REFINE = "refine"
    VERIFY = "verify"
    AUDIT = "audit"
    DECIDE = "decide"
    EXHAUST = "exhaust"


class TaskState(models.TextChoices):
    WAITING = "waiting"
    CLAIMED = "claimed"
    ON_HOLD = "on_hold"
    DONE = "done"
    CANCELLED = "cancelled"


class Task(models.Model):
    """One piece of work for one person: on a masklet, or on a whole video (select, exhaust).

    A claimed task has an open session, whose lease is the task's. workers: people who did an earlier
    stage of it, none of whom may take it while the project asks for independence. for_user: nobody else
    may take it. decide: which of two masklets that were tracked independently is the better one.
    exhaust: whether anything is left to annotate in the video. suspicion: the masklet's, when the task was
    made. outcome: what the work came to. note: what others say to whoever does it. answer_note: of exhaust,
    what its holder says with their answer. held_because: why its holder put it on hold, until they let go of it.
    """

    Kind: TypeAlias = TaskKind
    State: TypeAlias = TaskState

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="tasks", db_index=False)
    video = models.ForeignKey(Video, on_delete=models.CASCADE, related_name="tasks")
    masklet = models.ForeignKey(Masklet, on_delete=models.CASCADE, null=True, related_name="tasks")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    queue = models.CharField(max_length=10, choices=Queue.choices, default=Queue.PRODUCTION)
    priority = models.SmallIntegerField(default=0)
    suspicion = models.FloatField(null=True)
    skill = models.CharField(max_length=50, blank=True)
    for_user = models.ForeignKey(User, on_delete=models.CASCADE, null=True, related_name="+")
    holder = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="tasks")
    workers = ArrayField(models.IntegerField(), default=list)
    skipped_by = ArrayField(models.IntegerField(), default=list)
    outcome = models.CharField(max_length=20, blank=True)
    note = models.TextField(blank=True)
    answer_note = models.TextField(blank=True)
    held_because = models.TextField(blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    waiting_since = models.DateTimeField(auto_now_add=True)
    claimed_at = models.DateTimeField(null=True)
    done_at = models.DateTimeField(null=True)

    OPEN = (State.WAITING, State.CLAIMED, State.ON_HOLD)

    class Meta:
        constraints = [
            known("kind", TaskKind, "task_known_kind"),
            known("state", TaskState, "task_known_state"),
            known("queue", Queue, "task_known_queue"),
            models.CheckConstraint(
                condition=Q(kind__in=["select", "exhaust"], masklet__isnull=True)
                | Q(kind__in=["track", "refine", "verify", "audit", "decide"], masklet__isnull=False),
                name="task_masklet_fits_kind",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["claimed", "on_hold"], holder__isnull=False)
                | Q(state__in=["waiting", "cancelled"], holder__isnull=True)
                | Q(state="done"),
                name="task_held_by_someone",
            ),
            models.CheckConstraint(
                condition=Q(state="done", done_at__isnull=False) | ~Q(state="done"),
                name="task_done_at_some_time",
            ),
            models.UniqueConstraint(
                fields=["masklet", "kind"],
                condition=Q(state__in=["waiting", "claimed", "on_hold"]),
                name="task_one_open_of_a_kind",
            ),
            models.UniqueConstraint(
                fields=["video", "kind"],
                condition=Q(state__in=["waiting", "claimed", "on_hold"], masklet__isnull=True),
                name="task_one_open_of_a_kind_on_a_video",
            ),
        ]
        indexes = [
            models.Index(
                F("project"),
                F("queue"),
                F("kind"),
                F("priority").desc(),
                F("waiting_since"),
                F("id"),
                condition=Q(state="waiting"),
                name="task_waiting",
            ),
            models.Index(fields=["holder"], condition=Q(state__in=["claimed", "on_hold"]), name="task_held"),
            models.Index(
                fields=["project", "kind", "done_at"],
                include=["holder", "outcome"],
                condition=Q(state="done"),
                name="task_done",
            ),
            # What lists count and pass over is read from these alone.
            models.Index(
                fields=["project", "-id"], include=["kind", "state", "queue"], name="task_of_project"
            ),
            models.Index(
                fields=["project", "waiting_since", "id"],
                include=["kind", "state", "priority", "for_user"],
                condition=Q(state__in=["waiting", "claimed", "on_hold"]),
                name="task_open",
            ),
            models.Index(
                F("project"),
                F("suspicion").desc(nulls_last=True),
                F("waiting_since"),
                F("id"),
                include=["kind", "state", "for_user"],
                condition=Q(
                    state__in=["waiting", "claimed", "on_hold"], kind__in=["verify", "audit", "decide"]
                ),
                name="task_suspected",
            ),
            models.Index(fields=["video", "kind", "state"], name="task_of_video"),
        ]


class TaskEventKind(models.TextChoices):
    CREATED = "created"
    CLAIMED = "claimed"
    LAPSED = "lapsed"
    SKIPPED = "skipped"
    GIVEN_BACK = "given_back"
    HELD = "held"
    RELEASED = "released"
    DONE = "done"
    CANCELLED = "cancelled"
    REOPENED = "reopened"


class TaskEvent(models.Model):
    """What happened to a task, when, and by whom; null is the engine itself."""

    Kind: TypeAlias = TaskEventKind

    task = models.ForeignKey(Task, on_delete=models.CASCADE, related_name="events")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    user = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    reason = models.TextField(blank=True)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [known("kind", TaskEventKind, "task_event_known_kind")]
