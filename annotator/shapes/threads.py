from __future__ import annotations

from typing import Any

from rest_framework import serializers

from annotator.models import Comment, Thread
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
            "created_at", "resolved_by", "resolved_at", "comments",
        ]  # fmt: skip


def thread(pk: int) -> dict[str, Any]:
    """The thread as it stands in the database now."""
    return dict(ThreadShape(selector.described().get(pk=pk)).data)
