"""Counting anew what the numbers know of masklets, wherever it is out of date."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import connection, transaction
from django.db.models import Q

from annotator.models import Consensus, Masklet, MaskletFacts, Video
from annotator.selectors import masks, prompts
from annotator.services import cells
from inference_worker.protocol import rle
from inference_worker.protocol.metrics import ALIGNED_ABOVE

BATCH, MOST = 100, 500  # masklets in one query; in one sweep

# What a twin begins with was clicked once, for the other. Work on gold looks like any, also in its person's counts.
_CLICKED = """prompt.kind IN ('point', 'box') AND NOT change.undone
            AND (NOT change.copied OR masklet.gold_of_id IS NOT NULL)"""
_COUNT = f"""
UPDATE annotator_maskletfacts facts SET
    stale = false, compared = 0, aligned = 0, bucket = '',
    frames = ceil(video.frame_count::float / video.stride),
    edited_frames = acts.edited, clicks = acts.clicks, clicked_frames = acts.clicked,
    active_ms = attention.ms, engine_ms = passes.ms + answers.ms, verdicts = given.verdicts,
    returns = least(given.unsatisfactory, given.refinements),
    visible_frames = seen.visible, mean_area = seen.area, relative_area = seen.area / (video.height * video.width),
    first_slot = seen.first / video.stride, visibility_changes = seen.changes, model_version_id = seen.model
