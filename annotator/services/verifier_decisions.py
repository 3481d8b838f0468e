"""What the verifier model decides by itself: that a masklet is satisfactory, and nothing else."""

from __future__ import annotations

import logging

from django.db import transaction
from django.db.models import F

from annotator.errors import Conflict
from annotator.models import Masklet, Task, Verification, VerifierVote
from annotator.selectors import verifier_models as selector
from annotator.services import tasks, verifications, verifier_models

log = logging.getLogger(__name__)


def decide(masklet_id: int) -> bool:
    """Accept a submitted masklet by the model's word; whether it did.

    It does not where a person has taken the verification up, or has judged what was handed in, where the
    masklet has changed since the vote, or where the project no longer lets it.
    """
    try:
        with transaction.atomic():
            return _decide(masklet_id)
    except Conflict as faster:
        log.info("masklet %s is left to people: %s", masklet_id, faster.message)
        return False


def _decide(masklet_id: int) -> bool:
    # Not its key: a claim, which holds the task, opens a session that points to it.
    rows = Masklet.objects.select_for_update(of=("self",), no_key=True).select_related("video__project")
    masklet = rows.filter(pk=masklet_id, state=Masklet.State.SUBMITTED, deleted_at__isnull=True).first()
    if masklet is None:
        return False
    project = masklet.video.project
    model = selector.newest(project)
    vote = VerifierVote.objects.filter(model=model, masklet=masklet, version=masklet.version).first()
    task = tasks.of_masklet(masklet, (Task.Kind.VERIFY,))
    if vote is None or task is None or task.state != Task.State.WAITING:
        return False
    if not verifier_models.may_accept(project, vote) or _has_been_judged(masklet):
        return False
    verdict, stage = Verification.Verdict.SATISFACTORY, Verification.Stage.VERIFY
    Verification.objects.create(
        project=project,
        masklet=masklet,
        worker_id=masklet.tracked_by_id,
        verifier_model=model,
        stage=stage,
        verdict=verdict,
        version=masklet.version,
    )
    Masklet.objects.filter(pk=masklet.pk).update(version=F("version") + 1)
    masklet.refresh_from_db(fields=["version"])
    tasks.finish(task=task, user=None, outcome=verdict)
    verifications.settle(masklet, verdict, stage, None)
    return True


def _has_been_judged(masklet: Masklet) -> bool:
    """Whether a person has judged it since it was handed in: somebody is asked for another look then."""
    by_people = Verification.objects.filter(masklet=masklet, reviewer__isnull=False)
    return by_people.filter(created_at__gte=masklet.submitted_at).exists()
