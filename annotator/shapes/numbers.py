"""The JSON forms of numbers."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from annotator.models import MaskletFacts, Verification, Video
from annotator.models.videos import WORKING_FPS
from annotator.selectors.numbers.table1 import model_label
from annotator.shapes.masklets import marks_in_words


class NumbersShape(serializers.Serializer[Any]):
    """Lines with a label and numbers; what else an answer holds, docs/api.md says."""

    rows = serializers.ListField(child=serializers.DictField())


class FactsShape(serializers.ModelSerializer[MaskletFacts]):
    """One masklet with what is counted of it."""

    id = serializers.IntegerField(source="masklet_id")
    name = serializers.CharField(source="masklet.name")
    video_name = serializers.CharField(source="video.name")
    person = serializers.CharField(source="person.username", default=None, allow_null=True)
    model = serializers.SerializerMethodField()

    class Meta:
        model = MaskletFacts
        fields = [
            "id", "name", "video", "video_name", "type", "state", "set_aside", "phase", "person", "model",
            "submitted_at", "frames", "edited_frames", "clicks", "clicked_frames", "active_ms", "visible_frames",
            "mean_area", "first_slot", "visibility_changes", "engine_ms", "verdicts", "returns", "compared",
            "aligned", "bucket", "copy",
        ]  # fmt: skip

    def get_model(self, row: MaskletFacts) -> str:
        return model_label(row.model_version) if row.model_version else ""


class OwnFactsShape(FactsShape):
    """The same as the person who handed it in may read it: nothing in it tells work on gold from any other."""

    state = serializers.CharField(source="masklet.shown_state")
    set_aside = serializers.SerializerMethodField()

    class Meta(FactsShape.Meta):
        fields = [
            "id", "name", "video", "video_name", "type", "state", "set_aside", "phase", "submitted_at", "frames",
            "edited_frames", "clicks", "clicked_frames", "verdicts", "returns",
        ]  # fmt: skip

    def get_set_aside(self, row: MaskletFacts) -> str:
        return "" if row.copy else row.set_aside


class VideoRowShape(serializers.ModelSerializer[Video]):
    """One video, as far as numbers are made of it."""

    annotated_count = serializers.SerializerMethodField()
    duration_s = serializers.SerializerMethodField()

    class Meta:
        model = Video
        fields = [
            "id", "video_id", "name", "frame_count", "annotated_count", "duration_s", "country", "environment",
            "author",
        ]  # fmt: skip

    def get_annotated_count(self, row: Video) -> int:
        return len(row.annotated_indices)

    def get_duration_s(self, row: Video) -> float:
        return (row.frame_count or 0) / WORKING_FPS


class CaseRowShape(serializers.ModelSerializer[Verification]):
    """A verdict of selectors.verifier_models.held_out(), with what the model would have said."""

    masklet_name = serializers.CharField(source="masklet.name")
    video = serializers.IntegerField(source="masklet.video_id")
    video_name = serializers.CharField(source="masklet.video.name")
    person = serializers.CharField(source="reviewer.username")
    probability = serializers.FloatField()

    class Meta:
        model = Verification
        fields = [
            "id", "masklet", "masklet_name", "video", "video_name", "person", "verdict", "probability",
            "created_at",
        ]  # fmt: skip


class VerdictRowShape(serializers.ModelSerializer[Verification]):
    """A verdict with what was said: who handed the work in, and who judged it; null where the verifier model did."""

    masklet_name = serializers.CharField(source="masklet.name")
    video = serializers.IntegerField(source="masklet.video_id")
    video_name = serializers.CharField(source="masklet.video.name")
    worker = serializers.CharField(source="worker.username", default=None, allow_null=True)
    reviewer = serializers.CharField(source="reviewer.username", default=None, allow_null=True)
    marks = serializers.SerializerMethodField()

    class Meta:
        model = Verification
        fields = [
            "id", "stage", "verdict", "masklet", "masklet_name", "video", "video_name", "worker", "reviewer",
            "comment", "marks", "unseen_frames", "created_at",
        ]  # fmt: skip

    def get_marks(self, given: Verification) -> str:
        return marks_in_words(given)
