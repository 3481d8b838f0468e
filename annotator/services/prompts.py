"""People's prompts on frames, and asking the model for the masks of points and boxes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from annotator import inference
from annotator.errors import NotPossible, NotThere
from annotator.models import Change, Mask, Masklet, Project, Prompt, Session, User
from annotator.selectors import prompts, recipes
from annotator.services import changes, versions
from inference_worker.protocol import messages, rle

CLICK_EXPIRES_S = 60.0
MAX_PROMPTS_A_FRAME = 64

_MADE_BY: Mapping[type[messages.Prompt], frozenset[str]] = {
    messages.Point: frozenset({Project.Tool.POINT}),
    messages.Box: frozenset({Project.Tool.BOX}),
    messages.MaskPrompt: frozenset({Project.Tool.BRUSH, Project.Tool.ERASER}),
}


@changes.answered_once
def add(
    *,
    session: Session,
    user: User,
    masklet_id: int,
    base_version: int,
    frame_index: int,
    new: Sequence[messages.Prompt],
    client_id: UUID | None = None,
) -> dict[str, Any]:
    """Store a person's prompts on one frame; a mask or absent is the frame's mask at once.

    For points and a box the model is asked on commit, and its mask arrives as an event.
    Returns docs/api.md's Change. Raises NotPossible for prompts that do not fit the video,
    `tool_not_allowed` for those whose tool the project does not have, and `one_frame` in a selection.
    """
    masklet = versions.touch(session, masklet_id, base_version)
    if session.purpose == Session.Purpose.ANNOTATE:
        _check_tools(session.video.project, new)
    if session.is_for_choosing:
        _check_one_frame(masklet, frame_index)
    new = _checked(masklet, frame_index, new)
    asked = recipes.asked(masklet, frame_index)
    present, _ = asked.here()
    if len(present) + len(new) > MAX_PROMPTS_A_FRAME:
        raise NotPossible(f"A frame takes at most {MAX_PROMPTS_A_FRAME} prompts. Remove some first.")
    drawn = isinstance(new[0], messages.MaskPrompt | messages.Absent)
    change = _step(masklet, user, Change.Kind.PROMPT, client_id, frame_index, pending=not drawn)
    replaced = _replaced_by(new, present)
    change.replaced_prompts.add(*replaced)
    added = Prompt.objects.bulk_create(_row(change, frame_index, prompt) for prompt in new)
    if drawn:
        _store_drawn(change, masklet, frame_index, new[0])
        return changes.announce(change)
    left = [row for row in asked.prompts if row not in replaced]
    return _ask(change, session, replace(asked, prompts=[*left, *added]), replaced)


@changes.answered_once
def remove(
    *,
    session: Session,
    user: User,
    masklet_id: int,
    prompt_id: int,
    base_version: int,
    client_id: UUID | None = None,
) -> dict[str, Any]:
    """Take one prompt back. The frame's other prompts are asked again; without any left, the frame
    has again the mask that the last pass gave it, or none."""
    masklet = versions.touch(session, masklet_id, base_version)
    prompt = next((row for row in prompts.active([masklet.pk]) if row.pk == prompt_id), None)
    if prompt is None:
        raise NotThere("This prompt is gone already.")
    frame = prompt.frame_index
    asked = recipes.asked(masklet, frame)
    asked = replace(asked, prompts=[row for row in asked.prompts if row != prompt])
    left = bool(asked.here()[0])
    change = _step(masklet, user, Change.Kind.REMOVE_PROMPT, client_id, frame, pending=left)
    change.replaced_prompts.add(prompt)
    if left:
        return _ask(change, session, asked, [prompt])
    _give_back_predicted(change, masklet, frame)
    return changes.announce(change)


def ask(change: Change, session_id: int) -> bool:
    """Send the frame's active prompts to a worker. False when it could not be sent; the sweep tries again."""
    if change.frame_index is None:
        raise ValueError(f"change {change.pk} asks nothing of a frame")
    asked = recipes.asked(change.masklet, change.frame_index)
    message = recipes.segment_frame(change, session_id, asked)
    Change.objects.filter(pk=change.pk).update(sent_at=timezone.now())
    if not any(isinstance(prompt, messages.Point | messages.Box) for prompt in message.prompts):
        return True  # drawn over or cleared since: it waits for that to be undone
    return inference.segment(message, expires_s=CLICK_EXPIRES_S)


def _step(
    masklet: Masklet, user: User, kind: Change.Kind, client_id: UUID | None, frame: int, *, pending: bool
) -> Change:
    sent_at = timezone.now() if pending else None
    return changes.add(
        masklet, user, kind, client_id=client_id, frame_index=frame, pending=pending, sent_at=sent_at
    )


