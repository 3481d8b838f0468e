"""Verdicts that were given: one list behind every number about them, and those numbers by person."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery

from annotator.models import Project, Verification

_V, _Stage = Verification.Verdict, Verification.Stage


@dataclass(frozen=True)
class WhichVerdicts:
    """What to ask of verdicts besides their time. worker: on whose work, as they handed it in; reviewer: by
    whom. audited: verdicts that were audited, by the time of the audit; overturned: those of which the audit
    said otherwise. unseen: given before every frame was shown."""

    worker: str = ""
    reviewer: str = ""
    stage: str = ""
    verdict: str = ""
    audited: bool = False
    overturned: bool = False
    unseen: bool = False


def given(
    project: Project, which: WhichVerdicts, begin: datetime, end: datetime | None = None
) -> QuerySet[Verification]:
    """The verdicts of that time, to its end or until now, the newest first, with people's and what they are on."""
    if which.audited or which.overturned:
        done = _audits(project, begin, end, overturned=which.overturned)
        if which.reviewer:  # their masklets are few, and what came before is looked for audit by audit
            theirs = Verification.objects.filter(reviewer__username=which.reviewer, stage=_Stage.VERIFY)
            done = done.filter(masklet__in=theirs.values("masklet"))
        found = Verification.objects.filter(pk__in=_audited(done))
    else:
        found = _within(project, begin, end)
    asked = {
        "worker__username": which.worker, "reviewer__username": which.reviewer, "stage": which.stage,
        "verdict": which.verdict,
    }  # fmt: skip
    found = found.filter(**{name: value for name, value in asked.items() if value})
    if which.unseen:
        found = found.filter(unseen_frames__gt=0)
    described = found.select_related("masklet__video", "worker", "reviewer").prefetch_related("marks")
    return described.order_by("-pk")


def on_work(
    project: Project, begin: datetime, end: datetime | None = None, users: Sequence[int] | None = None
) -> dict[int, dict[str, int]]:
    """How many verifications of each outcome the work got that each person had handed in."""
    return _counted(_within(project, begin, end).filter(stage=_Stage.VERIFY), "worker", users)


def by_reviewers(project: Project, begin: datetime, end: datetime | None = None) -> dict[int, dict[str, int]]:
    """How many verdicts of each outcome each person gave, audits among them."""
    return _counted(_within(project, begin, end), "reviewer", None)


def audits(project: Project, begin: datetime, users: Sequence[int]) -> dict[int, dict[str, int]]:
    """How many of each person's verdicts were audited since then, and how many of these overturned."""
    every, some = (_audited(_audits(project, begin, None, overturned=only)) for only in (False, True))
    found = Verification.objects.filter(pk__in=every, reviewer__in=users)
    sums = {"audited": Count("pk"), "overturned": Count("pk", filter=Q(pk__in=some))}
    counted = found.values_list("reviewer").annotate(**sums)
    return {user: dict(zip(sums, counts, strict=True)) for user, *counts in counted}


def _within(project: Project, begin: datetime, end: datetime | None) -> QuerySet[Verification]:
    until = {} if end is None else {"created_at__lt": end}
    return Verification.objects.filter(project=project, created_at__gte=begin, **until)


def _audits(
    project: Project, begin: datetime, end: datetime | None, *, overturned: bool
) -> QuerySet[Verification]:
    done = _within(project, begin, end).filter(stage=_Stage.AUDIT)
    return done.exclude(verdict=_V.SATISFACTORY) if overturned else done


def _audited(audits: QuerySet[Verification]) -> QuerySet[Verification, int]:
    """The verdicts that these were of: the one that came before, on the same masklet."""
    before = Verification.objects.filter(
        masklet=OuterRef("masklet"), stage=_Stage.VERIFY, pk__lt=OuterRef("pk")
    ).order_by("-pk")
    return audits.values_list(Subquery(before.values("pk")[:1]), flat=True)


def _counted(
    found: QuerySet[Verification], by: Literal["worker", "reviewer"], users: Sequence[int] | None
) -> dict[int, dict[str, int]]:
    theirs = {f"{by}__isnull": False} if users is None else {f"{by}__in": users}
    each = {str(verdict): Count("pk", filter=Q(verdict=verdict)) for verdict in _V.values}
    counted = found.filter(**theirs).values_list(by).annotate(**each)
    return {user: dict(zip(each, counts, strict=True)) for user, *counts in counted}
