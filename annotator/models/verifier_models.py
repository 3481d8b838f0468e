from __future__ import annotations

from django.db import models

from annotator.models.masklets import Masklet
from annotator.models.projects import Project
from annotator.models.users import User


class VerifierModel(models.Model):
    """A logistic model of a project's verdicts over triage signals, as it was trained once.

    weights: names, means, scales, coefficients, intercept. report: sizes, calibration curve and confusion
    matrix against people, on verdicts it was not trained on.
    """

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="verifier_models")
    trained_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    weights = models.JSONField()
    report = models.JSONField()
    created_at = models.DateTimeField(auto_now_add=True)


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
