"""What follows what: the protocol of a project, as tasks.

Chance is taken from a hash of what is decided, so that a retry decides the same.
"""

from __future__ import annotations

import hashlib

from django.db import transaction

from annotator.models import Change, Consensus, Mask, Masklet, Prompt, Task, User, Verification, Video
from annotator.selectors import masklets as masklets_selector
from annotator.selectors.tasks import people_of
from annotator.services import tasks

_K, _Verdict = Task.Kind, Verification.Verdict
URGENT = 10  # what was sent back is refined before anything new is begun


def drawn(what: str, pk: int, share: float) -> bool:
    """Whether this row is among the share that is drawn for something."""
    digest = hashlib.sha256(f"{what}/{pk}".encode()).digest()
    return int.from_bytes(digest[:8], "big") < share * 2**64


def is_too_easy(masklet: Masklet) -> bool:
    """Whether a manual masklet needed fewer edited frames than the project keeps."""
    least = masklet.video.project.min_edited_frames
    if masklet.type == Masklet.Type.AUTO or least == 0:
        return False
    return masklets_selector.edited_frame_count(masklet.pk) < least


def after_ingest(video: Video) -> None:
    """A project whose people pull their work has objects selected in every video."""
    if video.project.pull_only and not video.tasks.exists():
        tasks.add(kind=_K.SELECT, video=video)


def after_selection(video: Video, masklets: list[Masklet], user: User) -> None:
    """Each selected masklet is tracked by somebody else; a share of them twice, independently."""
    for masklet in masklets:
        tasks.add(kind=_K.TRACK, video=video, masklet=masklet, by=user)
        if drawn("consensus", masklet.pk, video.project.consensus_share):
            twin = copy_of_selection(masklet, user)
            Consensus.objects.create(first=masklet, second=twin)
            tasks.add(kind=_K.TRACK, video=video, masklet=twin, by=user)


def after_submit(masklet: Masklet, user: User) -> None:
    """Work that was handed in is verified; of two that were tracked independently a third person decides."""
    pair = Consensus.objects.filter(first=masklet).first() or Consensus.objects.filter(second=masklet).first()
    if pair is not None and pair.chosen_id is None:
        others = Masklet.objects.filter(pk__in=(pair.first_id, pair.second_id), deleted_at__isnull=True)
        if others.filter(state=Masklet.State.SUBMITTED).count() == 2:
            workers = sorted({pk for one in others for pk in people_of(one)})
            tasks.add(kind=_K.DECIDE, video=masklet.video, masklet=pair.first, by=user, workers=workers)
        return
    tasks.add(kind=_K.VERIFY, video=masklet.video, masklet=masklet, by=user)


def after_verdict(masklet: Masklet, verdict: str, stage: str, user: User | None) -> None:
    """What was sent back is refined; a share of what was accepted is audited."""
    project = masklet.video.project
    if masklet.state == Masklet.State.REFINE:
        tasks.add(kind=_K.REFINE, video=masklet.video, masklet=masklet, by=user, priority=URGENT, workers=[])
    share = project.audit_share if user is not None else project.verifier_audit_share
    accepted = verdict == _Verdict.SATISFACTORY and stage == Verification.Stage.VERIFY
    if accepted and drawn("audit", masklet.pk, share):
        tasks.add(kind=_K.AUDIT, video=masklet.video, masklet=masklet, by=user)


@transaction.atomic
def copy_of_selection(masklet: Masklet, user: User, **fields: object) -> Masklet:
    """Another masklet of the video that begins where this one's selection did: its first human frame."""
    video = Video.objects.select_for_update().get(pk=masklet.video_id)
    number = (Masklet.objects.filter(video=video).order_by("-number").values_list("number", flat=True)[0]) + 1
    copy = Masklet.objects.create(
        video=video,
        number=number,
        name=masklet.name,
        color=number % 12,
        created_by=masklet.created_by,
        **fields,
    )
    mask = Mask.objects.filter(masklet=masklet, human=True, change__undone=False, area__gt=0)
    first = mask.order_by("frame_index", "-change").first()
    if first is None:
        return copy
    change = Change.objects.create(
        masklet=copy,
        user=masklet.created_by,
        kind=Change.Kind.PROMPT,
        number=1,
        frame_index=first.frame_index,
    )
    Prompt.objects.create(
        change=change, masklet=copy, frame_index=first.frame_index, kind=Prompt.Kind.MASK,
        data={"counts": first.counts},
    )  # fmt: skip
    Mask.objects.create(
        change=change, masklet=copy, frame_index=first.frame_index, state=Mask.State.EDITED, human=True,
        counts=first.counts, area=first.area,
    )  # fmt: skip
    return copy
