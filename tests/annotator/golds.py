"""Gold masklets, the work on them, and tasks in which it comes blindly."""

from __future__ import annotations

from typing import Any

import pytest

from annotator.errors import AnnotatorError
from annotator.models import Masklet, Membership, Project, Session, Task, User
from annotator.services import (
    claims,
    gold,
    masklets,
    sessions,
    tasks,
)
from tests.annotator.desk import Desk, square
from tests.annotator.pairs import full, mask_all
from tests.factories import make_video


def make_gold(project: Project, by: User, x: int = 5) -> Masklet:
    desk = full(by, project, x)
    Masklet.objects.filter(pk=desk.masklet).update(state="accepted", tracked_by=by)
    sessions.close(session=desk.session)
    return gold.mark(masklet=Masklet.objects.get(pk=desk.masklet), user=by)


def next_task(user: User, project: Project) -> Task | None:
    return next(iter(claims.claim_next(user=user, project=project)), None)


def copy_id(task: Task) -> int:
    assert task.masklet_id is not None
    return task.masklet_id


def work(task: Task, user: User, x: int) -> Masklet:
    """Draw a square on every frame of the task's masklet and hand it in."""
    masklet = Masklet.objects.select_related("video__project").get(pk=copy_id(task))
    mask_all(masklet, user, x)
    session = Session.objects.select_related("video__project").get(task=task, state="open")
    masklets.submit(session=session, user=user, wanted={masklet.pk: masklet.version})
    return Masklet.objects.get(pk=masklet.pk)


def refused(act: Any) -> str:
    with pytest.raises(AnnotatorError) as error:
        act()
    return error.value.code


def membership(user: User) -> Membership:
    return Membership.objects.select_related("project", "user").get(user=user)


def two_in_a_row(project: Project, user: User, selector: User) -> tuple[Task, Task]:
    """The tasks that a person pulls with no blind gold, and with nothing but."""
    for _ in range(2):
        desk = Desk(selector, make_video(project, selector))
        desk.draw(0, square(5))
        sessions.close(session=desk.session)
        masklet = Masklet.objects.select_related("video__project").get(pk=desk.masklet)
        tasks.add(kind="track", video=masklet.video, masklet=masklet, by=selector)
    plain = next_task(user, project)
    project.gold_share = 1
    project.save()
    blind = next_task(user, project)
    assert plain is not None and blind is not None
    assert [task.masklet and task.masklet.gold_of_id is None for task in (plain, blind)] == [True, False]
    return plain, blind


OF_ITS_OWN = {
    "id", "task", "masklet", "session", "video", "video_id", "change", "number", "color", "name", "last_event_id",
    "created_at", "waiting_since", "claimed_at", "done_at", "lease_until", "until",
    "filmstrip", "frame", "poster", "working", "masklets",
}  # fmt: skip


def differing(one: Any, other: Any, at: str = "") -> set[str]:
    """Where two answers differ, by the path of their keys. Ids, names and times of rows are their own."""
    if isinstance(one, dict) and isinstance(other, dict):
        assert set(one) == set(other), at
        paths = [differing(one[key], other[key], f"{at}.{key}") for key in one]
        return {path for found in paths for path in found}
    if isinstance(one, list) and isinstance(other, list):
        assert len(one) == len(other), at
        return {found for pair in zip(one, other, strict=True) for found in differing(*pair, at)}
    is_its_own = at.rpartition(".")[2] in OF_ITS_OWN or ".video.masklets." in at
    return set() if one == other or is_its_own else {at}
