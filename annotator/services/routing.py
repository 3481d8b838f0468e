"""What follows what: the protocol of a project, as tasks."""

from __future__ import annotations

from typing import Any

from django.db.models import Q

from annotator import queue
from annotator.models import AutoRun, Consensus, Masklet, Membership, Project, Task, User, Verification, Video
from annotator.selectors import masklets as masklets_selector
from annotator.selectors import tasks as selector
from annotator.selectors.tasks import people_of
from annotator.services import scores, sessions, tasks, triage
from annotator.services.chance import drawn
from annotator.services.copies import copy_of_selection

_K, _Verdict = Task.Kind, Verification.Verdict
_AWAITED = (Masklet.State.IN_WORK, Masklet.State.SUBMITTED)


def is_too_easy(masklet: Masklet) -> bool:
    """Whether a masklet that a person chose, handed in as it was tracked, needed fewer edited frames than the
    project keeps. What was sent back was not easy."""
    least = masklet.video.project.min_edited_frames
    is_asked = masklet.type == Masklet.Type.MANUAL and masklet.state == Masklet.State.IN_WORK
    return is_asked and masklets_selector.edited_frame_count(masklet.pk) < least


def after_ingest(video: Video) -> None:
    """A project whose people pull their work has objects selected in every video."""
    if video.project.pull_only and not video.tasks.exists():
        tasks.add(kind=_K.SELECT, video=video)


def after_pull_only(project: Project) -> None:
    """Who annotated freely is asked to pull; objects in work are tracked, and in other videos some selected."""
    freely = Q(video__project=project, user__memberships__project=project)
    sessions.close_free(freely & Q(user__memberships__role=Membership.Role.ANNOTATOR))
    begun = Masklet.objects.select_related("video__project").filter(
        video__project=project, video__deleted_at=None, deleted_at=None, state=Masklet.State.IN_WORK,
        gold_of=None, tasks=None,
    )  # fmt: skip
    under_way = AutoRun.objects.filter(state__in=AutoRun.ACTIVE, video__project=project).values("video")
    for masklet in begun.exclude(type=Masklet.Type.AUTO, video__in=under_way):
        tasks.add(kind=_K.TRACK, video=masklet.video, masklet=masklet)
    untouched = Video.objects.filter(project=project, state=Video.State.READY, deleted_at=None, tasks=None)
    tasks.add_to_videos(kind=_K.SELECT, videos=untouched.order_by("pk"))


def after_selection(task: Task, masklets: list[Masklet], user: User) -> None:
    """Each selected masklet is tracked by somebody else; a share of them twice, independently."""
    for masklet in masklets:
        tasks.add(kind=_K.TRACK, video=task.video, masklet=masklet, by=user, follows=[task])
        if drawn("consensus", masklet.pk, task.video.project.consensus_share):
            twin = copy_of_selection(masklet)
            Consensus.objects.create(first=masklet, second=twin)
            tasks.add(kind=_K.TRACK, video=task.video, masklet=twin, by=user, follows=[task])


def after_submit(masklet: Masklet, user: User) -> None:
    """Work that was handed in is verified; of two that were tracked independently a third person decides."""
    pair = _undecided(masklet)
    if pair is None:
        triage.add_verify_task(masklet, user, follows=selector.over([masklet.pk]))
    else:
        _go_on(pair, user)


def after_loss(masklet: Masklet, user: User) -> None:
    """Where one of two is set aside or deleted before a decision, nobody has to decide: the other is verified."""
    pair = _undecided(masklet)
    if pair is not None:
        _go_on(pair, user)


def after_restore(masklet: Masklet, user: User) -> None:
    """What is back is asked for again where the queue had asked for it."""
    if masklet.state == Masklet.State.REFINE:
        sent_back(masklet, user)
    elif masklet.state == Masklet.State.IN_WORK and masklet.tasks.filter(kind=_K.TRACK).exists():
        before = selector.over([masklet.pk])
        tasks.add(kind=_K.TRACK, video=masklet.video, masklet=masklet, by=user, follows=before)


def after_decision(pair: Consensus, chosen: Masklet, user: User) -> None:
    """The better one of two is verified, by neither who made it nor who chose it."""
    workers = sorted({*people_of(chosen), user.pk})
    before = selector.over([pair.first_id, pair.second_id])
    triage.add_verify_task(chosen, user, workers=workers, follows=before)


def after_reopening(masklet: Masklet, user: User, **fields: Any) -> Task:
    """What is to be judged again is verified, by neither who made it nor who judged it before."""
    workers = people_of(masklet, judges=True)
    return triage.add_verify_task(masklet, user, workers=workers, **fields)


def sent_back(masklet: Masklet, user: User | None) -> None:
    """What was sent back is refined by anybody, before anything new is begun."""
    before = selector.over([masklet.pk])
    tasks.add(kind=_K.REFINE, video=masklet.video, masklet=masklet, by=user, workers=[], follows=before)


def after_verdict(masklet: Masklet, verdict: str, stage: str, user: User | None) -> None:
    """What was sent back is refined; a share of what was accepted is audited."""
    project = masklet.video.project
    if masklet.state == Masklet.State.REFINE:
        sent_back(masklet, user)
    share = project.audit_share if user is not None else project.verifier_audit_share
    accepted = verdict == _Verdict.SATISFACTORY and stage == Verification.Stage.VERIFY
    if accepted and drawn("audit", masklet.pk, share):
        before = selector.over([masklet.pk])
        tasks.add(kind=_K.AUDIT, video=masklet.video, masklet=masklet, by=user, follows=before)


def _undecided(masklet: Masklet) -> Consensus | None:
    """The pair that the masklet is of, its row held: of two who hand in at once, the second sees the first."""
    pairs = Consensus.objects.select_for_update().filter(decided_at=None)
    return pairs.filter(Q(first=masklet) | Q(second=masklet)).first()


def _go_on(pair: Consensus, user: User) -> None:
    both = Masklet.objects.select_related("video__project").filter(pk__in=(pair.first_id, pair.second_id))
    there = list(both.filter(state__in=_AWAITED, deleted_at=None).order_by("pk"))
    if any(one.state == Masklet.State.IN_WORK for one in there):
        return
    judged = list(selector.open_of([one.pk for one in there], [_K.VERIFY]).select_for_update())
    if len(there) == 2 and not any(task.holder_id for task in judged):
        tasks.cancel(judged, user, "to be decided")  # one was away, and the other to be verified without it
        workers = sorted({pk for one in there for pk in people_of(one)})
        before = selector.over([one.pk for one in there])
        tasks.add(
            kind=_K.DECIDE, video=there[0].video, masklet=pair.first, by=user, workers=workers, follows=before
        )
        queue.wake_on_commit(scores.PAIR_TASK, pair.pk)
        return
    for left in there:
        triage.add_verify_task(left, user, follows=selector.over([left.pk]))
