"""The queue: the next piece of work, what one holds, and what a manager makes and releases."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.response import Response
from rest_framework.views import APIView

from annotator.api.base import (
    ListView,
    Request,
    asked,
    body,
    masklet_for,
    project_for,
    project_named,
    task_for,
)
from annotator.models import Membership, Task
from annotator.permissions import Act, membership_of
from annotator.selectors import tasks as selector
from annotator.selectors.verifications import ORDERS
from annotator.services import claims, masklets, tasks
from annotator.shapes import tasks as shapes
from annotator.shapes.tasks import QueueShape, SteeredTaskShape, TaskShape

_OPEN = "open"  # asked for as a state: all that are not over


class NextBody(serializers.Serializer):
    kinds = serializers.ListField(
        child=serializers.ChoiceField(Task.Kind.choices), required=False, default=list
    )
    most = serializers.IntegerField(min_value=1, max_value=claims.MOST_HELD, required=False, default=1)


class AskedBody(serializers.Serializer):
    priority = serializers.IntegerField(min_value=-100, max_value=100, required=False, default=0)
    skill = serializers.CharField(max_length=50, required=False, allow_blank=True, default="")
    note = serializers.CharField(max_length=5000, required=False, allow_blank=True, default="")


class NewTask(AskedBody):
    kind = serializers.ChoiceField(Task.Kind.choices)
    video = serializers.IntegerField(required=False, default=0)
    masklet = serializers.IntegerField(required=False, default=0)


class TaskEdit(serializers.Serializer):
    priority = serializers.IntegerField(min_value=-100, max_value=100, required=False)
    skill = serializers.CharField(max_length=50, required=False, allow_blank=True)


class ReasonBody(serializers.Serializer):
    reason = serializers.CharField(max_length=2000, required=False, allow_blank=True, default="")


class ClaimedShape(serializers.Serializer):
    tasks = TaskShape(many=True)


class MineShape(serializers.Serializer):
    queue = serializers.ChoiceField(Membership.Queue.choices)
    queues = QueueShape(many=True)
    held = TaskShape(many=True)
    others = serializers.IntegerField(allow_null=True)


class TasksForm(serializers.Serializer):
    kind = serializers.ChoiceField(Task.Kind.choices, required=False)
    state = serializers.ChoiceField([*Task.State.values, _OPEN], required=False)
    video = serializers.IntegerField(required=False)
    masklet = serializers.IntegerField(required=False)
    holder = serializers.CharField(required=False, source="holder__username")
    queue = serializers.ChoiceField(Membership.Queue.choices, required=False)
    skill = serializers.CharField(required=False)
    order = serializers.ChoiceField(list(ORDERS), required=False)
    starving = serializers.BooleanField(required=False)


@extend_schema(parameters=[TasksForm])
class TasksView(ListView):
    serializer_class = SteeredTaskShape
    queryset = Task.objects.none()

    def get_queryset(self):  # type: ignore[no-untyped-def]
        project = project_for(self.request, self.kwargs["slug"], Act.STEER)
        wanted = asked(TasksForm, self.request)
        order, starving = wanted.pop("order", ""), wanted.pop("starving", False)
        if wanted.get("state") == _OPEN:
            wanted["state__in"] = Task.OPEN
            del wanted["state"]
        rows = selector.with_skips(selector.in_project(project, **wanted))
        if order:
            rows = rows.order_by(ORDERS[order], "waiting_since", "pk")
        return selector.starving(project, rows, claims.DOERS) if starving else rows

    @extend_schema(request=NewTask, responses={201: TaskShape})
    def post(self, request: Request, slug: str) -> Response:
        project = project_for(request, slug, Act.STEER)
        task = tasks.make(project=project, by=request.user, **body(NewTask, request))
        return Response(shapes.tasks([task.pk])[0], status=201)


class ReopenView(APIView):
    @extend_schema(request=AskedBody, responses={201: TaskShape})
    def post(self, request: Request, masklet_id: int) -> Response:
        masklet = masklet_for(request, masklet_id, Act.STEER)
        task = masklets.reopen(masklet=masklet, user=request.user, **body(AskedBody, request))
        return Response(shapes.tasks([task.pk])[0], status=201)


class NextView(APIView):
    @extend_schema(request=NextBody, responses={200: ClaimedShape})
    def post(self, request: Request, slug: str) -> Response:
        project = project_named(slug)
        claimed = claims.claim_next(user=request.user, project=project, **body(NextBody, request))
        return Response({"tasks": shapes.tasks([task.pk for task in claimed])})


class MineView(APIView):
    @extend_schema(responses=MineShape)
    def get(self, request: Request, slug: str) -> Response:
        project = project_named(slug)
        membership = membership_of(request.user, project)
        queues = claims.waiting(membership)
        found: dict[str, Any] = {
            "queue": membership.queue,
            "queues": queues,
            "held": selector.held_by(request.user, project),
            "others": _others(membership, queues),
        }
        return Response(MineShape(found).data)


class TaskView(APIView):
    @extend_schema(responses=TaskShape)
    def get(self, request: Request, task_id: int) -> Response:
        return _answer(task_for(request, task_id))

    @extend_schema(request=TaskEdit, responses=TaskShape)
    def patch(self, request: Request, task_id: int) -> Response:
        task = task_for(request, task_id, Act.STEER)
        tasks.edit(task=task, **body(TaskEdit, request))
        return _answer(task)

    @extend_schema(responses={204: None})
    def delete(self, request: Request, task_id: int) -> Response:
        claims.call_off(task=task_for(request, task_id, Act.STEER), user=request.user)
        return Response(status=204)


class ClaimView(APIView):
    @extend_schema(request=None, responses=TaskShape)
    def post(self, request: Request, task_id: int) -> Response:
        return _answer(claims.claim(user=request.user, task=task_for(request, task_id)))


class SkipView(APIView):
    @extend_schema(request=ReasonBody, responses={204: None})
    def post(self, request: Request, task_id: int) -> Response:
        claims.skip(task=task_for(request, task_id), user=request.user, **body(ReasonBody, request))
        return Response(status=204)


class GiveBackView(APIView):
    @extend_schema(request=None, responses={204: None})
    def post(self, request: Request, task_id: int) -> Response:
        claims.give_back(task=task_for(request, task_id), user=request.user)
        return Response(status=204)


class HoldView(APIView):
    @extend_schema(request=ReasonBody, responses=TaskShape)
    def post(self, request: Request, task_id: int) -> Response:
        task = task_for(request, task_id)
        claims.hold(task=task, user=request.user, **body(ReasonBody, request))
        return _answer(task)


class ReleaseView(APIView):
    @extend_schema(request=None, responses=TaskShape)
    def post(self, request: Request, task_id: int) -> Response:
        task = task_for(request, task_id, Act.STEER)
        claims.release(task=task, user=request.user)
        return _answer(task)


def _others(membership: Membership, queues: list[dict[str, Any]]) -> int | None:
    if any(row["waiting"] for row in queues):
        return None
    kinds = [row["kind"] for row in queues]
    rows = selector.in_project(membership.project, state=Task.State.WAITING, queue=membership.queue)
    return rows.filter(kind__in=kinds, for_user=None).count()


def _answer(task: Task) -> Response:
    return Response(shapes.tasks([task.pk])[0])
