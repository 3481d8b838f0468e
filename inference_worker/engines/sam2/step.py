"""One step of the model for many objects at once: they may be of different frames, videos and sessions."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor

from inference_worker.engines.sam2.memory import Memory, Recollection
from inference_worker.engines.sam2.model import ABSENT_LOGIT, Decoded, Features, Model, enlarged, shrunk
from inference_worker.engines.sam2.postprocess import cleaned
from inference_worker.engines.sam2.prompts import Clicks

PREVIOUS_LIMIT = 32.0  # earlier logits are fed back within this
DRAWN_LOGIT = 10.0  # a drawn mask as logits: plus this inside, minus this outside
_HOST_ATTENTION_BATCH = 1  # a processor is as fast object by object, and its caches hold one


@dataclass(frozen=True)
class Job:
    """One object to be tracked onto one frame."""

    features: Features
    past: Recollection


@dataclass(frozen=True)
class Output:
    """What the model says of one object on one frame, on its device.

    logits: mask_side x mask_side, float32. iou: the model's own estimate, 0 to 1. visible: one
    logit. pointer: C. map: see Memory, None while nobody has asked for it. forward: which way a
    pass came to this frame, None where none did.
    """

    logits: Tensor
    iou: Tensor
    visible: Tensor
    pointer: Tensor
    map: Tensor | None = None
    forward: bool | None = None

    @property
    def memory(self) -> Memory:
        return Memory(self.map, self.pointer)

    @property
    def nbytes(self) -> int:
        return self.logits.nbytes + self.pointer.nbytes + (0 if self.map is None else self.map.nbytes)


def track(model: Model, jobs: Sequence[Job], small_area: int) -> list[Output]:
    """The objects on their frames, one batch through decoder and memory encoder.

    Attention takes objects with equally much to remember together. small_area: see postprocess.
    """
    features = _together([job.features for job in jobs])
    fused = _fused(model, jobs)
    decoded = model.decode_tracked(fused, features, multimask=multimask(model, 0, remembered=True))
    logits, found = _chosen(model, decoded)
    shares = torch.sigmoid(enlarged(logits, (model.side, model.side)))
    maps = model.remember(features.low, shares, found.visible > 0)
    logits = cleaned(logits, small_area)
    return [replace(output, map=maps[i]) for i, output in enumerate(_outputs(logits, found))]


def click(
    model: Model,
    features: Features,
    past: Recollection | None,
    clicks: Clicks,
    size: tuple[int, int],
    previous: Tensor | None,
    small_area: int,
) -> Output:
    """One object from clicks on one frame. previous: the logits of the mask before the newest of them.

    past: what is remembered of it, None for a frame that is to be seen on its own. size: the video's.
    """
    scale = torch.tensor((model.side / size[1], model.side / size[0]))
    points = (torch.tensor(clicks.points, dtype=torch.float32) * scale).to(model.device)
    labels = torch.tensor(clicks.labels, dtype=torch.int32).to(model.device)
    tokens = model.prompted(points[None], labels[None])
    if past is None:
        low = model.without_memory(features.low)
    else:
        low = model.attend(features.low, past.tokens[None], past.positions[None], past.pointer_tokens)
    if previous is not None:
        previous = previous.clamp(-PREVIOUS_LIMIT, PREVIOUS_LIMIT)[None, None]
    several = multimask(model, len(clicks.points), remembered=past is not None)
    decoded = model.decode(low, features, tokens, previous, multimask=several)
    logits, found = _chosen(model, decoded)
    return _outputs(cleaned(logits, small_area), found)[0]


def drawn(model: Model, given: Sequence[tuple[Features, np.ndarray]], small_area: int) -> list[Output]:
    """Masks that are given, bool at the video's size, as if the model had said so; with memory.

    The decoder is asked only for the object pointers.
    """
    features = _together([each for each, _ in given])
    masks = torch.cat([as_square(model, mask) for _, mask in given])
    visible = masks.flatten(1).any(1, keepdim=True)
    tokens = model.unprompted.expand(len(given), -1, -1, -1)
    decoded = model.decode(features.low, features, tokens, model.pointer_mask(masks.float()), multimask=False)
    _, found = _chosen(model, decoded)
    pointers = torch.where(visible, found.pointers, model.modules.no_object_pointer)
    logits = cleaned(drawn_logits(model, masks), small_area)
    scores = torch.where(visible, DRAWN_LOGIT, -DRAWN_LOGIT)
    outputs = _outputs(logits, _Found(torch.ones_like(found.iou), scores, pointers))
    return _with_maps(model, features.low, outputs)


def with_map(model: Model, features: Features, output: Output) -> Output:
    """The output of a click, with its memory: of the mask exactly as people saw it."""
    return _with_maps(model, features.low, [output])[0]


def as_square(model: Model, mask: np.ndarray) -> Tensor:
    """A mask of the video's size (bool, H x W) at the model's: 1 x 1 x side x side, bool."""
    whole = torch.from_numpy(np.ascontiguousarray(mask))[None, None].to(model.device)
    if whole.shape[-2:] == (model.side, model.side):
        return whole
    return shrunk(whole.float(), model.side) >= 0.5


def drawn_logits(model: Model, masks: Tensor) -> Tensor:
    """Low logits B x 1 x mask_side x mask_side of B square masks."""
    return shrunk(torch.where(masks, DRAWN_LOGIT, -DRAWN_LOGIT), model.mask_side)


def multimask(model: Model, points: int, *, remembered: bool) -> bool:
    """Whether the model is to choose among three masks: where prompts leave room for doubt."""
    config = model.config
    asked = config.multimask_output_for_tracking if remembered else config.multimask_output_in_sam
    return bool(asked) and config.multimask_min_pt_num <= points <= config.multimask_max_pt_num


@dataclass(frozen=True)
class _Found:
    iou: Tensor
    visible: Tensor
    pointers: Tensor


def _together(features: Sequence[Features]) -> Features:
    first, count = features[0], len(features)
    if all(each is first for each in features):
        return Features(*(part.expand(count, -1, -1, -1) for part in (first.low, first.half, first.fine)))
    return Features(
        torch.cat([each.low for each in features]),
        torch.cat([each.half for each in features]),
        torch.cat([each.fine for each in features]),
    )


def _fused(model: Model, jobs: Sequence[Job]) -> Tensor:
    groups: dict[tuple[int, int], list[int]] = defaultdict(list)
    for index, job in enumerate(jobs):
        groups[job.past.maps, job.past.pointer_tokens].append(index)
    limit = _HOST_ATTENTION_BATCH if model.device.type == "cpu" else len(jobs)
    done: dict[int, Tensor] = {}
    for (_, pointer_tokens), members in groups.items():
        for start in range(0, len(members), limit):
            batch = members[start : start + limit]
            fused = model.attend(
                torch.cat([jobs[i].features.low for i in batch]),
                torch.stack([jobs[i].past.tokens for i in batch]),
                torch.stack([jobs[i].past.positions for i in batch]),
                pointer_tokens,
            )
            done.update(zip(batch, fused, strict=True))
    return torch.stack([done[index] for index in range(len(jobs))])


def _chosen(model: Model, decoded: Decoded) -> tuple[Tensor, _Found]:
    visible = decoded.visible > 0
    best = decoded.iou.argmax(1)
    rows = torch.arange(len(best), device=best.device)
    tokens = decoded.tokens[rows, best if decoded.tokens.shape[1] > 1 else 0]
    logits = torch.where(visible[..., None], decoded.logits[rows, best], ABSENT_LOGIT)[:, None]
    return logits, _Found(decoded.iou[rows, best], decoded.visible, model.pointers(tokens, visible))


def _outputs(logits: Tensor, found: _Found) -> list[Output]:
    parts = zip(logits[:, 0], found.iou, found.visible, found.pointers, strict=True)
    return [Output(*each) for each in parts]


def _with_maps(model: Model, low: Tensor, outputs: list[Output]) -> list[Output]:
    logits = torch.stack([output.logits for output in outputs])[:, None]
    shares = (enlarged(logits, (model.side, model.side)) > 0).float()
    visible = torch.stack([output.visible for output in outputs]) > 0
    maps = model.remember(low, shares, visible)
    return [replace(output, map=maps[i]) for i, output in enumerate(outputs)]
