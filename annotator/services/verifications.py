"""Reviewers' verdicts and where they send a masklet."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.db.models import F

from annotator.errors import Conflict, IllegalTransition, NotPossible
from annotator.models import Mark, Masklet, Project, Session, Task, User, Verification
from annotator.selectors import attention
from annotator.services import chance, masklets, routing, tasks
from annotator.shapes import masklets as shapes
from annotator.spans import ranges_of
from annotator.transitions import move

_Verdict = Verification.Verdict
_Stage = Verification.Stage
_STAGES = {Task.Kind.VERIFY: _Stage.VERIFY, Task.Kind.AUDIT: _Stage.AUDIT}
_JUDGED = {_Stage.VERIFY: Masklet.State.SUBMITTED, _Stage.AUDIT: Masklet.State.ACCEPTED}
LEADS_TO = {
    _Verdict.SATISFACTORY: Masklet.State.ACCEPTED,
    _Verdict.UNSATISFACTORY: Masklet.State.REFINE,
    _Verdict.REJECTED: Masklet.State.REJECTED,
}


@transaction.atomic
def give(
    *,
    session: Session,
    user: User,
    verdict: str,
    base_version: int,
    comment: str = "",
    marks: Sequence[dict[str, Any]] = (),
) -> dict[str, Any]:
    """Store a verdict under a task to verify or to audit, move the masklet on, and finish the task.

    marks: frame_index, text, and x, y in pixels of the working video where a place is meant.
    Raises NotPossible when an unsatisfactory verdict says nothing, or `not_all_seen` with the ranges that
    the project wants looked at first, Conflict when the masklet changed.
    """
    task = session.task
    if task is None or session.masklet is None or task.kind not in _STAGES:
        raise Conflict("Verdicts are given under a task to verify or audit a masklet.", code="wrong_purpose")
    stage = _STAGES[Task.Kind(task.kind)]
    if verdict == _Verdict.UNSATISFACTORY and not marks and not comment.strip():
        raise NotPossible("Say what is wrong: mark a frame or write a comment.", code="says_nothing")
    _check_places(session, marks)
    masklet = _locked(session.masklet, base_version, _JUDGED[stage])
    given = Verification.objects.create(
        project_id=task.project_id, masklet=masklet, reviewer=user, worker_id=masklet.tracked_by_id, stage=stage, verdict=verdict,
        comment=comment, version=base_version, unseen_frames=_unseen(session, task, masklet),
    )  # fmt: skip
    Mark.objects.bulk_create(Mark(verification=given, **mark) for mark in marks)
    tasks.finish(task=task, user=user, outcome=verdict)
    return settle(masklet, verdict, stage, user)


def settle(masklet: Masklet, verdict: str, stage: str, user: User | None) -> dict[str, Any]:
    """Move a masklet whose row the caller holds to where a verdict leads, and on to whoever is next.

    An auto masklet that failed is refined if it is drawn for it, and else kept aside as a failure of
    its model version (SAM 2 paper, section 5.1). user: None where the verifier model judged.
    """
    to = LEADS_TO[_Verdict(verdict)]
    project = masklet.video.project
    failed_auto = to == Masklet.State.REFINE and masklet.type == Masklet.Type.AUTO
    if failed_auto and not chance.drawn("refine", masklet.pk, project.auto_refine_share):
        masklets.put_aside(masklet, Masklet.SetAside.AUTO_FAILURE)
    elif to != masklet.state:
        move(masklet, to, masklets.TRANSITIONS)
    routing.after_verdict(masklet, verdict, stage, user)
    return masklets.announce(masklet)


def _locked(masklet: Masklet, base_version: int, judged: str) -> Masklet:
    rows = Masklet.objects.filter(pk=masklet.pk, state=judged, deleted_at__isnull=True)
    changed = rows.filter(version=base_version).update(version=F("version") + 1)
    masklet.refresh_from_db()
    if changed:
        return masklet
    if masklet.state != judged:
        raise IllegalTransition(
            f"This masklet is {masklet.state.replace('_', ' ')} by now: no verdict is asked for.",
            state=masklet.state,
        )
    raise Conflict(
        "This masklet changed while you looked at it. Look again.",
        code="stale_version",
        masklet=shapes.masklet(masklet.pk),
    )


def _unseen(session: Session, task: Task, masklet: Masklet) -> int | None:
    rule = session.video.project.coverage
    if rule == Project.CoverageRule.OFF:
        return None
    unseen = attention.unseen_frames(masklet, task, session.user)
    if unseen and rule == Project.CoverageRule.REFUSE:
        count = len(session.video.annotated_indices)
        raise NotPossible(
            f"{len(unseen)} of {count} frames have not been on your screen yet. Look at all of them first.",
            code="not_all_seen",
            ranges=ranges_of(unseen, session.video.stride),
        )
    return len(unseen)


def _check_places(session: Session, marks: Sequence[dict[str, Any]]) -> None:
    video = session.video
    for mark in marks:
        if mark["frame_index"] not in video.annotated_indices:
            raise NotPossible(f"Frame {mark['frame_index']} is not an annotated frame.", code="not_annotated")
        x, y = mark.get("x"), mark.get("y")
        if (x is None) != (y is None):
            raise NotPossible("A mark has both x and y, or neither.", code="outside")
        if (
            x is not None
            and y is not None
            and not (0 <= x <= (video.width or 0) and 0 <= y <= (video.height or 0))
        ):
            raise NotPossible("A mark lies outside the frame.", code="outside")
