from __future__ import annotations

from typing import TypeAlias

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models

from annotator.models.constraints import known
from annotator.models.users import User


class Project(models.Model):
    """A team's videos and their rules. stride: an annotated frame is every stride-th working frame."""

    slug = models.SlugField(max_length=50, unique=True)
    name = models.CharField(max_length=100)
    stride = models.PositiveSmallIntegerField(
        default=4, validators=[MinValueValidator(1), MaxValueValidator(24)]
    )
    independent_review = models.BooleanField(default=True)
    max_upload_bytes = models.BigIntegerField(default=4 * 2**30, validators=[MinValueValidator(1)])
    max_duration_s = models.FloatField(default=600, validators=[MinValueValidator(0.01)])
    max_pixels = models.BigIntegerField(default=3840 * 2160, validators=[MinValueValidator(64)])
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(stride__range=(1, 24)), name="project_stride_range"),
        ]

    def __str__(self) -> str:
        return self.slug


class Role(models.TextChoices):
    ANNOTATOR = "annotator"
    REVIEWER = "reviewer"
    MANAGER = "manager"
    OWNER = "owner"


class Membership(models.Model):
    """One person's one role in one project."""

    Role: TypeAlias = Role

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="memberships")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=10, choices=Role.choices)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["project", "user"], name="membership_one_role"),
            known("role", Role, "membership_known_role"),
        ]
