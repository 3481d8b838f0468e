from __future__ import annotations

from typing import TypeAlias

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from annotator.models.constraints import known
from annotator.models.projects import Project
from annotator.models.users import User

WORKING_FPS = 24
METADATA = (
    "environment",
    "country",
    "author",
    "licence",
    "consent_reference",
    "objectionable",
    "tags",
    "split",
)


class VideoState(models.TextChoices):
    QUEUED = "queued"
    INGESTING = "ingesting"
    READY = "ready"
    REFUSED = "refused"


class VideoEnvironment(models.TextChoices):
    INDOOR = "Indoor"
    OUTDOOR = "Outdoor"


class Video(models.Model):
    """A source video and, once ready, its working video: 24 fps, upright, square pixels, even size."""

    State: TypeAlias = VideoState
    Environment: TypeAlias = VideoEnvironment

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="videos")
    number = models.PositiveIntegerField()
    video_id = models.CharField(max_length=80, unique=True)
    name = models.CharField(max_length=255)
    state = models.CharField(max_length=10, choices=State.choices, default=State.QUEUED)
    progress = models.FloatField(default=0)
    progress_at = models.DateTimeField(null=True)
    attempt = models.PositiveIntegerField(default=0)
    refusal_code = models.CharField(max_length=50, blank=True)
    refusal_message = models.TextField(blank=True)

    source_key = models.CharField(max_length=255)
    source_filename = models.CharField(max_length=255)
    source_bytes = models.BigIntegerField()
    source_sha256 = models.CharField(max_length=64)
    source_facts = models.JSONField(default=dict)

    stride = models.PositiveSmallIntegerField()
    height = models.PositiveIntegerField(null=True)
    width = models.PositiveIntegerField(null=True)
    frame_count = models.PositiveIntegerField(null=True)
    is_image = models.BooleanField(default=False)
    working_sha256 = models.CharField(max_length=64, blank=True)
    source_mapping = models.JSONField(default=dict)
    decode_faults = models.JSONField(default=list)
    filmstrip = models.JSONField(default=dict)

    environment = models.CharField(max_length=10, choices=Environment.choices, blank=True)
    country = models.CharField(max_length=100, blank=True)
    author = models.CharField(max_length=100, blank=True)
    licence = models.CharField(max_length=100, blank=True)
    consent_reference = models.CharField(max_length=200, blank=True)
    objectionable = models.BooleanField(default=False)
    tags = ArrayField(models.CharField(max_length=50), default=list, blank=True)
    split = models.CharField(max_length=20, default="train")

    created_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    deleted_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            known("state", VideoState, "video_known_state"),
            models.UniqueConstraint(fields=["project", "number"], name="video_number_in_project"),
            models.CheckConstraint(
                # A comparison with null is no refusal, so null has to be named.
                condition=~Q(state="ready")
                | Q(height__isnull=False, width__isnull=False, frame_count__isnull=False)
                & Q(height__gt=0, width__gt=0, frame_count__gt=0, working_sha256__gt=""),
                name="video_ready_has_frames",
            ),
        ]
        indexes = [
            models.Index(fields=["project", "state", "-id"], name="video_project_state"),
            models.Index(
                fields=["project", "-id"],
                include=["state", "frame_count", "stride", "country", "environment", "author"],
                condition=models.Q(deleted_at=None),
                name="video_in_project",
            ),
        ]

    @property
    def annotated_indices(self) -> range:
        """Frame indices of the working video on which masks may exist, ascending."""
        return range(0, self.frame_count or 0, self.stride)

    @property
    def folder(self) -> str:
        """Storage folder of what ingest made. A new attempt has a new one: what it wrote is whole or unseen."""
        return f"videos/{self.pk}/{self.attempt}"


class FrameTable(models.Model):
    """Frame by frame, what a working video is made of; kept once, never computed again.

    source_pts: for each working frame the pts of the source frame it shows, in time_base units.
    jpeg_*: for each annotated frame, ascending, where its JPEG lies in frames.zip, and its sha256.
    """

    video = models.OneToOneField(Video, on_delete=models.CASCADE, related_name="frame_table")
    time_base_num = models.BigIntegerField()
    time_base_den = models.BigIntegerField()
    source_pts = ArrayField(models.BigIntegerField())
    jpeg_offsets = ArrayField(models.BigIntegerField())
    jpeg_lengths = ArrayField(models.IntegerField())
    jpeg_sha256 = ArrayField(models.CharField(max_length=64))
