from __future__ import annotations

from typing import TypeAlias

from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models

from annotator.models.constraints import known
from annotator.models.users import User


def share(default: float) -> models.FloatField:
    """A column for a part of a whole, 0 to 1."""
    return models.FloatField(default=default, validators=[MinValueValidator(0), MaxValueValidator(1)])


def all_tools() -> list[str]:
    return list(Tool.values)


class Tool(models.TextChoices):
    POINT = "point"
    BOX = "box"
    BRUSH = "brush"
    ERASER = "eraser"


class CoverageRule(models.TextChoices):
    OFF = "off"
    MARK = "mark"
    REFUSE = "refuse"


class Phase(models.IntegerChoices):
    """What the model is to people (SAM 2 paper, section 5.1): it segments single frames; it also tracks, from
    masks only; it answers prompts on any frame with the memory of the others."""

    FRAMES = 1
    MASKS = 2
    ALL = 3


class Project(models.Model):
    """A team's videos and the protocol they are worked on by.

    stride: an annotated frame is every stride-th working frame.
    pull_only: annotators and reviewers work on what the queue gives them. min_edited_frames: a manual
    masklet that needed fewer is set aside as too easy. coverage: what a verdict on a masklet whose
    frames were not all shown is. *_share: of masklets, 0 to 1. verifier_threshold: the probability from
    which the verifier model may accept by itself; null is never. suspicious_first: whether what triage
    suspects most is verified first. auto_*: of the masks that an auto run proposes it keeps the largest so
    many (most) whose predicted IoU and stability are at least so high.
    """

    Phase: TypeAlias = Phase
    Tool: TypeAlias = Tool
    CoverageRule: TypeAlias = CoverageRule

    slug = models.SlugField(max_length=50, unique=True)
    name = models.CharField(max_length=100)
    stride = models.PositiveSmallIntegerField(
        default=4, validators=[MinValueValidator(1), MaxValueValidator(24)]
    )
    independent_review = models.BooleanField(default=True)
    phase = models.PositiveSmallIntegerField(
        default=3, validators=[MinValueValidator(1), MaxValueValidator(3)]
    )
    tools = ArrayField(models.CharField(max_length=10, choices=Tool.choices), default=all_tools)
    pull_only = models.BooleanField(default=False)
    min_edited_frames = models.PositiveSmallIntegerField(default=0)
    coverage = models.CharField(max_length=10, choices=CoverageRule.choices, default=CoverageRule.OFF)
    audit_share = share(0)
    consensus_share = share(0)
    gold_share = share(0)
    auto_refine_share = share(0.25)
    auto_min_iou = share(0.8)
    auto_min_stability = share(0.95)
    auto_most = models.PositiveSmallIntegerField(
        default=24, validators=[MinValueValidator(1), MaxValueValidator(100)]
    )
    promotion_tasks = models.PositiveSmallIntegerField(default=5, validators=[MinValueValidator(1)])
    promotion_score = share(0.75)
    verifier_threshold = models.FloatField(
        null=True, validators=[MinValueValidator(0.5), MaxValueValidator(1)]
    )
    verifier_audit_share = share(0.2)
    suspicious_first = models.BooleanField(default=False)
    max_upload_bytes = models.BigIntegerField(default=4 * 2**30, validators=[MinValueValidator(1)])
    max_duration_s = models.FloatField(default=600, validators=[MinValueValidator(0.01)])
    max_pixels = models.BigIntegerField(default=3840 * 2160, validators=[MinValueValidator(64)])
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(stride__range=(1, 24)), name="project_stride_range"),
            models.CheckConstraint(condition=models.Q(phase__range=(1, 3)), name="project_known_phase"),
            known("coverage", CoverageRule, "project_known_coverage"),
            models.CheckConstraint(
                condition=models.Q(
                    auto_min_iou__range=(0, 1), auto_min_stability__range=(0, 1), auto_most__range=(1, 100)
                ),
                name="project_auto_limits",
            ),
        ]

    def __str__(self) -> str:
        return self.slug


class Role(models.TextChoices):
    ANNOTATOR = "annotator"
    REVIEWER = "reviewer"
    MANAGER = "manager"
    OWNER = "owner"


class Queue(models.TextChoices):
    TRAINING = "training"
    PRODUCTION = "production"


class Membership(models.Model):
    """One person's one role in one project, the queue they are served from, and what they can do besides."""

    Role: TypeAlias = Role
    Queue: TypeAlias = Queue

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="memberships")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=10, choices=Role.choices)
    queue = models.CharField(max_length=10, choices=Queue.choices, default=Queue.PRODUCTION)
    skills = ArrayField(models.CharField(max_length=50), default=list, blank=True)
    promoted_at = models.DateTimeField(null=True)
    promoted_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["project", "user"], name="membership_one_role"),
            known("role", Role, "membership_known_role"),
            known("queue", Queue, "membership_known_queue"),
        ]
