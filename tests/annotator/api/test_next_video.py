"""Which video is offered to who annotates beside the queue."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from annotator.models import Masklet, Project, User, Video
from annotator.services import sessions
from tests.annotator.api.http import Http
from tests.factories import make_video


def offered(user: User) -> Any:
    video = Http(user)("GET", "projects/street/work").json()["next_video"]
    return video and video["id"]


def test_the_oldest_video_in_which_nobody_made_a_masklet_is_offered(
    project: Project, annotator: User
) -> None:
    begun, refused, oldest, _ = [make_video(project, annotator) for _ in range(4)]
    Masklet.objects.create(video=begun, number=0, name="Object 1", created_by=annotator)
    Masklet.objects.create(video=oldest, number=0, name="Object 1", type="auto", created_by=annotator)
    Video.objects.filter(pk=refused.pk).update(state="refused")
    assert offered(annotator) == oldest.pk


def test_no_video_is_offered_that_somebody_is_at(project: Project, annotator: User, manager: User) -> None:
    first, second = make_video(project, annotator), make_video(project, annotator)
    sessions.open_for_annotating(user=manager, video=first)
    assert offered(annotator) == second.pk


def test_no_video_is_offered_where_each_was_begun_until_its_masklets_are_deleted(
    project: Project, annotator: User
) -> None:
    video = make_video(project, annotator)
    Masklet.objects.create(video=video, number=0, name="Object 1", created_by=annotator)
    assert offered(annotator) is None
    Masklet.objects.update(deleted_at=timezone.now())
    assert offered(annotator) == video.pk
