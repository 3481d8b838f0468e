"""The verifier model of a project: trained on its own verdicts, asked about what is handed in."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from django.db import transaction

from annotator import verifier
from annotator.errors import NotPossible
from annotator.models import Masklet, Project, User, VerifierModel, VerifierVote
from annotator.selectors import triage
from annotator.selectors import verifier_models as selector
from annotator.triage import features

log = logging.getLogger(__name__)
LEAST = 20  # masklets of either verdict, below which nothing is learned
MOST = 2000  # verdicts, the newest
MOST_WAITING = 500  # masklets that a new model is asked about at once


@transaction.atomic
def train(*, project: Project, user: User) -> VerifierModel:
    """A model of the verdicts that people gave, by which the masklets that wait are judged as well.

    Raises NotPossible `too_few_verdicts` with how many of either kind there are.
    """
    samples = list(selector.samples(project, MOST))
    _check_enough(samples)
    weights, report = verifier.fit(
        [sample.features for sample in samples],
        [sample.satisfactory for sample in samples],
        [sample.masklet for sample in samples],
    )
    model = VerifierModel.objects.create(project=project, trained_by=user, weights=weights, report=report)
    waiting = Masklet.objects.filter(
        video__project=project, state=Masklet.State.SUBMITTED, deleted_at__isnull=True
    )
    for masklet in waiting.select_related("video").order_by("submitted_at")[:MOST_WAITING]:
        _ask(model, masklet, triage.measured(masklet))
    return model


def vote(masklet: Masklet, rows: Sequence[triage.Measured]) -> VerifierVote | None:
    """What the project's newest model says of a masklet as it stands, kept; None where there is no model."""
    model = selector.of_project(masklet.video.project).first()
    if model is None:
        return None
    try:
        return _ask(model, masklet, rows)
    except ValueError as outdated:
        log.warning("verifier model %s is not asked: %s", model.pk, outdated)
        return None


def may_accept(project: Project, vote: VerifierVote) -> bool:
    """Whether the model may accept by itself: only by a threshold, and with people auditing a share."""
    threshold = project.verifier_threshold
    return threshold is not None and project.verifier_audit_share > 0 and vote.probability >= threshold


def _check_enough(samples: Sequence[selector.Sample]) -> None:
    good = len({sample.masklet for sample in samples if sample.satisfactory})
    bad = len({sample.masklet for sample in samples if not sample.satisfactory})
    if min(good, bad) < LEAST:
        raise NotPossible(
            f"People found {good} masklets satisfactory and {bad} not. The verifier model learns from at least "
            f"{LEAST} of either kind: let people verify more first.",
            code="too_few_verdicts",
            satisfactory=good,
            others=bad,
        )


def _ask(model: VerifierModel, masklet: Masklet, rows: Sequence[triage.Measured]) -> VerifierVote:
    video = masklet.video
    pixels = (video.height or 0) * (video.width or 0)
    sample = features(rows, len(video.annotated_indices), pixels)
    return VerifierVote.objects.update_or_create(
        model=model,
        masklet=masklet,
        version=masklet.version,
        defaults={"probability": verifier.probability(model.weights, sample)},
    )[0]
