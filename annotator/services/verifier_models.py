"""The verifier model of a project: trained on its own verdicts, asked about what is handed in."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import timedelta

from django.db import IntegrityError, transaction
from django.utils import timezone

from annotator import queue, verifier
from annotator.errors import Conflict, NotPossible
from annotator.models import Masklet, Project, User, VerifierModel, VerifierVote
from annotator.selectors import triage
from annotator.selectors import verifier_models as selector
from annotator.triage import features

log = logging.getLogger(__name__)
TRAIN_TASK = "annotator.train_verifier"
LAPSE = timedelta(seconds=120)  # in which training is long over
LEAST = 20  # masklets of either verdict, below which nothing is learned
MOST = 2000  # verdicts, the newest
MOST_WAITING = 500  # masklets that a new model is asked about at once
_S = VerifierModel.State


def request(*, project: Project, user: User, wake: bool = True) -> VerifierModel:
    """A model that a CPU worker trains; wake is False for a caller that calls `train` itself.

    Raises NotPossible `too_few_verdicts` with how many of either kind there are, Conflict `training` while
    another one of the project is on its way.
    """
    _check_enough(*selector.judged(project))
    try:
        with transaction.atomic():
            model = VerifierModel.objects.create(project=project, trained_by=user, state=_S.QUEUED)
            if wake:
                queue.wake_on_commit(TRAIN_TASK, model.pk)
    except IntegrityError:
        raise Conflict("A model of this project is in training already.", code="training") from None
    return model


def train(model_id: int) -> VerifierModel:
    """Train a queued model on the verdicts that people gave, and ask it about the masklets that wait: done
    or failed afterwards. A second call for the same model does nothing."""
    rows = VerifierModel.objects.filter(pk=model_id)
    taken = rows.filter(state=_S.QUEUED).update(state=_S.TRAINING, progress_at=timezone.now())
    model = rows.select_related("project").get()
    if not taken:
        return model
    try:
        _learn(model)
    except NotPossible as refused:
        rows.update(state=_S.FAILED, error=refused.message)
    except Exception:
        log.exception("verifier model %s could not be trained", model_id)
        rows.update(state=_S.FAILED, error="Training failed. The log of the CPU worker says why.")
    model.refresh_from_db()
    return model


def send_lapsed() -> None:
    """Wake a worker for every model that waits, and give up those whose worker is gone."""
    now = timezone.now()
    VerifierModel.objects.filter(state=_S.TRAINING, progress_at__lt=now - LAPSE).update(
        state=_S.FAILED, error="The worker that trained it was lost. Train again."
    )
    waited = now - timedelta(seconds=queue.EXPIRES_S)
    late = VerifierModel.objects.filter(state=_S.QUEUED, progress_at__lt=waited)
    for pk in list(late.values_list("pk", flat=True)):
        VerifierModel.objects.filter(pk=pk, state=_S.QUEUED).update(progress_at=now)
        queue.wake_on_commit(TRAIN_TASK, pk)


def vote(masklet: Masklet, rows: Sequence[triage.Measured]) -> VerifierVote | None:
    """What the project's newest model says of a masklet as it stands, kept; None where there is no model."""
    model = selector.newest(masklet.video.project)
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


def _learn(model: VerifierModel) -> None:
    samples = list(selector.samples(model.project, MOST))
    good, bad = ({one.masklet for one in samples if one.satisfactory is kind} for kind in (True, False))
    _check_enough(len(good), len(bad))
    model.weights, model.report = verifier.fit(
        [sample.features for sample in samples],
        [sample.satisfactory for sample in samples],
        [sample.masklet for sample in samples],
        [sample.verdict for sample in samples],
    )
    with transaction.atomic():
        found = {"state": _S.DONE, "weights": model.weights, "report": model.report}
        if VerifierModel.objects.filter(pk=model.pk, state=_S.TRAINING).update(**found):
            _ask_of_waiting(model)


def _ask_of_waiting(model: VerifierModel) -> None:
    waiting = Masklet.objects.filter(
        video__project=model.project, state=Masklet.State.SUBMITTED, deleted_at__isnull=True
    )
    for masklet in waiting.select_related("video").order_by("submitted_at")[:MOST_WAITING]:
        _ask(model, masklet, triage.measured(masklet))


def _check_enough(good: int, bad: int) -> None:
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
