"""Two people's finished work on one object."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from annotator.models import Change, Consensus, Mask, Masklet, Project, Task, User
from annotator.services import changes, claims, copies, masklets, routing
from tests.annotator.desk import Desk, square
from tests.factories import make_video


def full(user: User, project: Project, x: int = 5) -> Desk:
    """A person's masklet with a mask on every frame of a video of its own, not yet handed in."""
    desk = Desk(user, make_video(project, user))
    desk.draw(0, square(x))
    desk.fill(desk.propagate(0), list(range(4, 41, 4)), x, state="finished")
    return desk


@transaction.atomic
def make_pair(project: Project, one: User, other: User, x: int = 5) -> Consensus:
    """What the first person tracked, and the second one beside it; a third is asked to decide."""
    desk = full(one, project)
    first = Masklet.objects.select_related("video__project").get(pk=desk.masklet)
    second = copies.copy_of_selection(first)
    mask_all(second, other, x)
    pair = Consensus.objects.create(first=first, second=second)
    masklets.submit(session=desk.session, user=one, wanted={desk.masklet: desk.version})
    Masklet.objects.filter(pk=second.pk).update(
        state="submitted", submitted_at=timezone.now(), tracked_by=other
    )
    routing.after_submit(second, other)
    return Consensus.objects.get(pk=pair.pk)


def mask_all(masklet: Masklet, user: User, x: int) -> None:
    """A square on each annotated frame, all drawn in one step."""
    step = changes.add(masklet, user, Change.Kind.PROMPT)
    Mask.objects.bulk_create(
        changes.human_mask(step, frame, Mask.State.EDITED, square(x), 64)
        for frame in masklet.video.annotated_indices
    )


def deciding(pair: Consensus, user: User) -> Task:
    return claims.claim(
        user=user, task=Task.objects.get(masklet=pair.first_id, kind="decide", state="waiting")
    )
