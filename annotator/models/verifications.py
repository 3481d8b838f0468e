from __future__ import annotations

from typing import TypeAlias

from django.db import models

from annotator.models.constraints import known
from annotator.models.masklets import Masklet
from annotator.models.projects import Project
from annotator.models.users import User
from annotator.models.verifier_models import VerifierModel


class VerdictKind(models.TextChoices):
    SATISFACTORY = "satisfactory"
    UNSATISFACTORY = "unsatisfactory"
    REJECTED = "rejected"


class VerificationStage(models.TextChoices):
    VERIFY = "verify"
    AUDIT = "audit"


# Of a masklet as a model left it: what people handed in is theirs.
FAILURE = models.Q(verdict=VerdictKind.UNSATISFACTORY.value, worker__isnull=True)


class Verification(models.Model):
    """One reviewer's verdict on one masklet as it stood at `version`, or the verifier model's.

    worker: whose work was judged, that is who had handed it in; null where no person had.
    unseen_frames: annotated frames that the reviewer's page had not shown when the verdict was given;
    null where nobody counted.
    """

    Verdict: TypeAlias = VerdictKind
    Stage: TypeAlias = VerificationStage
    FAILURE = FAILURE

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="+", db_index=False)
    masklet = models.ForeignKey(Masklet, on_delete=models.CASCADE, related_name="verifications")
    reviewer = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="verifications")
    verifier_model = models.ForeignKey(
        VerifierModel, on_delete=models.PROTECT, null=True, related_name="verifications"
    )
    worker = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    stage = models.CharField(
        max_length=10, choices=VerificationStage.choices, default=VerificationStage.VERIFY
    )
    unseen_frames = models.PositiveIntegerField(null=True)
    verdict = models.CharField(max_length=15, choices=Verdict.choices)
    comment = models.TextField(blank=True)
    version = models.PositiveIntegerField()
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            known("verdict", VerdictKind, "verification_known_verdict"),
            known("stage", VerificationStage, "verification_known_stage"),
            models.CheckConstraint(
                condition=models.Q(reviewer__isnull=False, verifier_model__isnull=True)
                | models.Q(reviewer__isnull=True, verifier_model__isnull=False),
                name="verification_by_a_person_or_a_model",
            ),
            models.UniqueConstraint(fields=["masklet", "version"], name="verification_once_per_version"),
        ]
        indexes = [
            # Numbers of verdicts, and the lists behind them, are counted from this alone.
            models.Index(
                fields=["project", "created_at"], include=["id", "stage", "verdict", "worker", "reviewer"],
                name="verification_of_project",
            ),
            models.Index(fields=["-id"], include=["masklet"], condition=FAILURE, name="verification_failure"),
            models.Index(
                fields=["project", "created_at"], include=["id"], condition=models.Q(unseen_frames__gt=0),
                name="verification_unseen",
            ),
        ]  # fmt: skip


class Mark(models.Model):
    """A reviewer's remark pinned to a frame, and to a place in it where x and y are given."""

    verification = models.ForeignKey(Verification, on_delete=models.CASCADE, related_name="marks")
    frame_index = models.PositiveIntegerField()
    x = models.FloatField(null=True)
    y = models.FloatField(null=True)
    text = models.TextField(blank=True)
