"""What the verifier model is made from, and what it said."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

from django.db.models import Count, Exists, FloatField, OuterRef, Q, QuerySet
from django.db.models.expressions import RawSQL

from annotator import verifier
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
from annotator.selectors import masklets, masks
from annotator.selectors.triage import Measured
from annotator.triage import features

_JUDGED = """verdict.masklet_id, verdict.verdict = 'satisfactory', video.frame_count, video.stride,
    video.height * video.width, mask.human, mask.area, mask.signals::text, mask.suspicion"""

_PROBABILITY = """(SELECT (report -> 'held_out' ->> annotator_verification.id::text)::float
    FROM annotator_verifiermodel WHERE id = %s)"""
# Whether the model accepts, and whether people do; None where it is not asked.
FOUND: dict[str, tuple[bool, bool | None]] = {
    "both": (True, True),
    "model_only": (True, False),
    "people_only": (False, True),
    "neither": (False, False),
    "accepted": (True, None),
}


@dataclass(frozen=True, slots=True)
class Sample:
    """One verdict of a person, with the features of the masklet as it stood then."""

    verdict: int
    masklet: int
    satisfactory: bool
    features: list[float]


def learned_from(project: Project) -> QuerySet[Verification]:
    """What people said who verified a masklet, or audited one that a model had accepted: without these a model
    that decides would learn only from what it had doubts about."""
    earlier = Verification.objects.filter(masklet=OuterRef("masklet"), pk__lt=OuterRef("pk"))
    by_model = Exists(earlier.filter(reviewer=None))
    return Verification.objects.filter(
        Q(stage=Verification.Stage.VERIFY) | by_model, masklet__video__project=project,
        masklet__gold_of=None, reviewer__isnull=False,
    )  # fmt: skip


def samples(project: Project, most: int) -> Iterator[Sample]:
    """The newest verdicts that a model of the project learns from."""
    newest = learned_from(project).order_by("-pk").values_list("pk", flat=True)[:most]
    for verdict, group in groupby(masks.judged(list(newest), _JUDGED), key=lambda row: row[0]):
        rows = list(group)
        masklet, satisfactory, frames, stride, pixels = rows[0][3:8]
        measured = [
            Measured(frame, state, human, area, found and json.loads(found), doubt)
            for frame, state, human, area, found, doubt in (row[1:3] + row[8:] for row in rows)
        ]
        yield Sample(verdict, masklet, satisfactory, features(measured, -(-frames // stride), pixels))


def of_project(project: Project) -> QuerySet[VerifierModel]:
    """The project's verifier models, newest first; also those in training and those that failed."""
    return VerifierModel.objects.filter(project=project).select_related("trained_by").order_by("-id")


def done(project: Project) -> QuerySet[VerifierModel]:
    """Those of them that can be asked."""
    return of_project(project).filter(state=VerifierModel.State.DONE)


def newest(project: Project) -> VerifierModel | None:
    """The model that the project asks: the one that was trained last."""
    return done(project).defer("report").first()


def held_out(
    model: VerifierModel, *, threshold: float | None = None, found: str = "", tenth: int | None = None
) -> QuerySet[Verification]:
    """The verdicts behind a model's report, newest first, with the probability that a model gave which had not
    learned from them; none where the report is of before they were kept.

    threshold: those that are `found`, one of FOUND, if the model accepts from there on. tenth: place in the calibration.
    """
    given = model.report.get("held_out", {})
    if tenth is not None:
        given = {verdict: share for verdict, share in given.items() if verifier.tenth(share) == tenth}
    asked = Q()
    if threshold is not None:
        accepts, good = FOUND[found]
        given = {verdict: share for verdict, share in given.items() if (share >= threshold) == accepts}
        satisfactory = Q(verdict=Verification.Verdict.SATISFACTORY)
        asked = Q() if good is None else satisfactory if good else ~satisfactory
    rows = Verification.objects.filter(asked, pk__in=[int(verdict) for verdict in given])
    rows = rows.annotate(probability=RawSQL(_PROBABILITY, (model.pk,), FloatField()))  # noqa: S611 - our own constant
    return rows.select_related("masklet__video", "reviewer").order_by("-pk")


def judged(project: Project) -> tuple[int, int]:
    """How many masklets of the project people found satisfactory, by what a model learns from, and how many not."""
    good = Q(verdict=Verification.Verdict.SATISFACTORY)
    found = learned_from(project).aggregate(
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
