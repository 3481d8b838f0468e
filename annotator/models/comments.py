from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils import timezone

from annotator.models.masklets import Masklet
from annotator.models.users import User
from annotator.models.videos import Video


class Thread(models.Model):
    """A conversation pinned to a video, a masklet, a frame or range of frames, and a place or region in it.

    first_frame, last_frame: frame indices, inclusive. x0, y0, x1, y1: float pixels of the working video;
    a point has x0 = x1 and y0 = y1.
    """

    video = models.ForeignKey(Video, on_delete=models.CASCADE, related_name="threads")
    masklet = models.ForeignKey(Masklet, on_delete=models.CASCADE, null=True, related_name="threads")
    first_frame = models.PositiveIntegerField(null=True)
    last_frame = models.PositiveIntegerField(null=True)
    x0 = models.FloatField(null=True)
    y0 = models.FloatField(null=True)
    x1 = models.FloatField(null=True)
    y1 = models.FloatField(null=True)
    created_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    said_at = models.DateTimeField(default=timezone.now)  # when its newest comment was written
    resolved_at = models.DateTimeField(null=True)
    resolved_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(first_frame__isnull=True, last_frame__isnull=True)
                | Q(first_frame__isnull=False, last_frame__gte=models.F("first_frame")),
                name="thread_range_in_order",
            ),
            models.CheckConstraint(
                condition=Q(x0__isnull=True, y0__isnull=True, x1__isnull=True, y1__isnull=True)
                | Q(first_frame__isnull=False, x1__gte=models.F("x0"), y1__gte=models.F("y0")),
                name="thread_region_on_a_frame",
            ),
        ]


class Comment(models.Model):
    """One thing said in a thread."""

    thread = models.ForeignKey(Thread, on_delete=models.CASCADE, related_name="comments")
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    text = models.TextField()
    created_at = models.DateTimeField(auto_now_add=True)
