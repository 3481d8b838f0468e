"""What is remembered of one object, and which of it a frame attends to.

Positions are places in the video's annotated frames: 0, 1, 2, ... The rules are those of the SAM 2
paper (arXiv 2408.00714, section 4, memory bank) as the official video predictor applies them.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import torch
from torch import Tensor

from inference_worker.engines.sam2.model import Model


@dataclass(frozen=True)
class Memory:
    """One object on one frame. map: (h w) x channels, bfloat16, None where only the pointer is in
    reach. pointer: C."""

    map: Tensor | None
    pointer: Tensor


@dataclass(frozen=True)
class Reach:
    """Which positions a frame attends to.

    maps: (index into the model's map positions, position). pointers: (age in frames, position).
    """

    maps: list[tuple[int, int]]
    pointers: list[tuple[int, int]]

    @property
    def positions(self) -> set[int]:
        return {position for _, position in [*self.maps, *self.pointers]}


@dataclass(frozen=True)
class Recollection:
    """The tokens of a Reach in the order the modules want them: maps, then pointers.

    tokens, positions: T x channels. Tokens of equal (maps, pointer_tokens) go into one batch.
    """

    tokens: Tensor
    positions: Tensor
    maps: int
    pointer_tokens: int


@dataclass(frozen=True)
class Bounds:
    """How far attention reaches.

    conditioning: frames at most, nearest first; -1 for all. maps: places for maps, one of them the
    conditioning frames'. pointers: frames at most whose pointers count.
    """

    conditioning: int
    maps: int
    pointers: int


def reach(
    at: int, *, forward: bool, conditioning: Collection[int], passed: Collection[int], bounds: Bounds
) -> Reach:
    """What the frame at position `at` attends to in a pass of that direction.

    conditioning: positions of human frames, on either side. passed: positions with masks of a pass.
    """
    chosen = closest(at, conditioning, bounds.conditioning)
    others = {*passed, *conditioning}.difference(chosen)
    step = -1 if forward else 1
    maps = [(bounds.maps - 1, position) for position in chosen]
    for age in range(bounds.maps - 1, 0, -1):
        if at + step * age in others:
            maps.append((age - 1, at + step * age))
    pointers = [((at - position) * -step, position) for position in chosen if (at - position) * -step >= 0]
    for age in range(1, bounds.pointers):
        if at + step * age in others:
            pointers.append((age, at + step * age))
    return Reach(maps, pointers)


def closest(at: int, positions: Collection[int], count: int) -> list[int]:
    """The nearest before, the nearest at or after, then by distance, `count` in all; -1 gives all."""
    if count == -1 or len(positions) <= count:
        return sorted(positions)
    before = max((p for p in positions if p < at), default=None)
    after = min((p for p in positions if p >= at), default=None)
    first = [p for p in (before, after) if p is not None]
    rest = sorted((p for p in sorted(positions) if p not in first), key=lambda p: abs(p - at))
    return first + rest[: count - len(first)]


def recollect(model: Model, within: Reach, memories: Mapping[int, Memory], longest: int) -> Recollection:
    """The tokens of what is in reach. longest: the age of a pointer that counts as 1."""
    maps = [memories[position].map for _, position in within.maps]
    tokens = [each for each in maps if each is not None]
    positions = [model.map_positions[index] for index, _ in within.maps]
    pointer_tokens = 0
    if within.pointers:
        pointers = torch.stack([memories[position].pointer for _, position in within.pointers])
        split = pointers.shape[1] // model.channels
        ages = model.pointer_positions([age for age, _ in within.pointers], longest)
        tokens.append(pointers.reshape(-1, model.channels))
        positions.append(ages.repeat_interleave(split, dim=0))
        pointer_tokens = len(within.pointers) * split
    dtype = model.dtype
    return Recollection(
        torch.cat([each.to(dtype) for each in tokens]), torch.cat(positions), len(maps), pointer_tokens
    )
