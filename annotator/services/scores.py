"""How well work agrees with gold, and two people's work on one object with each other: J and F."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
from django.utils import timezone

from annotator import queue
from annotator.models import Consensus, GoldScore, Masklet
from annotator.selectors import masks
from annotator.selectors.masks import MaskRow
from inference_worker.protocol import metrics, rle

GOLD_TASK, PAIR_TASK = "annotator.score_gold", "annotator.score_pair"
MOST_SENT = 50


def score_gold(score_id: int) -> None:
    """Compute an owed gold score. Doing it twice is the same as once."""
    row = GoldScore.objects.filter(pk=score_id, j__isnull=True).select_related("masklet__video").first()
    if row is None or row.masklet.gold_of_id is None:
        return
    found = agreement(row.masklet, row.masklet.gold_of_id)
    GoldScore.objects.filter(pk=row.pk).update(
        j=_mean(found, 0), f=_mean(found, 1), frames=[round(j, 6) for j, _ in found]
    )


def score_pair(consensus_id: int) -> None:
    """Compute how well the second of a pair agrees with the first. Doing it twice is the same as once."""
    row = Consensus.objects.filter(pk=consensus_id, j__isnull=True).select_related("second__video").first()
    if row is None:
        return
    found = agreement(row.second, row.first_id)
    Consensus.objects.filter(pk=row.pk).update(j=_mean(found, 0), f=_mean(found, 1))


def agreement(masklet: Masklet, reference: int) -> list[tuple[float, float]]:
    """J and F against another masklet of the video on each annotated frame, ascending."""
    size = (masklet.video.height or 0, masklet.video.width or 0)
    mine, other = masks.by_frame(masklet.pk), masks.by_frame(reference)
    return [_compare(mine.get(at), other.get(at), size) for at in masklet.video.annotated_indices]


def send_lapsed() -> None:
    """Ask again for scores that are owed and that no worker gave."""
    late = timezone.now() - timedelta(seconds=queue.EXPIRES_S)
    owed = GoldScore.objects.filter(j__isnull=True, created_at__lt=late).order_by("created_at")
    for pk in owed.values_list("pk", flat=True)[:MOST_SENT]:
        queue.wake_on_commit(GOLD_TASK, pk)
    pairs = Consensus.objects.filter(
        j__isnull=True, first__submitted_at__lt=late, second__submitted_at__lt=late
    )
    for pk in pairs.order_by("created_at").values_list("pk", flat=True)[:MOST_SENT]:
        queue.wake_on_commit(PAIR_TASK, pk)


def _compare(mine: MaskRow | None, other: MaskRow | None, size: tuple[int, int]) -> tuple[float, float]:
    if mine is not None and other is not None and mine.counts == other.counts:
        return 1.0, 1.0
    ours, theirs = _bitmap(mine, size), _bitmap(other, size)
    return metrics.jaccard(ours, theirs), metrics.boundary_f(ours, theirs)


def _bitmap(row: MaskRow | None, size: tuple[int, int]) -> np.ndarray:
    if row is None or row.area == 0:
        return np.zeros(size, bool)
    return rle.decode(row.counts, *size)


def _mean(found: list[tuple[float, float]], which: int) -> float:
    return float(np.mean([pair[which] for pair in found])) if found else 0.0