def _ask(change: Change, session: Session, asked: recipes.Asked, gone: Sequence[Prompt]) -> dict[str, Any]:
    """Ask the model on commit. gone: the prompts of the frame that no longer count."""
    # Built now, sent after commit: the recipe is a snapshot of what this transaction leaves.
    message = recipes.segment_frame(change, session.pk, asked)
    transaction.on_commit(partial(inference.segment, message, expires_s=CLICK_EXPIRES_S))
    active, current = asked.here()
    left = changes.Left([asked.frame], current, active, [row.pk for row in gone])
    return changes.announce(change, left)


def _check_one_frame(masklet: Masklet, frame: int) -> None:
    chosen = {row.frame_index for row in prompts.active([masklet.pk])} - {frame}
    if chosen:
        raise NotPossible(
            f"{masklet.name} is chosen on frame {min(chosen)}, and one frame is enough. To choose it on another, "
            "undo that first.",
            code="one_frame",
        )


def _check_tools(project: Project, new: Sequence[messages.Prompt]) -> None:
    for prompt in new:
        makers = _MADE_BY.get(type(prompt))
        if makers and not makers & set(project.tools):
            raise NotPossible(
                f"This project does without the {' and the '.join(sorted(makers))}. Its tools: "
                f"{', '.join(project.tools)}.",
                code="tool_not_allowed",
                tools=project.tools,
            )


def _checked(masklet: Masklet, frame_index: int, new: Sequence[messages.Prompt]) -> list[messages.Prompt]:
    video = masklet.video
    if frame_index not in video.annotated_indices:
        raise NotPossible(
            f"Frame {frame_index} is not an annotated frame of this video: every {video.stride}th is.",
            code="not_annotated",
        )
    if not new:
        raise NotPossible("There is no prompt in this request.", code="no_prompts")
    alone = [prompt for prompt in new if isinstance(prompt, messages.MaskPrompt | messages.Absent)]
    if alone and len(new) > 1:
        raise NotPossible("A mask or absent stands alone; send points in a request of their own.")
    if sum(isinstance(prompt, messages.Box) for prompt in new) > 1:
        raise NotPossible("A frame takes one box for each masklet.")
    return [_inside(prompt, video.height or 0, video.width or 0) for prompt in new]


def _inside(prompt: messages.Prompt, height: int, width: int) -> messages.Prompt:
    if isinstance(prompt, messages.Point):
        if not (0 <= prompt.x <= width and 0 <= prompt.y <= height):
            raise NotPossible("A point lies outside the frame.", code="outside")
        return prompt
    if isinstance(prompt, messages.Box):
        x0, x1 = max(0.0, prompt.x0), min(float(width), prompt.x1)
        y0, y1 = max(0.0, prompt.y0), min(float(height), prompt.y1)
        if not (x1 - x0 >= 1 and y1 - y0 >= 1):
            raise NotPossible("The box is empty or lies outside the frame.", code="outside")
        return messages.Box(x0=x0, y0=y0, x1=x1, y1=y1)
    if isinstance(prompt, messages.MaskPrompt):
        try:
            rle.checked(prompt.counts, height, width)
        except ValueError as error:
            raise NotPossible(f"This mask cannot be used: {error}.", code="bad_mask") from None
        return prompt if rle.area(prompt.counts, height, width) else messages.Absent()
    return prompt


def _replaced_by(new: Sequence[messages.Prompt], present: list[Prompt]) -> list[Prompt]:
    """A mask or absent replaces everything; points and boxes replace a mask or absent, a box the box."""
    if isinstance(new[0], messages.MaskPrompt | messages.Absent):
        return present
    out = {Prompt.Kind.MASK, Prompt.Kind.ABSENT}
    if any(isinstance(prompt, messages.Box) for prompt in new):
        out.add(Prompt.Kind.BOX)
    return [row for row in present if row.kind in out]


def _row(change: Change, frame_index: int, prompt: messages.Prompt) -> Prompt:
    data = messages.encode(prompt)
    return Prompt(
        change=change, masklet_id=change.masklet_id, frame_index=frame_index, kind=data.pop("kind"), data=data
    )


def _store_drawn(change: Change, masklet: Masklet, frame_index: int, prompt: messages.Prompt) -> None:
    """As drawn, not as a model would give it back."""
    if isinstance(prompt, messages.MaskPrompt):
        height, width = masklet.video.height or 0, masklet.video.width or 0
        area = rle.area(prompt.counts, height, width)
        changes.human_mask(change, frame_index, Mask.State.EDITED, prompt.counts, area).save()
    else:
        changes.human_mask(change, frame_index, Mask.State.ABSENT, changes.empty_counts(masklet), 0).save()


def _give_back_predicted(change: Change, masklet: Masklet, frame_index: int) -> None:
    predicted = (
        Mask.objects.filter(masklet=masklet, frame_index=frame_index, change__undone=False, human=False)
        .order_by("-change")
        .first()
    )
    if predicted is None:
        changes.human_mask(change, frame_index, Mask.State.UNKNOWN, "", 0).save()
        return
    predicted.pk = None
    predicted.change = change
    predicted.save()
