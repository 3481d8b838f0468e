"""What an inference worker must know to answer, as a message: the recipe of a session, read from the rows."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from annotator import storage
from annotator.models import AutoRun, Change, Mask, Masklet, Project, Prompt, Propagation, Session, Video
from annotator.selectors import masks, prompts
from annotator.spans import Run, remaining
from inference_worker.protocol import messages
from inference_worker.protocol.messages import WARM_UP_FRAMES

MOST_AROUND = 4 * WARM_UP_FRAMES  # masks that are looked at for a click, on both sides of it


@dataclass(frozen=True)
class Asked:
    """What a click asks the model with: the prompts that count, and the current masks, of its frame and
    of those nearest to it that say how the object looks there."""

    frame: int
    prompts: Sequence[Prompt]
    current: Sequence[masks.MaskRow]

    def here(self) -> tuple[list[Prompt], list[masks.MaskRow]]:
        """The prompts and the mask, if any, of the frame itself."""
        return (
            [row for row in self.prompts if row.frame_index == self.frame],
            [row for row in self.current if row.frame_index == self.frame],
        )


def asked(masklet: Masklet, frame: int) -> Asked:
    """The click that would be asked now on the frame."""
    annotated = masklet.video.annotated_indices
    at = annotated.index(frame)
    window = annotated[max(0, at - WARM_UP_FRAMES) : at + WARM_UP_FRAMES + 1]
    near = masks.around(masklet.pk, frame, on=window, most=MOST_AROUND)
    here = next((row for row in near if row.frame_index == frame), None)
    behind = _tracked_from(here) if here is not None and not here.human else set()
    current = [row for row in near if row.human or row.frame_index in behind or row is here]
    frames = {frame, *(row.frame_index for row in current if row.human)}
    return Asked(frame, prompts.active([masklet.pk], frames=frames), current)


def segment_frame(change: Change, session: int, asked: Asked) -> messages.SegmentFrame:
    """The question behind a change whose prompts are points and boxes.

    Before the last phase a frame is asked about by itself: no other frame, and no mask of a pass, goes along.
    """
    alone = change.masklet.video.project.phase != Project.Phase.ALL
    by_frame = _by_frame(asked.prompts)
    _, here = asked.here()
    refined = bool(here and here[0].area and (here[0].human or not alone))
    shown = here[0].counts if refined and change.kind == Change.Kind.PROMPT else None
    known = [
        messages.KnownFrame(
            frame_index=row.frame_index,
            human=row.human,
            counts=row.counts,
            prompts=by_frame.get(row.frame_index, []),
        )
        for row in sorted(asked.current, key=lambda row: row.frame_index)
        if not alone and (row.frame_index != asked.frame or not row.human)
    ]
    return messages.SegmentFrame(
        session=session,
        frames=frames(change.masklet.video),
        object=messages.ObjectRecipe(masklet=change.masklet_id, change=change.pk, known=known),
        frame_index=asked.frame,
        prompts=by_frame.get(asked.frame, []),
        previous=shown,
    )


def _tracked_from(mask: masks.MaskRow) -> set[int]:
    """The frames that the pass which made this mask had behind it there, the nearest of them."""
    rows = Propagation.objects.filter(changes=mask.change_id).values_list("runs", flat=True)
    for run in (Run.from_json(data) for runs in rows for data in runs):
        if mask.frame_index in run.targets.get(mask.masklet_id, ()):
            at = run.frames.index(mask.frame_index)
            return set(run.frames[max(0, at - WARM_UP_FRAMES) : at])
    return set()


def propagate(propagation: Propagation) -> messages.Propagate | None:
    """What is left of a propagation, for any worker to go on with; None when nothing is."""
    changes = {row.masklet_id: row for row in propagation.changes.select_related("masklet__video__project")}
    done: dict[int, set[int]] = defaultdict(set)
    newest: dict[int, list[Mask]] = defaultdict(list)
    for mask in Mask.objects.filter(change__propagation=propagation).order_by("-id"):
        done[mask.masklet_id].add(mask.frame_index)
        newest[mask.masklet_id].append(mask)
    left = [run for run in (remaining(Run.from_json(data), done) for data in propagation.runs) if run]
    if not left:
        return None
    video = next(iter(changes.values())).masklet.video
    wanted = {masklet for run in left for masklet in run.targets}
    auto = propagation.session.purpose == Session.Purpose.AUTO
    given = propagation.start_frame if auto else None
    return messages.Propagate(
        session=propagation.session_id,
        frames=frames(video),
        objects=[
            messages.ObjectRecipe(masklet=pk, change=change.pk, known=_known(pk, change, newest[pk], given))
            for pk, change in sorted(changes.items())
            if pk in wanted
        ],
        propagation=propagation.pk,
        attempt=propagation.attempt,
        runs=[run.frames for run in left],
        bulk=auto,
        small_area=_small_area(propagation, video) if auto else 0,
    )


def propose(run: AutoRun, frame_index: int) -> messages.Propose:
    """What is left of an auto run's proposing. Of what is known there none is to come again."""
    done = messages.decode(run.found, messages.Proposed)
    return messages.Propose(
        session=run.session_id or 0,
        frames=frames(run.video),
        frame_index=frame_index,
        run=run.pk,
        attempt=run.attempt,
        settings=messages.decode(run.settings, messages.ProposeSettings),
        known=known(run.video_id, frame_index),
        done=done,
        points=done.points,
    )


