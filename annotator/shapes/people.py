from __future__ import annotations

from typing import Any

from rest_framework import serializers

from annotator.models import Membership, Task, Verification
from annotator.shapes.projects import PersonShape


class TrainingShape(serializers.Serializer[Any]):
    """jf: the mean of J and F over the newest training scores, of which `scored` are there of `tasks`."""

    scored = serializers.IntegerField()
    tasks = serializers.IntegerField()
    jf = serializers.FloatField(allow_null=True)
    needed = serializers.FloatField()
    eligible = serializers.BooleanField()


class GoldMeanShape(serializers.Serializer[Any]):
    count = serializers.IntegerField(default=0)
    mean_j = serializers.FloatField(default=None, allow_null=True)
    mean_f = serializers.FloatField(default=None, allow_null=True)


class WorkDoneShape(serializers.Serializer[Any]):
    """As the numbers count: seconds over masklets whose pages counted time; the mean share of edited frames."""

    masklets = serializers.IntegerField(default=0)
    accepted = serializers.IntegerField(default=0)
    frames = serializers.IntegerField(source="handed_frames", default=0)
    clicks_per_clicked_frame = serializers.SerializerMethodField()
    edited_share = serializers.FloatField(default=None, allow_null=True)
    seconds_per_frame = serializers.SerializerMethodField()

    def get_clicks_per_clicked_frame(self, row: dict[str, Any]) -> float | None:
        return _ratio(row, "all_clicks", "clicked")

    def get_seconds_per_frame(self, row: dict[str, Any]) -> float | None:
        milliseconds = _ratio(row, "timed_ms", "timed")
        return None if milliseconds is None else milliseconds / 1000


class VerdictsShape(serializers.Serializer[Any]):
    satisfactory = serializers.IntegerField(default=0)
    unsatisfactory = serializers.IntegerField(default=0)
    rejected = serializers.IntegerField(default=0)
    satisfactory_share = serializers.SerializerMethodField()

    def get_satisfactory_share(self, row: dict[str, Any]) -> float | None:
        given = sum(row.get(verdict, 0) for verdict in Verification.Verdict.values)
        return row["satisfactory"] / given if given else None


class AuditedShape(serializers.Serializer[Any]):
    audited = serializers.IntegerField(default=0)
    overturned = serializers.IntegerField(default=0)


class AgreementShape(serializers.Serializer[Any]):
    pairs = serializers.IntegerField(default=0)
    chosen = serializers.IntegerField(default=0)
    jf = serializers.SerializerMethodField()

    def get_jf(self, row: dict[str, Any]) -> float | None:
        return _ratio(row, "jf", "pairs")


class PersonRowShape(serializers.Serializer[Any]):
    """Takes rows of selectors.people.rows()."""

    user = PersonShape(source="member.user")
    role = serializers.ChoiceField(Membership.Role.choices, source="member.role")
    queue = serializers.ChoiceField(Membership.Queue.choices, source="member.queue")
    skills = serializers.ListField(child=serializers.CharField(), source="member.skills")
    promoted_at = serializers.DateTimeField(source="member.promoted_at")
    promoted_by = serializers.CharField(source="member.promoted_by.username", default=None, allow_null=True)
    training = TrainingShape()
    gold = GoldMeanShape()
    work = WorkDoneShape()
    verdicts = VerdictsShape()
    reviews = AuditedShape()
    consensus = AgreementShape()
    tasks = serializers.SerializerMethodField()
    skips = serializers.IntegerField(source="skips.count", default=0)

    def get_tasks(self, row: dict[str, Any]) -> dict[str, int]:
        return {kind: row["tasks"].get(kind, 0) for kind in Task.Kind.values}


class ScoreLineShape(serializers.Serializer[Any]):
    """Takes a GoldScore."""

    id = serializers.IntegerField()
    queue = serializers.ChoiceField(Membership.Queue.choices)
    j = serializers.FloatField()
    f = serializers.FloatField()
    masklet = serializers.CharField(source="masklet.name")
    video = serializers.CharField(source="masklet.video.name")
    created_at = serializers.DateTimeField()


class SkipReasonShape(serializers.Serializer[Any]):
    kind = serializers.ChoiceField(Task.Kind.choices)
    reason = serializers.CharField()
    count = serializers.IntegerField()


class ScorecardShape(PersonRowShape):
    days = serializers.IntegerField()
    gold_scores = ScoreLineShape(many=True)
    skip_reasons = SkipReasonShape(many=True)


def _ratio(row: dict[str, Any], above: str, below: str) -> float | None:
    return row[above] / row[below] if row.get(below) else None
