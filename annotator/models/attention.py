from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models

from annotator.models.masklets import Masklet
from annotator.models.sessions import Session


class Attention(models.Model):
    """What a person looked at under one session: of one masklet, or of the video where none was selected.

    shown_ms: for each annotated frame, ascending, how long it was on the screen. active_ms: time with
    a sign of the person, as the page counts it; never more than has passed.
    """

    session = models.ForeignKey(Session, on_delete=models.CASCADE, related_name="attention")
    masklet = models.ForeignKey(Masklet, on_delete=models.CASCADE, null=True, related_name="attention")
    shown_ms = ArrayField(models.IntegerField(), default=list)
    active_ms = models.BigIntegerField(default=0)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["session", "masklet"], nulls_distinct=False, name="attention_once_per_masklet"
            ),
        ]
