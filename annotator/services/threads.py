"""Conversations about the work, pinned to where they are about: begun, answered, resolved, taken up again."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils import timezone

from annotator import events
from annotator.errors import NotPossible
from annotator.models import Comment, Thread, User, Video
from annotator.selectors import sessions, sight
from annotator.shapes import threads as shapes


@dataclass(frozen=True)
class Pin:
    """Where a thread is pinned; see models.Thread. last_frame: that of a range. x1, y1: those of a region."""

    masklet: int | None = None
    first_frame: int | None = None
    last_frame: int | None = None
    x0: float | None = None
    y0: float | None = None
    x1: float | None = None
    y1: float | None = None


@transaction.atomic
def begin(*, video: Video, user: User, text: str, pin: Pin) -> dict[str, Any]:
    """A new thread with its first comment. Raises NotPossible for a place that the video does not have, or
    that the person may not see."""
    if pin.masklet is not None:
        there = sight.shown_to(user).filter(pk=pin.masklet, video=video, deleted_at__isnull=True)
        if not there.exists():
            raise NotPossible("This masklet is not in this video, or it was deleted.", code="no_masklet")
    thread = Thread.objects.create(
        video=video, created_by=user, masklet_id=pin.masklet, **_frames(video, pin), **_place(video, pin)
    )
    Comment.objects.create(thread=thread, user=user, text=text)
    return _announce(thread)


@transaction.atomic
def answer(*, thread: Thread, user: User, text: str) -> dict[str, Any]:
    """One more comment. A resolved thread stays resolved."""
    said = Comment.objects.create(thread=thread, user=user, text=text)
    Thread.objects.filter(pk=thread.pk).update(said_at=said.created_at)
    return _announce(thread)


@transaction.atomic
def resolve(*, thread: Thread, user: User) -> dict[str, Any]:
    """Say that there is nothing left to do. Resolving twice is the same as once."""
    open_still = Thread.objects.filter(pk=thread.pk, resolved_at__isnull=True)
    if not open_still.update(resolved_at=timezone.now(), resolved_by=user):
        return shapes.thread(thread.pk)
    return _announce(thread)


@transaction.atomic
def reopen(*, thread: Thread) -> dict[str, Any]:
    """Take a resolved thread up again."""
    resolved = Thread.objects.filter(pk=thread.pk, resolved_at__isnull=False)
    if not resolved.update(resolved_at=None, resolved_by=None):
        return shapes.thread(thread.pk)
    return _announce(thread)


def _announce(thread: Thread) -> dict[str, Any]:
    shape = shapes.thread(thread.pk)
    about = thread.masklet_id
    listeners = (
        sessions.open_on(thread.video_id) if about is None else sessions.listeners(thread.video_id, about)
    )
    events.publish_on_commit(listeners, "thread", shape)
    return shape


def _frames(video: Video, pin: Pin) -> dict[str, int | None]:
    first, last = pin.first_frame, pin.first_frame if pin.last_frame is None else pin.last_frame
    if first is None:
        if last is not None:
            raise NotPossible("A range of frames has a first one.", code="no_frames")
        return {}
    for frame in (first, last):
        if frame not in video.annotated_indices:
            raise NotPossible(
                f"Frame {frame} is not an annotated frame of this video: every {video.stride}th is.",
                code="not_annotated",
            )
    if last is not None and last < first:
        raise NotPossible("The last frame of a range is not before its first.", code="no_frames")
    return {"first_frame": first, "last_frame": last}


def _place(video: Video, pin: Pin) -> dict[str, float | None]:
    if pin.x0 is None and pin.y0 is None and pin.x1 is None and pin.y1 is None:
        return {}
    if pin.x0 is None or pin.y0 is None or (pin.x1 is None) != (pin.y1 is None):
        raise NotPossible("A point has x0 and y0; a region has x1 and y1 besides.", code="half_a_place")
    if pin.first_frame is None:
        raise NotPossible("A place is on a frame: say on which.", code="no_frames")
    x1, y1 = pin.x0 if pin.x1 is None else pin.x1, pin.y0 if pin.y1 is None else pin.y1
    width, height = video.width or 0, video.height or 0
    numbers = all(math.isfinite(value) for value in (pin.x0, pin.y0, x1, y1))
    if not numbers or not (0 <= pin.x0 <= x1 <= width and 0 <= pin.y0 <= y1 <= height):
        raise NotPossible("The place lies outside the frame, or its corners are swapped.", code="outside")
    return {"x0": pin.x0, "y0": pin.y0, "x1": x1, "y1": y1}