def known(video: int, frame_index: int) -> list[str]:
    """What the video's masklets show on the frame, also those that were rejected or are set aside."""
    there = Masklet.objects.filter(video=video, deleted_at__isnull=True).values_list("pk", flat=True)
    return [row.counts for row in masks.current(there, frames=[frame_index]) if row.area]


def _small_area(propagation: Propagation, video: Video) -> int:
    settings = AutoRun.objects.values_list("settings", flat=True).get(session=propagation.session_id)
    return messages.decode(settings, messages.ProposeSettings).small_area(
        (video.height or 0, video.width or 0)
    )


def frames(video: Video) -> messages.Frames:
    """Where a worker finds the annotated frames of a ready video."""
    return messages.Frames(
        video=video.pk,
        uri=storage.location(storage.frames_key(video)),
        height=video.height or 0,
        width=video.width or 0,
        stride=video.stride,
        frame_count=video.frame_count or 0,
    )


def human_frames(masklet: int) -> list[messages.KnownFrame]:
    """Frames that a person has put a mask or a prompt on, ascending. A click that the model has
    not answered yet is there with its prompts and no mask."""
    asked = _by_frame(prompts.active([masklet]))
    current = {row.frame_index: row for row in masks.human(masklet)}
    pending = Change.objects.filter(masklet=masklet, pending=True, undone=False).order_by("pk")
    unanswered = {
        frame
        for frame, change in dict(pending.values_list("frame_index", "pk")).items()
        if frame not in current or current[frame].change_id < change
    }
    human = set(current) | (set(asked) & unanswered)
    return [
        messages.KnownFrame(
            frame_index=frame,
            human=True,
            counts=None if frame in unanswered else current[frame].counts,
            prompts=asked.get(frame, []),
        )
        for frame in sorted(human)
    ]


def _by_frame(active: Iterable[Prompt]) -> dict[int, list[messages.Prompt]]:
    asked: dict[int, list[messages.Prompt]] = defaultdict(list)
    for row in active:
        asked[row.frame_index].append(prompts.as_message(row))
    return dict(asked)


def _known(
    masklet: int, change: Change, newest: Sequence[Mask], given: int | None
) -> list[messages.KnownFrame]:
    """Human frames, and what a tracker starts from: the newest masks of this pass, or what was there before.

    given: the frame whose mask of this pass was proposed, and conditions the rest of it as a person's would.
    """
    human = human_frames(masklet)
    if change.masklet.video.project.phase == Project.Phase.MASKS:
        human = [
            messages.KnownFrame(frame_index=known.frame_index, human=True, counts=known.counts)
            for known in human
            if known.counts is not None
        ]
    taken = {known.frame_index for known in human}
    human += [
        messages.KnownFrame(frame_index=mask.frame_index, human=True, counts=mask.counts)
        for mask in newest
        if mask.frame_index == given and given not in taken
    ]
    taken |= {known.frame_index for known in human}
    recent = list(newest)[:WARM_UP_FRAMES]
    starts = recent or _starts(masklet, change)
    known = {
        mask.frame_index: messages.KnownFrame(frame_index=mask.frame_index, human=False, counts=mask.counts)
        for mask in starts
        if mask.frame_index not in taken
    }
    return sorted([*human, *known.values()], key=lambda frame: frame.frame_index)


def _starts(masklet: int, change: Change) -> list[masks.MaskRow]:
    """The masks from which the runs of this pass set out, where they are not human frames."""
    runs = [Run.from_json(data) for data in (change.propagation.runs if change.propagation else [])]
    anchors = []
    for run in runs:
        if masklet not in run.targets:
            continue
        first = run.frames.index(run.targets[masklet][0])
        anchors.append(run.frames[first - 1])
    return masks.current([masklet], frames=anchors)
