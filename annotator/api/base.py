"""What views share: reading a request's body, and finding rows that this person may act on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import rest_framework.request
from django.db.models import BooleanField, ExpressionWrapper, Model, Q, QuerySet
from rest_framework import serializers
from rest_framework.generics import ListAPIView

from annotator.errors import NotAllowed, NotThere
from annotator.models import (
    Consensus,
    Export,
    GoldScore,
    Masklet,
    Membership,
    Project,
    Task,
    Thread,
    Upload,
    User,
    Video,
)
from annotator.permissions import ALLOWED, Act, require, role_in
from annotator.selectors import people, sight, threads
from annotator.services.claims import ACTS


class Request(rest_framework.request.Request):
    """A request that got past authentication: what every view but signing in is given."""

    user: User


class ListView(ListAPIView):
    """Pages of what get_queryset gives."""

    request: Request


_Row = TypeVar("_Row", bound=Model)


def body(kind: type[serializers.BaseSerializer], request: Request, **options: Any) -> Any:
    """The request's validated data. Raises ValidationError (400)."""
    form = kind(data=request.data, **options)
    form.is_valid(raise_exception=True)
    return form.validated_data


def asked(kind: type[serializers.Serializer], request: Request) -> dict[str, Any]:
    """What the address asks for by this form; what is empty asks for nothing. Raises ValidationError (400)."""
    form = kind(data={name: value for name, value in request.query_params.items() if value})
    form.is_valid(raise_exception=True)
    return form.validated_data


def found(request: Request, rows: QuerySet[_Row], act: Act, project: Callable[[_Row], Project]) -> _Row:
    """The first of the rows, if this person may do the act in its project. Raises NotThere, NotAllowed."""
    row = _first(rows)
    require(request.user, project(row), act)
    return row


def _first(rows: QuerySet[_Row]) -> _Row:
    row = rows.first()
    if row is None:
        raise NotThere()
    return row


def project_for(request: Request, slug: str, act: Act) -> Project:
    """The project, if this person may do the act there. Raises NotThere, NotAllowed."""
    return found(request, Project.objects.filter(slug=slug), act, lambda project: project)


def project_named(slug: str) -> Project:
    """The project, where what follows asks for the person's place in it. Raises NotThere."""
    return _first(Project.objects.filter(slug=slug))


def video_for(request: Request, pk: int, act: Act) -> Video:
    rows = Video.objects.select_related("project").filter(pk=pk, deleted_at__isnull=True)
    return found(request, rows, act, lambda video: video.project)


def masklet_for(request: Request, pk: int, act: Act) -> Masklet:
    """The masklet, if this person may do the act there; work on gold is there for who did it and who steers.

    To see it is refused, with `at_work`, beside what they track in its video (selectors.sight).
    """
    rows = Masklet.objects.select_related("video__project").filter(pk=pk, video__deleted_at__isnull=True)
    rows = rows.annotate(
        is_of_others=_whether(sight.of_others(request.user)),
        is_beside=_whether(sight.beside_own_work(request.user)),
    )
    masklet: Any = found(request, rows, act, lambda masklet: masklet.video.project)
    if masklet.is_of_others and not steers(request, masklet.video.project):
        raise NotThere()
    if masklet.is_beside and act == Act.SEE:
        raise NotAllowed(
            "You track an object of this video: the others are shown to you once it is handed in.",
            code="at_work",
        )
    return masklet


def _whether(condition: Q) -> ExpressionWrapper:
    return ExpressionWrapper(condition, output_field=BooleanField())


def consensus_for(request: Request, pk: int, act: Act) -> Consensus:
    rows = Consensus.objects.select_related("first__video__project")
    rows = rows.filter(pk=pk, first__video__deleted_at__isnull=True)
    return found(request, rows, act, lambda pair: pair.first.video.project)


def gold_score_for(request: Request, pk: int) -> GoldScore:
    """The computed score, if it is of this person and they may know of it by now, or they steer the project."""
    rows = GoldScore.objects.select_related("user", "masklet__video__project").filter(j__isnull=False)
    rows = rows.filter(pk=pk, masklet__video__deleted_at__isnull=True)
    score = found(request, rows, Act.SEE, lambda score: score.masklet.video.project)
    is_theirs = score.user_id == request.user.pk and people.is_told(score)
    if not is_theirs and not steers(request, score.masklet.video.project):
        raise NotThere()
    return score


def member_for(request: Request, slug: str, username: str, act: Act | None = None) -> Membership:
    """A person's place in a project; without an act, for themself and for who steers it."""
    project = project_for(request, slug, act or Act.SEE)
    if act is None and username != request.user.username:
        require(request.user, project, Act.STEER)
    member = people.members(project).filter(user__username=username).first()
    if member is None:
        raise NotThere(f"{username} is not in this project.")
    return member


def steers(request: Request, project: Project) -> bool:
    return role_in(request.user, project) in ALLOWED[Act.STEER]


def export_for(request: Request, pk: int) -> Export:
    rows = Export.objects.select_related("project", "requested_by").filter(pk=pk)
    return found(request, rows, Act.EXPORT, lambda export: export.project)


def task_for(request: Request, pk: int, act: Act | None = None) -> Task:
    """The task, if this person may do the act there; by default what its kind asks for."""
    rows = Task.objects.select_related("project")
    task = _first(rows.filter(pk=pk, video__deleted_at__isnull=True))
    require(request.user, task.project, act or ACTS[task.kind])
    return task


def thread_for(request: Request, pk: int) -> Thread:
    """The thread, if this person may see what it is about at present."""
    rows = Thread.objects.select_related("video__project").filter(video__deleted_at__isnull=True)
    rows = rows.filter(threads.about_shown_to(request.user), pk=pk)
    return found(request, rows, Act.SEE, lambda thread: thread.video.project)


def upload_for(request: Request, pk: Any) -> Upload:
    upload = (
        Upload.objects.select_related("project", "created_by").filter(pk=pk, created_by=request.user).first()
    )
    if upload is None:
        raise NotThere("This upload is not yours, or it was cancelled.")
    require(request.user, upload.project, Act.UPLOAD)
    return upload
