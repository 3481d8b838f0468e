"""What the verifier model is made from, and what it said."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

from django.db import connection
from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from annotator.models import (
    Masklet,
    Membership,
    Project,
    Task,
    User,
    Verification,
    VerifierModel,
    VerifierVote,
)
from annotator.selectors import masklets
from annotator.selectors.triage import Measured
from annotator.triage import features

# The masks as they stood then: what came later has a later change. An undo keeps no time, so that a step
# which was undone in refinement is taken for one that was undone before.
_JUDGED = """
SELECT * FROM (
    SELECT DISTINCT ON (verdict.id, mask.frame_index)
        verdict.id AS verdict, mask.masklet_id, verdict.verdict = 'satisfactory',
        video.frame_count, video.stride, video.height * video.width, mask.frame_index, mask.state, mask.human,
        mask.area, mask.signals::text, mask.suspicion
    FROM (
        SELECT v.* FROM annotator_verification v
        JOIN annotator_masklet m ON m.id = v.masklet_id JOIN annotator_video f ON f.id = m.video_id
        WHERE f.project_id = %(project)s AND v.stage = 'verify' AND v.reviewer_id IS NOT NULL
            AND m.gold_of_id IS NULL
        ORDER BY v.id DESC LIMIT %(most)s
    ) verdict
    JOIN annotator_masklet masklet ON masklet.id = verdict.masklet_id
    JOIN annotator_video video ON video.id = masklet.video_id
    JOIN annotator_change change ON change.masklet_id = masklet.id
        AND change.created_at < verdict.created_at AND NOT change.undone
    JOIN annotator_mask mask ON mask.change_id = change.id
    ORDER BY verdict.id, mask.frame_index, mask.change_id DESC
) judged WHERE state <> 'unknown' ORDER BY verdict
"""


@dataclass(frozen=True, slots=True)
class Sample:
    """One verdict of a person, with the features of the masklet as it stood then."""

    masklet: int
    satisfactory: bool
    features: list[float]


def samples(project: Project, most: int) -> Iterator[Sample]:
    """The newest verdicts that people gave to verify masklets of the project."""
    with connection.cursor() as cursor:
        cursor.execute(_JUDGED, {"project": project.pk, "most": most})
        for _, group in groupby(cursor, key=lambda row: row[0]):
            rows = list(group)
            _, masklet, satisfactory, frames, stride, pixels = rows[0][:6]
            masks = [
                Measured(frame, state, human, area, found and json.loads(found), doubt)
                for frame, state, human, area, found, doubt in (row[6:] for row in rows)
            ]
            yield Sample(masklet, satisfactory, features(masks, -(-frames // stride), pixels))


def of_project(project: Project) -> QuerySet[VerifierModel]:
    """The project's verifier models, newest first; also those in training and those that failed."""
    return VerifierModel.objects.filter(project=project).select_related("trained_by").order_by("-id")


def newest(project: Project) -> VerifierModel | None:
    """The model that the project asks: the one that was trained last."""
    return of_project(project).filter(state=VerifierModel.State.DONE).first()


def judged(project: Project) -> tuple[int, int]:
    """How many masklets of the project people found satisfactory when they verified them, and how many not."""
    verdicts = Verification.objects.filter(
        masklet__video__project=project, masklet__gold_of=None, stage=Verification.Stage.VERIFY,
        reviewer__isnull=False,
    )  # fmt: skip
    good = Q(verdict=Verification.Verdict.SATISFACTORY)
    found = verdicts.aggregate(
        good=Count("masklet", filter=good, distinct=True), bad=Count("masklet", filter=~good, distinct=True)
    )
    return found["good"], found["bad"]


def votes(masklet: Masklet, user: User, role: str) -> QuerySet[VerifierVote]:
    """What models said of a masklet, newest first: all of it to those who steer the project, but not while
    they could audit it; to a reviewer only of what they have judged themselves, so that their verdict is their own."""
    rows = VerifierVote.objects.filter(masklet=masklet).order_by("-id")
    if masklets.described(user).get(pk=masklet.pk).unled == Task.Kind.AUDIT:  # type: ignore[attr-defined]
        return rows.none()
    if role in (Membership.Role.MANAGER, Membership.Role.OWNER):
        return rows
    own = Verification.objects.filter(masklet=masklet, reviewer=user, version=OuterRef("version"))
    return rows.filter(Exists(own))
