from __future__ import annotations

from typing import Any

from rest_framework import serializers

from annotator.models import Upload, User, Video
from annotator.models.videos import METADATA, WORKING_FPS
from annotator.selectors import videos as selector


class MetadataShape(serializers.ModelSerializer[Video]):
    class Meta:
        model = Video
        fields = METADATA
        extra_kwargs = {name: {"required": False} for name in METADATA}


class VideoShape(serializers.ModelSerializer[Video]):
    """Takes videos of selectors.videos.described()."""

    project = serializers.CharField(source="project.slug")
    refusal = serializers.SerializerMethodField()
    annotated_count = serializers.SerializerMethodField()
    duration_s = serializers.SerializerMethodField()
    source = serializers.SerializerMethodField()  # type: ignore[assignment]
    metadata = serializers.SerializerMethodField()
    masklets = serializers.SerializerMethodField()
    open_threads = serializers.IntegerField()
    held_by = serializers.SerializerMethodField()
    urls = serializers.SerializerMethodField()

    class Meta:
        model = Video
        fields = [
            "id", "video_id", "project", "name", "state", "progress", "refusal", "height", "width", "frame_count",
            "stride", "annotated_count", "duration_s", "is_image", "decode_faults", "source", "filmstrip",
            "metadata", "masklets", "open_threads", "held_by", "created_at", "urls",
        ]  # fmt: skip

    def get_refusal(self, row: Video) -> dict[str, str] | None:
        if row.state != Video.State.REFUSED:
            return None
        return {"code": row.refusal_code, "message": row.refusal_message}

    def get_annotated_count(self, row: Video) -> int:
        return len(row.annotated_indices)

    def get_duration_s(self, row: Video) -> float | None:
        return None if row.frame_count is None else row.frame_count / WORKING_FPS

    def get_source(self, row: Video) -> dict[str, Any]:
        facts = row.source_facts
        return {
            "filename": row.source_filename,
            "bytes": row.source_bytes,
            "sha256": row.source_sha256,
            "codec": facts.get("codec"),
            "fps": facts.get("fps"),
            "rotation": facts.get("rotation"),
            "vfr": facts.get("vfr"),
        }

    def get_metadata(self, row: Video) -> dict[str, Any]:
        return {name: getattr(row, name) for name in METADATA}

    def get_masklets(self, row: Video) -> dict[str, int]:
        return {state: getattr(row, f"{state}_count") for state in selector.COUNTED}

    def get_held_by(self, row: Video) -> dict[str, Any] | None:
        hold = next(iter(row.holds), None)  # type: ignore[attr-defined]
        return hold and {"username": hold.user.username, "until": hold.lease_until.isoformat()}

    def get_urls(self, row: Video) -> dict[str, str]:
        base = f"/api/videos/{row.pk}"
        # The attempt makes a new address when a video is ingested anew, so that all may be cached for good.
        version = f"?v={row.attempt}"
        return {
            "poster": f"{base}/poster.jpg{version}",
            "filmstrip": f"{base}/filmstrip.jpg{version}",
            "working": f"{base}/working.mp4{version}",
            "frame": f"{base}/frames/{{index}}.jpg{version}",
        }


class UploadShape(serializers.ModelSerializer[Upload]):
    class Meta:
        model = Upload
        fields = ["id", "filename", "size", "offset", "state", "error", "video"]


class FrameHashShape(serializers.Serializer[Any]):
    frame_index = serializers.IntegerField()
    sha256 = serializers.CharField()


class FrameTableShape(serializers.Serializer[Any]):
    time_base = serializers.ListField(child=serializers.IntegerField(), min_length=2, max_length=2)
    source_pts = serializers.ListField(child=serializers.IntegerField())
    frames = FrameHashShape(many=True)


def video(pk: int, viewer: User | None = None) -> dict[str, Any]:
    """The video as it stands in the database now; viewer: as they may be told of it."""
    return dict(VideoShape(selector.described(viewer).get(pk=pk)).data)


def upload(row: Upload) -> dict[str, Any]:
    return dict(UploadShape(row).data)


def frame_table(row: Video) -> dict[str, Any]:
    """Where each working frame came from, and the hash of each annotated frame."""
    table = row.frame_table
    return {
        "time_base": [table.time_base_num, table.time_base_den],
        "source_pts": table.source_pts,
        "frames": [
            {"frame_index": index, "sha256": digest}
            for index, digest in zip(row.annotated_indices, table.jpeg_sha256, strict=True)
        ],
    }
