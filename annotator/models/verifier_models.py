from __future__ import annotations

from typing import TypeAlias

from django.db import models
from django.db.models import Q
from django.utils import timezone

from annotator.models.constraints import known
from annotator.models.masklets import Masklet
from annotator.models.projects import Project
from annotator.models.users import User


class VerifierModelState(models.TextChoices):
    QUEUED = "queued"
    TRAINING = "training"
    DONE = "done"
    FAILED = "failed"


class VerifierModel(models.Model):
    """A logistic model of a project's verdicts over triage signals, as it was trained once.

    weights: names, means, scales, coefficients, intercept. report: sizes, calibration curve and confusion
    matrix against people, on verdicts it was not trained on. Both are empty until it is done. error: in
    people's words, why it failed.
    """

    State: TypeAlias = VerifierModelState

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="verifier_models")
    trained_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=10, choices=State.choices, default=State.DONE)
    weights = models.JSONField(default=dict)
    report = models.JSONField(default=dict)
    error = models.TextField(blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    progress_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            known("state", VerifierModelState, "verifier_model_known_state"),
            models.UniqueConstraint(
                fields=["project"],
                condition=Q(state__in=["queued", "training"]),
                name="verifier_model_one_in_training",
            ),
        ]


class VerifierVote(models.Model):
    """The probability that people would find a masklet satisfactory, as it stood at `version`."""

    model = models.ForeignKey(VerifierModel, on_delete=models.CASCADE, related_name="votes")
    masklet = models.ForeignKey(Masklet, on_delete=models.CASCADE, related_name="verifier_votes")
    version = models.PositiveIntegerField()
    probability = models.FloatField()
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["model", "masklet", "version"], name="verifier_vote_once"),
        ]
