from __future__ import annotations

from typing import TypeAlias

from django.db import models

from annotator.models.constraints import known
from annotator.models.masklets import Masklet
from annotator.models.users import User


class VerdictKind(models.TextChoices):
    SATISFACTORY = "satisfactory"
    UNSATISFACTORY = "unsatisfactory"
    REJECTED = "rejected"


class Verification(models.Model):
    """One reviewer's verdict on one masklet as it stood at `version`."""

    Verdict: TypeAlias = VerdictKind

    masklet = models.ForeignKey(Masklet, on_delete=models.CASCADE, related_name="verifications")
    reviewer = models.ForeignKey(User, on_delete=models.PROTECT, related_name="verifications")
    verdict = models.CharField(max_length=15, choices=Verdict.choices)
    comment = models.TextField(blank=True)
    version = models.PositiveIntegerField()
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            known("verdict", VerdictKind, "verification_known_verdict"),
            models.UniqueConstraint(fields=["masklet", "version"], name="verification_once_per_version"),
        ]


class Mark(models.Model):
    """A reviewer's remark pinned to a frame, and to a place in it where x and y are given."""

    verification = models.ForeignKey(Verification, on_delete=models.CASCADE, related_name="marks")
    frame_index = models.PositiveIntegerField()
    x = models.FloatField(null=True)
    y = models.FloatField(null=True)
    text = models.TextField(blank=True)
