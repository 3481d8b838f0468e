"""The sample project: a rendered video whose masks are exactly known, with work in every stage."""

from __future__ import annotations

import json
import secrets
import tempfile
from collections.abc import Iterable
from pathlib import Path

from django.conf import settings

from annotator.models import Change, Membership, Project, Session, Task, User, Video
from annotator.selectors import masklets as masklets_selector
from annotator.services import changes, claims, masklets, projects, prompts, sessions, verifications, videos
from annotator.video_io.sample import METADATA, SampleTruth, render
from inference_worker.protocol import messages

SLUG = "sample"
CAST = {role: role for role in ("annotator", "reviewer", "manager", "owner")}


def make() -> dict[str, str]:
    """The sample's passwords by user name; makes the project the first time, and keeps it afterwards."""
    logins = _logins()
    if not Project.objects.filter(slug=SLUG).exists():
        project = _project(logins)
        video, truth = _video(project)
        _work(video, truth)
    if _draft().exists():
        _draft().replace(_told())
    return logins


def add_video(project: Project, user: User) -> tuple[Video, SampleTruth]:
    """One more copy of the sample video, ingested here and now, and the masks of its objects."""
    work = Path(settings.DATA_DIR, "work")
    work.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=work) as folder:
        source = Path(folder, "sample.mp4")
        truth = render(source)
        video = videos.add(
            project=project, user=user, path=source, filename="Balloons.mp4", metadata=METADATA, wake=False
        )
    return videos.ingest(video_id=video.pk), truth


def _logins() -> dict[str, str]:
    """Made once for each data directory, and readable by its owner only."""
    path = _draft()
    if found := next((known for known in (_told(), path) if known.exists()), None):
        return json.loads(found.read_text())
    logins = {name: secrets.token_hex(4) for name in CAST}
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch(mode=0o600)
    path.write_text(json.dumps(logins))
    return logins


def _told() -> Path:
    """Where the logins are found, once those whose they are can sign in."""
    return Path(settings.DATA_DIR, "state", "sample-logins.json")


def _draft() -> Path:
    return _told().with_suffix(".new")


def _project(logins: dict[str, str]) -> Project:
    people = {}
    for name, password in logins.items():
        person, made = User.objects.get_or_create(username=name, defaults={"is_staff": name == "owner"})
        if made:
            person.set_password(password)
            person.save(update_fields=["password"])
        people[name] = person
    project = projects.create(owner=people["owner"], name="Sample", slug=SLUG)
    for name, role in CAST.items():
        if role != Membership.Role.OWNER:
            projects.set_member(project=project, username=name, role=role)
    return project


def _video(project: Project) -> tuple[Video, SampleTruth]:
    video, truth = add_video(project, User.objects.get(username="manager"))
    video.refresh_from_db()
    return video, truth


def _work(video: Video, truth: SampleTruth) -> None:
    """One masklet accepted, one waiting for review, one in work; the fourth object is left to the newcomer."""
    annotator, reviewer = User.objects.get(username="annotator"), User.objects.get(username="reviewer")
    session = sessions.open_for_annotating(user=annotator, video=video)
    everywhere = video.annotated_indices
    accepted = _draw(session, annotator, truth, "red_balloon", everywhere)
    waiting = _draw(session, annotator, truth, "blimp", everywhere)
    _draw(session, annotator, truth, "glider", everywhere[: len(everywhere) // 2])
    wanted = {pk: masklets_selector.version(pk) for pk in (accepted, waiting)}
    masklets.submit(session=session, user=annotator, wanted=wanted)
    sessions.close(session=session)
    _accept(accepted, reviewer)


def _draw(session: Session, user: User, truth: SampleTruth, name: str, frames: Iterable[int]) -> int:
    pk = masklets.create(session=session, user=user, name=name.replace("_", " ").capitalize())["id"]
    frames = list(frames)
    for version, frame in enumerate(frames):
        drawn = messages.MaskPrompt(counts=truth.masks[name][frame])
        prompts.add(
            session=session, user=user, masklet_id=pk, base_version=version, frame_index=frame, new=[drawn]
        )
    changes.mark_frames(
        session=session,
        user=user,
        masklet_id=pk,
        base_version=len(frames),
        kind=Change.Kind.ACCEPT,
        frames=frames[::6],
    )
    return pk


def _accept(masklet: int, reviewer: User) -> None:
    task = claims.claim(user=reviewer, task=Task.objects.get(masklet=masklet, kind=Task.Kind.VERIFY))
    verifications.give(
        session=task.sessions.get(state=Session.State.OPEN),
        user=reviewer,
        verdict="satisfactory",
        base_version=masklets_selector.version(masklet),
    )
