"""Choosing what is to be tracked: objects in one frame, and whether a video has any left."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from annotator.errors import Conflict
from annotator.models import Session, Task, User, Video
from annotator.selectors import prompts
from annotator.selectors.tasks import begun_in
from annotator.services import routing, tasks

NOTHING_LEFT, SOMETHING_LEFT = "nothing_left", "something_left"


@transaction.atomic
def finish(*, session: Session, user: User) -> list[int]:
    """End a selection: every masklet that was prompted in it goes to be tracked by somebody else.

    The ids of these; none is an answer as well. What was begun and never prompted is put away.
    """
    task = _task(session, Task.Kind.SELECT)
    made = begun_in(task)
    if prompts.owes_a_mask(made.values_list("pk", flat=True)):
        raise Conflict("The model still owes you a mask. Wait for it, then finish.", code="awaiting_model")
    asked = {prompt.masklet_id for prompt in prompts.active(made.values_list("pk", flat=True))}
    prompted = list(made.filter(pk__in=asked).order_by("number"))
    made.exclude(pk__in=asked).update(deleted_at=timezone.now())
    for masklet in prompted:
        masklet.video = task.video
    routing.after_selection(task, prompted, user)
    tasks.finish(task=task, user=user, outcome="selected" if prompted else NOTHING_LEFT)
    return [masklet.pk for masklet in prompted]


@transaction.atomic
def answer_exhaustivity(*, session: Session, user: User, left: bool, note: str = "") -> None:
    """Whether anything is left to annotate in the video. If so, its objects are selected next.

    note: what is left, and where; whoever selects it reads it.
    """
    task = _task(session, Task.Kind.EXHAUST)
    Task.objects.filter(pk=task.pk).update(answer_note=note)
    tasks.finish(task=task, user=user, outcome=SOMETHING_LEFT if left else NOTHING_LEFT)
    if left:
        tasks.add(kind=Task.Kind.SELECT, video=task.video, by=user, note=note, follows=[task])


def _task(session: Session, kind: str) -> Task:
    if session.task is None or session.task.kind != kind:
        raise Conflict("This session is for another kind of task.", code="wrong_purpose")
    # Held before the task, as by whoever deletes the video: a second tab that ends it as well comes after.
    Video.objects.select_for_update(no_key=True).get(pk=session.video_id)
    return Task.objects.select_related("video__project").get(pk=session.task.pk)
