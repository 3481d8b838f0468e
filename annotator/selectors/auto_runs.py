"""What auto masklets came to: runs, and the failures of each model version."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from django.db.models import Case, Count, F, Prefetch, QuerySet, When

from annotator.models import (
    AutoRun,
    Masklet,
    MaskletFacts,
    ModelVersion,
    Project,
    Propagation,
    Verification,
    Video,
)
from annotator.selectors import masks
from annotator.selectors import videos as videos_selector

_BEGUN = (AutoRun.State.PROPOSING, AutoRun.State.TRACKING)


def videos(project: Project, q: str = "") -> QuerySet[Video]:
    """The videos that a run can be of, newest first, ready for AutoChoiceShape; q is looked for as in videos."""
    runs = AutoRun.objects.only("video_id", "state", "kept", "created_at").order_by("-id")
    rows = videos_selector.in_project(project, state=Video.State.READY, q=q)
    return rows.prefetch_related(Prefetch("auto_runs", runs, to_attr="runs"))


def without_run(rows: QuerySet[Video]) -> QuerySet[Video]:
    """Those of the videos that no run was finished of, and that none is under way on."""
    return rows.exclude(auto_runs__state__in=(*AutoRun.ACTIVE, AutoRun.State.FINISHED))


def described() -> QuerySet[AutoRun]:
    """Runs with their video, model, pass and masklets, ready for AutoRunShape."""
    made = Masklet.objects.only("pk", "state", "deleted_at")
    passes = Propagation.objects.prefetch_related(Prefetch("masklets", made))
    return AutoRun.objects.select_related("video", "requested_by", "model_version").prefetch_related(
        Prefetch("session__propagations", passes)
    )


def in_project(project: Project, state: str = "") -> QuerySet[AutoRun]:
    """A project's runs: those under way, those that wait in their turn, then the others, newest first.

    state filters, or is empty.
    """
    rows = described().filter(video__project=project, video__deleted_at__isnull=True)
    turn = Case(When(state__in=_BEGUN, then=0), When(state=AutoRun.State.QUEUED, then=1), default=2)
    within = Case(When(state__in=AutoRun.ACTIVE, then=F("id")), default=-F("id"))
    return (rows.filter(state=state) if state else rows).order_by(turn, within)


def counts(project: Project) -> dict[str, int]:
    """How many of a project's runs are in which state."""
    rows = AutoRun.objects.filter(video__project=project, video__deleted_at__isnull=True)
    counted = dict(rows.order_by().values_list("state").annotate(count=Count("pk")))
    return {state: counted.get(state, 0) for state in AutoRun.State.values}


def passes_of(run: AutoRun) -> QuerySet[Propagation]:
    """The passes that track what the run found, one for each masklet; none where it has not come so far."""
    return Propagation.objects.filter(session__auto_runs=run).select_related("session").order_by("pk")


def _proposed(project: Project) -> QuerySet[MaskletFacts]:
    """What models proposed, read from the index facts_proposed alone."""
    return MaskletFacts.objects.filter(project=project, gone=False, proposed_by__isnull=False)


def failures(project: Project, model: int | None = None) -> QuerySet[Verification]:
    """Verdicts that an auto masklet was wrong, newest first, also of who audited what somebody had accepted: the
    failure set of a model version, or of all.
    """
    failed = _proposed(project).filter(outcome=MaskletFacts.Outcome.UNSATISFACTORY)
    if model is not None:
        failed = failed.filter(proposed_by=model)
    rows = Verification.objects.filter(Verification.FAILURE, masklet__in=failed.values("pk"))
    described = rows.select_related("masklet__video", "masklet__facts", "reviewer")
    return described.prefetch_related("marks").order_by("-id")


def pictured(failures: Sequence[Verification]) -> None:
    """Gives each its `picture`: the frame of its first mark, or the first, and the mask that was judged there."""
    frames = [min((mark.frame_index for mark in row.marks.all()), default=0) for row in failures]
    judged = masks.judged([row.pk for row in failures], "mask.counts", frames)
    counts = {verdict: found for verdict, _, _, found in judged}
    for row, frame in zip(failures, frames, strict=True):
        row.picture = {"frame_index": frame, "counts": counts.get(row.pk)}  # type: ignore[attr-defined]


def judged_masks(failures: Sequence[Verification]) -> Iterator[tuple[int, int, str]]:
    """The masks that these verdicts fell on: id of the verdict, frame index, RLE; empty where it was absent."""
    for verdict, frame, _, counts in masks.judged([row.pk for row in failures], "mask.counts"):
        yield verdict, frame, counts


def models_of(project: Project) -> list[dict[str, Any]]:
    """How many masklets each model version proposed, and how many came to which outcome, newest version first."""
    rows = _proposed(project).values_list("proposed_by", "outcome").annotate(count=Count("pk"))
    counted: dict[int, dict[str, int]] = {}
    for model, outcome, count in rows:
        counted.setdefault(model, dict.fromkeys(MaskletFacts.Outcome.values, 0))[outcome] = count
    versions = ModelVersion.objects.in_bulk(counted)
    return [
        {"version": versions[model], "masklets": sum(outcomes.values()), **outcomes}
        for model, outcomes in sorted(counted.items(), reverse=True)
    ]
