"""What the people of a project did and how well, in a stretch of time: a few grouped queries for any number."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Avg, Count, Exists, F, FloatField, OuterRef, Q, QuerySet, Sum, Window
from django.db.models.functions import Cast, NullIf, RowNumber
from django.utils import timezone

from annotator.models import (
    Consensus,
    GoldScore,
    MaskletFacts,
    Membership,
    Project,
    Task,
    TaskEvent,
)
from annotator.selectors.numbers import verdicts

BLIND_FOR = timedelta(days=7)  # as long does nobody hear of the gold that they met in production
_PAIRED = ("pairs", "jf", "chosen")


def members(project: Project) -> QuerySet[Membership]:
    """Who is in the project, by name."""
    return (
        Membership.objects.filter(project=project)
        .select_related("user", "project", "promoted_by")
        .order_by("user__username")
    )


def rows(found: Sequence[Membership], since: datetime, *, blind: bool) -> list[dict[str, Any]]:
    """What each member did since then, ready for PersonShape; blind: without what they are not to know yet, so that
    work on gold that they met in production counts as any other."""
    if not found:
        return []
    project, users = found[0].project, [row.user_id for row in found]
    trained = _training(project, users)
    parts = {
        "work": _work(project, users, since, blind),
        "verdicts": verdicts.on_work(project, since, users=users),
        "reviews": verdicts.audits(project, since, users),
        "tasks": _tasks(project, users, since),
        "skips": _skips(project, users, since),
        "gold": _gold(project, users, since, blind),
        "consensus": _consensus(project, users, since),
    }
    return [
        {
            "member": row,
            "training": _standing(project, trained.get(row.user_id, [])),
            **{name: part.get(row.user_id, {}) for name, part in parts.items()},
        }
        for row in found
    ]


def gold_scores(project: Project, user: int, *, blind: bool) -> QuerySet[GoldScore]:
    """The person's computed scores, newest first; blind: without what they are not to know yet."""
    scored = GoldScore.objects.filter(masklet__video__project=project, user=user, j__isnull=False)
    return _told(scored, blind).select_related("masklet__video", "user").order_by("-pk")


def handed_in(
    project: Project, users: Sequence[int], since: datetime, *, blind: bool
) -> QuerySet[MaskletFacts]:
    """What these people handed in last since then; blind: with the work on gold that they met in production,
    which they cannot tell from any other."""
    met_blindly = GoldScore.objects.filter(masklet=OuterRef("pk"), queue=Membership.Queue.PRODUCTION)
    counts = Q(copy=False) | Q(Exists(met_blindly)) if blind else Q(copy=False)
    return MaskletFacts.objects.filter(
        counts, project=project, person__in=users, submitted_at__gte=since, gone=False
    )


def skip_reasons(project: Project, user: int, since: datetime) -> list[dict[str, Any]]:
    """Why the person skipped tasks, the most frequent reasons first."""
    skips = TaskEvent.objects.filter(
        task__project=project, user=user, kind=TaskEvent.Kind.SKIPPED, at__gte=since
    )
    counted = skips.values("reason", "task__kind").annotate(count=Count("pk")).order_by("-count")[:20]
    return [{"kind": row["task__kind"], "reason": row["reason"], "count": row["count"]} for row in counted]


def is_told(score: GoldScore) -> bool:
    """Whether the person may know of the score by now."""
    return score.queue == Membership.Queue.TRAINING or score.created_at < timezone.now() - BLIND_FOR


def _told(scores: QuerySet[GoldScore], blind: bool) -> QuerySet[GoldScore]:
    if not blind:
        return scores
    return scores.filter(Q(queue=Membership.Queue.TRAINING) | Q(created_at__lt=timezone.now() - BLIND_FOR))


def _by(key: str, found: Any) -> dict[int, dict[str, Any]]:
    return {row[key]: row for row in found}


def _training(project: Project, users: Sequence[int]) -> dict[int, list[float]]:
    """J&F of each person's newest training scores, as many as promotion asks for."""
    place = Window(RowNumber(), partition_by=F("user"), order_by=F("pk").desc())
    newest = GoldScore.objects.filter(
        masklet__video__project=project, user__in=users, queue=Membership.Queue.TRAINING, j__isnull=False
    ).annotate(place=place)
    found: dict[int, list[float]] = {}
    scored = newest.filter(place__lte=project.promotion_tasks)
    for user, jf in scored.values_list("user", (F("j") + F("f")) / 2):
        found.setdefault(user, []).append(jf)
    return found


def _standing(project: Project, newest: Sequence[float]) -> dict[str, Any]:
    mean = sum(newest) / len(newest) if newest else None
    is_done = len(newest) >= project.promotion_tasks
    return {
        "scored": len(newest),
        "tasks": project.promotion_tasks,
        "jf": mean,
        "needed": project.promotion_score,
        "eligible": is_done and mean is not None and mean >= project.promotion_score,
    }


def _work(project: Project, users: Sequence[int], since: datetime, blind: bool) -> dict[int, dict[str, Any]]:
    counted = handed_in(project, users, since, blind=blind).order_by().values("person").annotate(
        masklets=Count("pk"), accepted=Count("pk", filter=Q(state="accepted")), handed_frames=Sum("frames"),
        all_clicks=Sum("clicks"), clicked=Sum("clicked_frames"), timed_ms=Sum("active_ms"),
        timed=Sum("frames", filter=Q(active_ms__gt=0)),
        edited_share=Avg(Cast("edited_frames", FloatField()) / NullIf("frames", 0)),
    )  # fmt: skip
    return _by("person", counted)


def _tasks(project: Project, users: Sequence[int], since: datetime) -> dict[int, dict[str, Any]]:
    done = Task.objects.filter(project=project, holder__in=users, state=Task.State.DONE, done_at__gte=since)
    each = {str(kind): Count("pk", filter=Q(kind=kind)) for kind in Task.Kind.values}
    return _by("holder", done.order_by().values("holder").annotate(**each))


def _skips(project: Project, users: Sequence[int], since: datetime) -> dict[int, dict[str, Any]]:
    skips = TaskEvent.objects.filter(
        task__project=project, user__in=users, kind=TaskEvent.Kind.SKIPPED, at__gte=since
    )
    return _by("user", skips.order_by().values("user").annotate(count=Count("pk")))


def _gold(project: Project, users: Sequence[int], since: datetime, blind: bool) -> dict[int, dict[str, Any]]:
    scored = GoldScore.objects.filter(
        masklet__video__project=project, user__in=users, j__isnull=False, created_at__gte=since
    )
    means = {"count": Count("pk"), "mean_j": Avg("j"), "mean_f": Avg("f")}
    return _by("user", _told(scored, blind).order_by().values("user").annotate(**means))


def _consensus(project: Project, users: Sequence[int], since: datetime) -> dict[int, dict[str, Any]]:
    found: dict[int, dict[str, Any]] = {}
    compared = Consensus.objects.filter(first__video__project=project, j__isnull=False, created_at__gte=since)
    for side in ("first", "second"):
        who = f"{side}__tracked_by"
        pairs = compared.filter(**{f"{who}__in": users}).order_by().values(person=F(who))
        counted = pairs.annotate(
            pairs=Count("pk"), jf=Sum((F("j") + F("f")) / 2), chosen=Count("pk", filter=Q(chosen=F(side)))
        )
        for person, *sums in counted.values_list("person", "pairs", "jf", "chosen"):
            before = found.get(person, dict.fromkeys(_PAIRED, 0))
            found[person] = {name: before[name] + more for name, more in zip(_PAIRED, sums, strict=True)}
    return found
