from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from annotator.models import Membership, Task, TaskEvent
from annotator.selectors import tasks as selector


class TaskMaskletShape(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    name = serializers.CharField()
    number = serializers.IntegerField()
    color = serializers.IntegerField()
    state = serializers.CharField(source="shown_state")
    type = serializers.CharField()
    version = serializers.IntegerField()


class TaskVideoShape(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    name = serializers.CharField()
    frame_count = serializers.IntegerField()
    annotated_count = serializers.SerializerMethodField()
    stride = serializers.IntegerField()

    def get_annotated_count(self, video: Any) -> int:
        return len(video.annotated_indices)


class TaskShape(serializers.ModelSerializer[Task]):
    """Takes tasks of selectors.tasks.described(). session: the open one, of the holder only.

    Nothing tells a production task on gold from any other one.
    """

    project = serializers.CharField(source="project.slug")
    video = TaskVideoShape()
    masklet = TaskMaskletShape(allow_null=True)
    holder = serializers.CharField(source="holder.username", default=None, allow_null=True)
    for_user = serializers.SerializerMethodField()
    session = serializers.SerializerMethodField()

    class Meta:
        model = Task
        fields = [
            "id", "project", "kind", "state", "queue", "priority", "skill", "video", "masklet", "holder",
            "for_user", "session", "outcome", "note", "answer_note", "held_because", "created_at", "waiting_since",
            "claimed_at", "done_at",
        ]  # fmt: skip

    def get_for_user(self, task: Task) -> str | None:
        on_gold = task.masklet is not None and task.masklet.gold_of_id is not None
        is_blind = on_gold and task.queue == Membership.Queue.PRODUCTION
        return None if task.for_user is None or is_blind else task.for_user.username

    def get_session(self, task: Task) -> int | None:
        holds = [hold for hold in task.holds if hold.user_id == task.holder_id]  # type: ignore[attr-defined]
        return holds[0].pk if holds else None


class TaskSkipShape(serializers.ModelSerializer[TaskEvent]):
    user = serializers.CharField(source="user.username")

    class Meta:
        model = TaskEvent
        fields = ["user", "reason", "at"]


class SteeredTaskShape(TaskShape):
    """The same for who steers the queue; takes tasks of selectors.tasks.with_skips(). skips: how many people
    skipped it and are not offered it again; skip_reasons: what these said."""

    skips = serializers.SerializerMethodField()
    skip_reasons = serializers.SerializerMethodField()

    class Meta(TaskShape.Meta):
        fields = [*TaskShape.Meta.fields, "skips", "skip_reasons"]

    def get_skips(self, task: Task) -> int:
        return len(task.skipped_by)

    @extend_schema_field(TaskSkipShape(many=True))
    def get_skip_reasons(self, task: Task) -> Any:
        told = [event for event in task.told_skips if event.user_id in task.skipped_by]  # type: ignore[attr-defined]
        return TaskSkipShape(told, many=True).data


class QueueShape(serializers.Serializer[Any]):
    kind = serializers.ChoiceField(Task.Kind.choices)
    waiting = serializers.IntegerField()
    oldest = serializers.DateTimeField(allow_null=True)


def tasks(pks: list[int]) -> list[dict[str, Any]]:
    """The tasks as they stand in the database now, in this order."""
    rows = {row.pk: row for row in selector.described().filter(pk__in=pks)}
    return [dict(TaskShape(rows[pk]).data) for pk in pks]
