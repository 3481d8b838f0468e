from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from annotator.models import AutoRun, Masklet, ModelVersion, Propagation, Verification, Video
from annotator.selectors.auto_runs import described, judged_masks
from annotator.shapes.masklets import marks_in_words
from annotator.shapes.videos import VideoShape
from inference_worker.protocol import messages, rle

_WITHOUT_MODEL = ("opencv",)  # engines whose proposals are a coarse substitute for a model's


class EngineShape(serializers.Serializer[Any]):
    """Takes model versions, as rows or as workers tell theirs."""

    label = serializers.SerializerMethodField()  # type: ignore[assignment]  # its column, not the field's own
    coarse = serializers.SerializerMethodField()

    def get_label(self, version: ModelVersion | messages.ModelVersion) -> str:
        return version.weights or version.engine

    def get_coarse(self, version: ModelVersion | messages.ModelVersion) -> bool:
        return version.engine in _WITHOUT_MODEL


class ModelVersionShape(EngineShape, serializers.ModelSerializer[ModelVersion]):
    class Meta:
        model = ModelVersion
        fields = ["id", "label", "engine", "weights", "weights_sha256", "coarse"]


class AutoVideoShape(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    video_id = serializers.CharField()
    name = serializers.CharField()


class AutoRunShape(serializers.ModelSerializer[AutoRun]):
    """Takes runs of selectors.auto_runs.described(). masklets: how many of those kept are in which state.
    frames: masks that are tracked, of how many."""

    video = AutoVideoShape()
    requested_by = serializers.CharField(source="requested_by.username")
    model = ModelVersionShape(source="model_version", allow_null=True)
    masklets = serializers.SerializerMethodField()
    frames_done = serializers.SerializerMethodField()
    frames_total = serializers.SerializerMethodField()

    class Meta:
        model = AutoRun
        fields = [
            "id", "video", "state", "settings", "model", "candidates", "kept", "prompts_done", "prompts_total",
            "frames_done", "frames_total", "masklets", "error", "attempt", "requested_by", "created_at",
            "finished_at",
        ]  # fmt: skip

    def get_masklets(self, run: AutoRun) -> dict[str, int]:
        kept = [each for row in _passes(run) for each in row.masklets.all() if each.deleted_at is None]
        counted = Counter(each.state for each in kept)
        return {state: counted[state] for state in Masklet.State.values}

    def get_frames_done(self, run: AutoRun) -> int:
        return sum(row.frames_done for row in _passes(run))

    def get_frames_total(self, run: AutoRun) -> int:
        return sum(row.frames_total for row in _passes(run))


class LastRunShape(serializers.ModelSerializer[AutoRun]):
    class Meta:
        model = AutoRun
        fields = ["id", "state", "kept", "created_at"]


class AutoChoiceShape(VideoShape):
    """Takes videos of selectors.auto_runs.videos(). last_run: the newest one, if there was any."""

    last_run = serializers.SerializerMethodField()

    class Meta:
        model = Video
        fields = [
            "id", "video_id", "name", "annotated_count", "duration_s", "is_image", "masklets", "created_at", "urls",
            "last_run",
        ]  # fmt: skip

    @extend_schema_field(LastRunShape(allow_null=True))
    def get_last_run(self, row: Video) -> dict[str, Any] | None:
        run = next(iter(row.runs), None)  # type: ignore[attr-defined]
        return run and dict(LastRunShape(run).data)


class AutoStateShape(serializers.Serializer[Any]):
    """new_videos: how many a run of all new ones would be of. runs: how many are in which state. settings: of
    the runs that begin from now on. engines: those of the workers that are there."""

    new_videos = serializers.IntegerField()
    runs = serializers.DictField(child=serializers.IntegerField())
    settings = serializers.DictField()
    engines = EngineShape(many=True)


class AutoModelShape(serializers.Serializer[Any]):
    """What a model version's auto masklets came to: each has one outcome."""

    model = ModelVersionShape(source="version")
    masklets = serializers.IntegerField()
    waiting = serializers.IntegerField()
    accepted = serializers.IntegerField()
    rejected = serializers.IntegerField()
    unsatisfactory = serializers.IntegerField()
    taken_up = serializers.IntegerField()


class FailureMarkShape(serializers.Serializer[Any]):
    frame_index = serializers.IntegerField()
    x = serializers.FloatField(allow_null=True)
    y = serializers.FloatField(allow_null=True)
    text = serializers.CharField()


class FailurePictureShape(serializers.Serializer[Any]):
    frame_index = serializers.IntegerField()
    counts = serializers.CharField(allow_null=True)


class AutoFailureShape(serializers.ModelSerializer[Verification]):
    """Takes verdicts of selectors.auto_runs.failures(), pictured()."""

    picture = FailurePictureShape()
    model = serializers.IntegerField(source="masklet.facts.proposed_by_id")
    video = AutoVideoShape(source="masklet.video")
    number = serializers.IntegerField(source="masklet.number")
    state = serializers.CharField(source="masklet.state")
    reviewer = serializers.CharField(source="reviewer.username", default=None, allow_null=True)
    marks = FailureMarkShape(many=True)

    class Meta:
        model = Verification
        fields = [
            "id", "model", "video", "masklet", "number", "state", "comment", "marks", "unseen_frames", "reviewer",
            "created_at", "picture",
        ]  # fmt: skip


class AutoFailureLineShape(AutoFailureShape):
    """The same as a line of a table."""

    video = serializers.CharField(source="masklet.video.video_id")  # type: ignore[assignment]
    marks = serializers.SerializerMethodField()  # type: ignore[assignment]

    class Meta(AutoFailureShape.Meta):
        fields = [
            "model", "video", "masklet", "number", "state", "reviewer", "created_at", "unseen_frames", "comment",
            "marks",
        ]  # fmt: skip

    def get_marks(self, given: Verification) -> str:
        return marks_in_words(given)


class AutoFailureMasksShape(AutoFailureShape):
    """The same without the picture, for failures_with_masks."""

    class Meta(AutoFailureShape.Meta):
        fields = [name for name in AutoFailureShape.Meta.fields if name != "picture"]


def failures_with_masks(rows: Sequence[Verification]) -> list[dict[str, Any]]:
    """Each verdict with the masks that it fell on, one for each annotated frame, as SA-V's files have them."""
    shape = AutoFailureMasksShape()
    lines = {row.pk: {**shape.to_representation(row), "masks": []} for row in rows}
    sizes = {row.pk: (row.masklet.video.height or 0, row.masklet.video.width or 0) for row in rows}
    for verdict, frame, counts in judged_masks(rows):
        size = sizes[verdict]
        found = {"size": list(size), "counts": counts or rle.empty(*size)}
        lines[verdict]["masks"].append({"frame_index": frame, "segmentation": found})
    return list(lines.values())


def auto_run(run: AutoRun) -> dict[str, Any]:
    """The run as it stands in the database now."""
    return dict(AutoRunShape(described().get(pk=run.pk)).data)


def _passes(run: AutoRun) -> list[Propagation]:
    return list(run.session.propagations.all()) if run.session else []
