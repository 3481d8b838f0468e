from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from annotator.models.masklets import Masklet
from annotator.models.projects import Queue
from annotator.models.users import User


class Consensus(models.Model):
    """One object tracked twice by different people; agreement: mean J and F of second against first, 0 to 1."""

    first = models.OneToOneField(Masklet, on_delete=models.CASCADE, related_name="consensus_first")
    second = models.OneToOneField(Masklet, on_delete=models.CASCADE, related_name="consensus_second")
    j = models.FloatField(null=True)
    f = models.FloatField(null=True)
    chosen = models.ForeignKey(Masklet, on_delete=models.SET_NULL, null=True, related_name="+")
    decided_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(first=F("second")), name="consensus_of_two"),
            models.CheckConstraint(
                condition=Q(chosen__isnull=True) | Q(chosen=F("first")) | Q(chosen=F("second")),
                name="consensus_chosen_of_the_two",
            ),
        ]
        indexes = [models.Index(fields=["created_at"], condition=Q(j__isnull=True), name="consensus_owed")]


class GoldScore(models.Model):
    """How near a person's work came to a gold masklet: mean J and F over its annotated frames, 0 to 1.

    frames: J of each annotated frame, ascending. queue: the one the work was given in. j, f: null until
    they are computed.
    """

    masklet = models.OneToOneField(Masklet, on_delete=models.CASCADE, related_name="gold_score")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="gold_scores")
    queue = models.CharField(max_length=10, choices=Queue.choices)
    j = models.FloatField(null=True)
    f = models.FloatField(null=True)
    frames = models.JSONField(default=list)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes = [
            models.Index(fields=["created_at"], condition=Q(j__isnull=True), name="gold_score_owed"),
        ]
