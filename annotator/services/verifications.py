"""Reviewers' verdicts and where they send a masklet."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.db.models import F

from annotator.errors import Conflict, IllegalTransition, NotPossible
from annotator.models import Mark, Masklet, Session, User, Verification
from annotator.services import masklets, sessions
from annotator.shapes import masklets as shapes
from annotator.transitions import move

_Verdict = Verification.Verdict
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
    """Store a verdict, move the masklet on, and close the session.

    marks: frame_index, text, and x, y in pixels of the working video where a place is meant.
    Raises NotPossible when an unsatisfactory verdict says nothing, Conflict when the masklet changed.
    """
    if session.purpose != Session.Purpose.VERIFY or session.masklet is None:
        raise Conflict(
            "Verdicts are given in a session that was opened to verify a masklet.", code="wrong_purpose"
        )
    if verdict == _Verdict.UNSATISFACTORY and not marks and not comment.strip():
        raise NotPossible("Say what is wrong: mark a frame or write a comment.", code="says_nothing")
    _check_places(session, marks)
    masklet = _locked(session.masklet, base_version)
    given = Verification.objects.create(
        masklet=masklet, reviewer=user, verdict=verdict, comment=comment, version=base_version
    )
    Mark.objects.bulk_create(Mark(verification=given, **mark) for mark in marks)
    move(masklet, LEADS_TO[_Verdict(verdict)], masklets.TRANSITIONS)
    sessions.close(session=session)
    return masklets.announce(masklet)


def _locked(masklet: Masklet, base_version: int) -> Masklet:
    rows = Masklet.objects.filter(pk=masklet.pk, state=Masklet.State.SUBMITTED, deleted_at__isnull=True)
    changed = rows.filter(version=base_version).update(version=F("version") + 1)
    masklet.refresh_from_db()
    if changed:
        return masklet
    if masklet.state != Masklet.State.SUBMITTED:
        raise IllegalTransition(
            f"This masklet is {masklet.state.replace('_', ' ')} by now: no verdict is asked for.",
            state=masklet.state,
        )
    raise Conflict(
        "This masklet changed while you looked at it. Look again.",
        code="stale_version",
        masklet=shapes.masklet(masklet.pk),
    )


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
