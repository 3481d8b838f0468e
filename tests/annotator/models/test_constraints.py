"""What the tables refuse, whoever writes to them."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from annotator.models import (
    Change,
    Export,
    Mask,
    Masklet,
    Membership,
    Project,
    Prompt,
    Propagation,
    Session,
    Upload,
    User,
    Verification,
    Video,
)
from tests.factories import make_user, make_video


@pytest.fixture
def rows(project: Project, annotator: User) -> dict[str, Any]:
    video = make_video(project, annotator)
    masklet = Masklet.objects.create(video=video, number=0, name="a", created_by=annotator)
    session = Session.objects.create(
        purpose="annotate", video=video, user=annotator, lease_until=timezone.now()
    )
    change = Change.objects.create(masklet=masklet, number=1, kind="prompt", user=annotator)
    Mask.objects.create(
        change=change, masklet=masklet, frame_index=0, state="edited", human=True, counts="a", area=1
    )
    Verification.objects.create(
        project=project, masklet=masklet, reviewer=annotator, verdict="rejected", version=3
    )
    return {
        "project": project, "user": annotator, "video": video, "masklet": masklet, "session": session,
        "change": change,
    }  # fmt: skip


def mask(rows: dict[str, Any], **fields: Any) -> Mask:
    facts = {"frame_index": 4, "state": "edited", "human": True, "counts": "a", "area": 1, **fields}
    return Mask(change=rows["change"], masklet=rows["masklet"], **facts)


def session(rows: dict[str, Any], **fields: Any) -> Session:
    facts = {"video": rows["video"], "user": make_user("other"), "lease_until": timezone.now(), **fields}
    return Session(**facts)


def propagation(rows: dict[str, Any], **fields: Any) -> Propagation:
    facts = {"direction": "forward", "start_frame": 0, "runs": [], "frames_total": 1, **fields}
    return Propagation(session=rows["session"], requested_by=rows["user"], **facts)


def masklet(rows: dict[str, Any], **fields: Any) -> Masklet:
    return Masklet(**{"video": rows["video"], "number": 1, "name": "b", "created_by": rows["user"], **fields})


def upload(rows: dict[str, Any], **fields: Any) -> Upload:
    return Upload(
        **{"project": rows["project"], "created_by": rows["user"], "filename": "a", "size": 5, **fields}
    )


def change(rows: dict[str, Any], **fields: Any) -> Change:
    return Change(
        **{"masklet": rows["masklet"], "number": 2, "kind": "prompt", "user": rows["user"], **fields}
    )


REFUSED: dict[str, Callable[[dict[str, Any]], Any]] = {
    "a second mask of one change on one frame": lambda rows: mask(rows, frame_index=0),
    "an absent mask with an area": lambda rows: mask(rows, state="absent", area=5),
    "a mask in no known state": lambda rows: mask(rows, state="guessed"),
    "a second session that annotates the video": lambda rows: session(rows, purpose="annotate"),
    "a session to verify nothing": lambda rows: session(rows, purpose="verify"),
    "a session to annotate one masklet": lambda rows: session(
        rows, purpose="annotate", masklet=rows["masklet"], state="closed"
    ),
    "a session in no known state": lambda rows: session(rows, purpose="annotate", state="lost"),
    "a pass with more done than there is": lambda rows: propagation(rows, frames_done=2),
    "a pass in no known direction": lambda rows: propagation(rows, direction="up"),
    "a second masklet with the number": lambda rows: masklet(rows, number=0),
    "a masklet handed in by nobody": lambda rows: masklet(rows, state="submitted"),
    "a masklet in a colour of no palette": lambda rows: masklet(rows, color=12),
    "a second change with the number": lambda rows: change(rows, number=1),
    "a discarded change that stands": lambda rows: change(rows, discarded=True),
    "a change of no known kind": lambda rows: change(rows, kind="guess"),
    "a prompt of no known kind": lambda rows: Prompt(
        change=rows["change"], masklet=rows["masklet"], frame_index=0, kind="lasso"
    ),
    "a second verdict on one version": lambda rows: Verification(
        project=rows["project"],
        masklet=rows["masklet"],
        reviewer=rows["user"],
        verdict="satisfactory",
        version=3,
    ),
    "a second role in the project": lambda rows: Membership(
        project=rows["project"], user=rows["user"], role="owner"
    ),
    "an unknown role": lambda rows: Membership(project=rows["project"], user=make_user("x"), role="king"),
    "more bytes than the upload has": lambda rows: upload(rows, offset=6),
    "fewer bytes than none": lambda rows: upload(rows, offset=-1),
    "a project of stride 0": lambda rows: Project(slug="b", name="b", stride=0),
    "a project of stride 25": lambda rows: Project(slug="b", name="b", stride=25),
    "a project that keeps no auto masklet": lambda rows: Project(slug="b", name="b", auto_most=0),
    "a predicted IoU that no mask can have": lambda rows: Project(slug="b", name="b", auto_min_iou=1.1),
    "a stability that is no number": lambda rows: Project(slug="b", name="b", auto_min_stability=math.nan),
    "an export of no known format": lambda rows: Export(project=rows["project"], format="coco"),
}


@pytest.mark.parametrize("what", REFUSED)
def test_the_database_refuses(rows: dict[str, Any], what: str) -> None:
    row = REFUSED[what](rows)
    with pytest.raises(IntegrityError), transaction.atomic():
        row.save()


@pytest.mark.parametrize("facts", [{"height": None}, {"frame_count": 0}, {"working_sha256": ""}])
def test_a_ready_video_has_frames(rows: dict[str, Any], facts: dict[str, Any]) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Video.objects.filter(pk=rows["video"].pk).update(**facts)


def test_a_closed_session_does_not_stand_in_the_way(rows: dict[str, Any]) -> None:
    Session.objects.update(state="closed")
    session(rows, purpose="annotate").save()
    assert Session.objects.filter(state="open").count() == 1
