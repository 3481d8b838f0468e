from __future__ import annotations

from typing import Any

from rest_framework import serializers

from annotator.models import Comment, Task, Thread
from annotator.selectors import threads as selector


class CommentShape(serializers.ModelSerializer[Comment]):
    user = serializers.CharField(source="user.username")

    class Meta:
        model = Comment
        fields = ["id", "user", "text", "created_at"]


class ThreadShape(serializers.ModelSerializer[Thread]):
    """Takes threads of selectors.threads.described()."""

    created_by = serializers.CharField(source="created_by.username")
    resolved_by = serializers.CharField(source="resolved_by.username", default=None, allow_null=True)
    comments = CommentShape(many=True)

    class Meta:
        model = Thread
        fields = [
            "id", "video", "masklet", "first_frame", "last_frame", "x0", "y0", "x1", "y1", "created_by",
            "created_at", "said_at", "resolved_by", "resolved_at", "comments",
        ]  # fmt: skip


class ListedThreadShape(ThreadShape):
    """Takes threads of selectors.threads.in_project(). About a masklet on which the reader is to decide, others
    have no names: who wrote on one of the two is likely to be who tracked it."""

    video_name = serializers.CharField(source="video.name")
    masklet_name = serializers.CharField(source="masklet.name", default=None, allow_null=True)
    masklet_color = serializers.IntegerField(source="masklet.color", default=None, allow_null=True)

    class Meta(ThreadShape.Meta):
        fields = [*ThreadShape.Meta.fields, "video_name", "masklet_name", "masklet_color"]

    def to_representation(self, thread: Any) -> dict[str, Any]:
        told: dict[str, Any] = super().to_representation(thread)
        if thread.masklet and thread.masklet.unled == Task.Kind.DECIDE:
            reader = self.context["request"].user.username
            for names, name in (
                (told, "created_by"),
                (told, "resolved_by"),
                *((said, "user") for said in told["comments"]),
            ):
                names[name] = reader if names[name] == reader else None
        return told


def thread(pk: int) -> dict[str, Any]:
    """The thread as it stands in the database now."""
    return dict(ThreadShape(selector.described().get(pk=pk)).data)
