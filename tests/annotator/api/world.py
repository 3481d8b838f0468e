"""A project with its cast, and one of each thing that a route may name."""

from __future__ import annotations

import uuid
from typing import Any

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from annotator import storage
from annotator.models import (
    ApiToken,
    AutoRun,
    Export,
    FrameTable,
    GoldScore,
    Masklet,
    Project,
    Session,
    Upload,
    User,
    Video,
)
from annotator.services import claims, consensus, masklets, tasks, threads, users
from tests.annotator.desk import Desk, square
from tests.annotator.pairs import deciding, make_pair
from tests.factories import make_member, make_project, make_user, make_video

ROLES = ("annotator", "reviewer", "manager", "owner")
World = dict[str, Any]


def make_world() -> World:
    project = make_project()
    cast = {role: make_member(project, role) for role in ROLES}
    cast["stranger"] = make_user("stranger")
    tracked, submitted = filled(cast["annotator"], project), filled(cast["annotator"], project)
    masklets.submit(
        session=submitted.session, user=submitted.user, wanted={submitted.masklet: submitted.version}
    )
    verify = claims.open_verifying(user=cast["reviewer"], masklet=Masklet.objects.get(pk=submitted.masklet))
    at_work = {kind: claimed(kind, cast["annotator"], project) for kind in ("select", "exhaust")}
    propagation = tracked.propagate(0, last=0 + 4)
    tracked.fill(propagation, [4], 6, state="finished")
    prompt = tracked.draw(0, square(6))["prompts"][0]["id"]
    export = Export.objects.create(
        project=project, format="sav", archive_key=store(f"exports/{uuid.uuid4()}.zip", b"abc")
    )
    users.make_token(user=cast["annotator"], name="laptop")
    pairs = [make_pair(project, cast["annotator"], cast["manager"]) for _ in range(2)]
    deciding_sessions = [deciding(pair, cast["reviewer"]).sessions.get() for pair in pairs]
    consensus.decide(session=deciding_sessions[1], user=cast["reviewer"], chosen=pairs[1].first_id)
    return {
        "cast": cast, "slug": project.slug, "username": "annotator", "frame_index": 0,
        "video_id": with_files(make_video(project, cast["manager"])).pk,
        "session_id": tracked.session.pk, "masklet_id": tracked.masklet, "version": tracked.version,
        "submitted_id": submitted.masklet, "submitted_version": submitted.version, "verify_id": verify.pk,
        "verify_task_id": verify.task_id, "task_id": at_work["select"].task_id,
        "selecting_id": at_work["select"].pk, "exhausting_id": at_work["exhaust"].pk,
        "run_id": AutoRun.objects.create(video=tracked.video, requested_by=cast["manager"]).pk,
        "prompt_id": prompt, "propagation_id": propagation.pk, "export_id": export.pk,
        "upload_id": Upload.objects.create(
            project=project, created_by=cast["manager"], filename="a.mp4", size=5
        ).pk,
        "thread_id": threads.begin(video=tracked.video, user=cast["annotator"], text="?", pin=threads.Pin())["id"],
        "deciding_id": deciding_sessions[0].pk, "paired_id": pairs[0].first_id, "consensus_id": pairs[1].pk,
        "accepted_id": Masklet.objects.get(state="accepted", video=tracked.video).pk,
        "score_id": scored(tracked.video, cast["annotator"]),
        "token_id": ApiToken.objects.get().pk, "now": export.created_at,
    }  # fmt: skip


def claimed(kind: str, user: User, project: Project) -> Session:
    """The person's session on a task of a video of its own."""
    task = tasks.add(kind=kind, video=make_video(project, user))
    return claims.claim(user=user, task=task).sessions.get()


def scored(video: Video, user: User) -> int:
    """A training score of the person's work on a masklet of the video."""
    gold = Masklet.objects.get(video=video, state="accepted")
    copy = Masklet.objects.create(
        video=video,
        number=20,
        name="copy",
        created_by=user,
        gold_of=gold,
        state="set_aside",
        set_aside="gold",
    )
    frames = [0.5] * len(video.annotated_indices)
    return GoldScore.objects.create(masklet=copy, user=user, queue="training", j=0.5, f=0.5, frames=frames).pk


def store(key: str, content: bytes) -> str:
    storage.remove(key)
    return default_storage.save(key, ContentFile(content))


def with_files(video: Video) -> Video:
    for key in (storage.working_key, storage.frames_key, storage.poster_key, storage.filmstrip_key):
        store(key(video), b"abc")
    count = len(video.annotated_indices)
    FrameTable.objects.create(
        video=video, time_base_num=1, time_base_den=24, source_pts=[0], jpeg_offsets=[0] * count,
        jpeg_lengths=[3] * count, jpeg_sha256=["0" * 64] * count,
    )  # fmt: skip
    return video


def filled(user: User, project: Project) -> Desk:
    """An annotator's masklet with a mask on every frame of a video of its own, not yet handed in."""
    desk = Desk(user, make_video(project, user))
    desk.draw(0, square(5))
    desk.fill(desk.propagate(0), list(range(4, 41, 4)), 5, state="finished")
    Masklet.objects.create(
        video=desk.video, number=9, name="done", state="accepted", created_by=user, tracked_by=user
    )
    return desk