FROM annotator_masklet masklet
JOIN annotator_video video ON video.id = masklet.video_id
CROSS JOIN LATERAL (
    SELECT count(DISTINCT prompt.frame_index) FILTER (WHERE {prompts.COUNTS}) AS edited,
        count(*) FILTER (WHERE {_CLICKED}) AS clicks,
        count(DISTINCT prompt.frame_index) FILTER (WHERE {_CLICKED}) AS clicked
    FROM annotator_prompt prompt JOIN annotator_change change ON change.id = prompt.change_id
    WHERE prompt.masklet_id = masklet.id
) acts
CROSS JOIN LATERAL (
    SELECT coalesce(sum(looked.active_ms), 0) AS ms
    FROM annotator_attention looked JOIN annotator_session session ON session.id = looked.session_id
    WHERE looked.masklet_id = masklet.id AND session.purpose = 'annotate'
) attention
CROSS JOIN LATERAL (
    SELECT coalesce(sum(pass.engine_ms / (
        SELECT count(*) FROM annotator_propagation_masklets shared WHERE shared.propagation_id = pass.id
    )), 0) AS ms
    FROM annotator_propagation pass JOIN annotator_propagation_masklets link ON link.propagation_id = pass.id
    WHERE link.masklet_id = masklet.id
) passes
CROSS JOIN LATERAL (
    SELECT coalesce(sum(engine_ms), 0) AS ms FROM annotator_change WHERE masklet_id = masklet.id
) answers
CROSS JOIN LATERAL (
    SELECT count(*) AS verdicts, count(*) FILTER (WHERE verdict = 'unsatisfactory') AS unsatisfactory,
        -- A model's failure that was set aside was not sent back.
        (SELECT count(*) FROM annotator_task WHERE masklet_id = masklet.id AND kind = 'refine') AS refinements
    FROM annotator_verification WHERE masklet_id = masklet.id
) given
CROSS JOIN LATERAL (
    SELECT count(*) FILTER (WHERE area > 0) AS visible, coalesce(avg(area) FILTER (WHERE area > 0), 0) AS area,
        coalesce(min(frame_index) FILTER (WHERE area > 0), 0) AS first,
        -- The first appearance is the first change, and does not count.
        greatest(count(*) FILTER (WHERE (area > 0) <> was), 1) - 1 AS changes,
        mode() WITHIN GROUP (ORDER BY model_version_id) AS model
    FROM (
        SELECT *, coalesce(lag(area > 0) OVER (ORDER BY frame_index), false) AS was
        FROM (
            SELECT DISTINCT ON (mask.frame_index) mask.frame_index, mask.area, mask.state, mask.model_version_id
            FROM annotator_mask mask JOIN annotator_change change ON change.id = mask.change_id
            WHERE mask.masklet_id = masklet.id AND NOT change.undone
            ORDER BY mask.frame_index, mask.change_id DESC
        ) current WHERE state <> 'unknown'
    ) steps
) seen
WHERE masklet.id = facts.masklet_id AND facts.masklet_id = ANY(%s)
"""  # noqa: S608 - constants


def refresh_stale() -> int:
    """Count anew what moved since it was counted last, and add up; how many masklets that were."""
    done = 0
    while done < MOST and (batch := _refresh_batch()):
        done += batch
    cells.add_up_touched()
    return done


def recount_all() -> None:
    """Count every masklet that was handed in anew."""
    MaskletFacts.objects.exclude(state=Masklet.State.IN_WORK).update(stale=True)
    while _refresh_batch():
        pass
    cells.add_up_touched()


@transaction.atomic
def _refresh_batch() -> int:
    rows = MaskletFacts.objects.select_for_update(skip_locked=True, of=("self",)).filter(stale=True)
    # An unready video has no size to count by; its masklets wait.
    rows = rows.filter(video__state=Video.State.READY).order_by("masklet")[:BATCH]
    batch = list(rows.values_list("masklet", flat=True))
    if batch:
        with connection.cursor() as cursor:
            cursor.execute(_COUNT, [batch])
        for masklet, reference in _references(batch).items():
            _align(masklet, reference)
        _touch_compared(batch)
    return len(batch)


def _references(batch: Sequence[int]) -> dict[int, int]:
    """Of each masklet of a later phase, the accepted one that somebody tracked of the same object in phase 1:
    of work on gold its gold masklet, else its consensus twin."""
    later = Masklet.objects.filter(pk__in=batch, phase__gt=1).values_list("pk", "gold_of")
    found: dict[int, int] = {}
    for pk, gold in later:
        same = Q(pk=gold) if gold else Q(consensus_first__second=pk) | Q(consensus_second__first=pk)
        accepted = Masklet.objects.filter(same, state=Masklet.State.ACCEPTED, deleted_at__isnull=True)
        reference = accepted.filter(phase=1).first()
        if reference is not None:
            found[pk] = reference.pk
    return found


def _align(masklet: int, reference: int) -> None:
    """Mask alignment with phase 1 (SAM 2 paper, section D.2.2): of the frames on which either shows the
    object, those whose IoU exceeds 0.75; small, medium or large by the area in phase 1's first frame."""
    video = Video.objects.get(masklets=masklet)
    height, width = video.height or 0, video.width or 0
    mine, theirs = masks.by_frame(masklet), masks.by_frame(reference)
    shown = {f for rows in (mine, theirs) for f, row in rows.items() if row.area}
    both = [f for f in shown if f in mine and f in theirs]
    aligned = sum(rle.iou(mine[f].counts, theirs[f].counts, height, width) > ALIGNED_ABOVE for f in both)
    areas = [row.area for _, row in sorted(theirs.items()) if row.area]
    MaskletFacts.objects.filter(pk=masklet).update(
        compared=len(shown), aligned=aligned, bucket=bucket(areas[0]) if areas else ""
    )


def bucket(area: float) -> str:
    """small, medium or large, as SA-V says by an area in pixels."""
    return "small" if area < 32**2 else "medium" if area < 96**2 else "large"


def _touch_compared(batch: Sequence[int]) -> None:
    """What was compared with one of these, if phase 1 made it, is compared anew."""
    firsts = Masklet.objects.filter(pk__in=batch, phase=1)
    pairs = Consensus.objects.filter(Q(first__in=firsts) | Q(second__in=firsts))
    same = Q(consensus_first__in=pairs) | Q(consensus_second__in=pairs) | Q(gold_of__in=firsts)
    later = Masklet.objects.filter(same, phase__gt=1).exclude(state=Masklet.State.IN_WORK)
    MaskletFacts.objects.filter(masklet__in=later.values("pk")).update(stale=True)
