"""What auto masklets came to: runs, and the failures of each model version."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from django.db.models import Case, Count, Exists, F, OuterRef, Prefetch, Q, QuerySet, Value, When

from annotator.models import AutoRun, Masklet, ModelVersion, Project, Propagation, Verification, Video
from annotator.selectors import masks
from annotator.selectors import videos as videos_selector

_State = Masklet.State
# Of a masklet as the model left it: what people handed in afterwards is theirs.
_FAILED = Q(verdict=Verification.Verdict.UNSATISFACTORY, worker__isnull=True)
_AS_IT_STANDS = {"waiting": _State.SUBMITTED, "accepted": _State.ACCEPTED, "rejected": _State.REJECTED}
OUTCOMES = (*_AS_IT_STANDS, "unsatisfactory", "taken_up")
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


def proposed(**asked: Any) -> QuerySet[Any]:
    """What models proposed, each with proposed_by, the id of the model version, and its one of OUTCOMES.

    unsatisfactory: whatever people made of it since. taken_up: they did so before anybody judged it, or it is
    being tracked still.
    """
    failed = Verification.objects.filter(_FAILED, masklet=OuterRef("pk"))
    stands = [
        When(type=Masklet.Type.AUTO, state=state, then=Value(name)) for name, state in _AS_IT_STANDS.items()
    ]
    outcome = Case(When(Exists(failed), then=Value("unsatisfactory")), *stands, default=Value("taken_up"))
    rows = Masklet.objects.filter(propagations__session__auto_runs__isnull=False)
    rows = rows.annotate(proposed_by=F("propagations__session__auto_runs__model_version"), outcome=outcome)
    return rows.filter(deleted_at__isnull=True, video__deleted_at__isnull=True, **asked)


def came_to(outcome: str) -> Q:
    """The condition on facts of masklets that came to one of OUTCOMES. What is still the model's the facts say
    by themselves, from an index."""
    if outcome in _AS_IT_STANDS:
        return Q(type=Masklet.Type.AUTO, state=_AS_IT_STANDS[outcome])
    return Q(masklet__in=proposed(outcome=outcome).values("pk"))


def failures(project: Project, model: int | None = None) -> QuerySet[Verification]:
    """Verdicts that an auto masklet was wrong, newest first, also of who audited what somebody had accepted: the
    failure set of a model version, or of all. Each has run_model, the id of the model version that proposed and
    tracked the masklet.
    """
    rows = Verification.objects.filter(
        _FAILED,
        masklet__video__project=project,
        masklet__deleted_at__isnull=True,
        masklet__video__deleted_at__isnull=True,
        masklet__propagations__session__auto_runs__isnull=False,
    ).annotate(run_model=F("masklet__propagations__session__auto_runs__model_version"))
    if model is not None:
        rows = rows.filter(run_model=model)
    return rows.select_related("masklet__video", "reviewer").prefetch_related("marks").order_by("-id")


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
    rows = proposed(video__project=project).order_by().values("proposed_by", "outcome")
    counted: dict[int, dict[str, int]] = {}
    for row in rows.annotate(count=Count("pk")):
        counted.setdefault(row["proposed_by"], dict.fromkeys(OUTCOMES, 0))[row["outcome"]] = row["count"]
    versions = ModelVersion.objects.in_bulk(counted)
    return [
        {"version": versions[model], "masklets": sum(outcomes.values()), **outcomes}
        for model, outcomes in sorted(counted.items(), reverse=True)
    ]
