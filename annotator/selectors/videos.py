from __future__ import annotations

from typing import Any

from django.db.models import Count, Exists, IntegerField, OuterRef, Prefetch, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone

from annotator.models import Masklet, MaskletFacts, Project, Session, User, Video
from annotator.selectors import sight, threads

_S = Masklet.State
COUNTED = tuple(Masklet.State.values)


def described(viewer: User | None = None) -> QuerySet[Video]:
    """Videos that are not deleted, with masklets counted by the state that people are told, unresolved threads
    and who holds them, ready for VideoShape. Of work on gold the viewer's own counts; of threads those that
    they may see."""
    holds = Session.objects.filter(
        state=Session.State.OPEN, purpose=Session.Purpose.ANNOTATE, lease_until__gt=timezone.now()
    ).select_related("user")
    told = Q(gold_of=None) if viewer is None else ~sight.of_others(viewer)
    masklets = (
        Masklet.objects.filter(told, video=OuterRef("pk"), deleted_at__isnull=True).order_by().values("video")
    )
    counts = {f"{state}_count": _counted(masklets.filter(_shown_as(state))) for state in COUNTED}
    unresolved = threads.unresolved(viewer).filter(video=OuterRef("pk")).order_by().values("video")
    return (
        Video.objects.filter(deleted_at__isnull=True)
        .select_related("project")
        .annotate(**counts, open_threads=_counted(unresolved))
        .prefetch_related(Prefetch("sessions", holds, to_attr="holds"))
    )


def _counted(rows: QuerySet[Any, Any]) -> Coalesce:
    """How many there are; they are of one group."""
    return Coalesce(Subquery(rows.annotate(n=Count("*")).values("n"), output_field=IntegerField()), 0)


def _shown_as(state: str) -> Q:
    """As Masklet.shown_state has it."""
    blind = Q(set_aside=Masklet.SetAside.GOLD, gold_of__isnull=False)
    if state == _S.SUBMITTED:
        return Q(state=state) | blind
    return Q(state=state) & ~blind if state == _S.SET_ASIDE else Q(state=state)


def in_project(
    project: Project, *, viewer: User | None = None, state: str = "", q: str = ""
) -> QuerySet[Video]:
    """A project's videos, newest first; q is looked for in the name, id, author, country and tags."""
    rows = described(viewer).filter(project=project)
    if state:
        rows = rows.filter(state=state)
    if q:
        rows = rows.filter(
            Q(name__icontains=q)
            | Q(video_id__icontains=q)
            | Q(author__icontains=q)
            | Q(country__icontains=q)
            | Q(tags__contains=[q])
        )
    return rows.order_by("-id")


def next_to_annotate(project: Project) -> Video | None:
    """The oldest ready video in which nobody has made a masklet yet, and that nobody is at."""
    held = Session.objects.filter(
        video=OuterRef("pk"),
        state=Session.State.OPEN,
        purpose=Session.Purpose.ANNOTATE,
        lease_until__gt=timezone.now(),
    )
    # Asked of an index alone, whose rows are as true as the masklets themselves.
    made = MaskletFacts.objects.filter(
        project=project, video=OuterRef("pk"), type=Masklet.Type.MANUAL, gone=False
    )
    rows = Video.objects.filter(project=project, state=Video.State.READY, deleted_at__isnull=True)
    return rows.filter(~Exists(held), ~Exists(made)).order_by("id").first()
