"""From mask logits to masks: small holes and specks, the video's size, stability."""

from __future__ import annotations

import cv2
import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from inference_worker.engines.sam2.model import enlarged

FILLED, REMOVED = 0.1, -0.1  # logits that a filled hole and a removed speck get
STABILITY_OFFSET = 1.0  # SAM's automatic masks measure stability between -1 and 1
_PIXELS_AT_ONCE = 1 << 26  # float32 logits at the video's size in one piece


def cleaned(logits: Tensor, max_area: int) -> Tensor:
    """B x 1 x h x w logits without holes and specks of up to max_area pixels, 8-connected.

    A speck goes only where the mask has a larger part: an object may be that small.
    """
    if max_area <= 0:
        return logits
    inside = logits > 0
    specks = small_parts(inside, max_area)
    specks &= (inside & ~specks).flatten(1).any(1)[:, None, None, None]
    holes = small_parts(~inside, max_area)
    return torch.where(holes, FILLED, torch.where(specks, REMOVED, logits))


def small_parts(inside: Tensor, max_area: int) -> Tensor:
    """Which of the B x 1 x h x w pixels lie in an 8-connected part of at most max_area pixels."""
    if inside.device.type == "cpu":
        return torch.from_numpy(
            np.stack([_small_on_host(each[0], max_area)[None] for each in inside.numpy()])
        )
    return small_parts_by_pooling(inside, max_area)


def small_parts_by_pooling(inside: Tensor, max_area: int) -> Tensor:
    """As small_parts, in a fixed number of steps that any device takes without waiting for it.

    A part of n pixels is at most n - 1 steps wide, so after max_area steps of spreading the highest
    number each small part has one number; what touches another number is a larger part.
    """
    batch, pixels = inside.shape[0], inside[0].numel()
    numbers = torch.arange(1, pixels + 1, device=inside.device, dtype=torch.float32).view(inside.shape[1:])
    labels = torch.where(inside, numbers, 0)
    for _ in range(max_area):
        labels = torch.where(inside, F.max_pool2d(labels, 3, stride=1, padding=1), 0)
    lowest = -F.max_pool2d(torch.where(inside, -labels, -torch.inf), 3, stride=1, padding=1)
    highest = F.max_pool2d(labels, 3, stride=1, padding=1)
    mixed = inside & ((lowest < labels) | (highest > labels))
    index = labels.long().view(batch, pixels)
    weight = inside.long() + mixed.long() * max_area
    area = torch.zeros(batch, pixels + 1, dtype=torch.int64, device=inside.device)
    area.scatter_add_(1, index, weight.view(batch, pixels))
    return inside & (area.gather(1, index).view(inside.shape) <= max_area)


def at_video_size(logits: Tensor, size: tuple[int, int]) -> Tensor:
    """Masks B x H x W, bool, of B x h x w logits, on their device."""
    pieces = logits[:, None].split(max(1, _PIXELS_AT_ONCE // (size[0] * size[1])))
    return torch.cat([(enlarged(piece, size) > 0)[:, 0] for piece in pieces])


def stability(logits: Tensor, offset: float = STABILITY_OFFSET) -> Tensor:
    """IoU of each B x h x w mask with itself between a stricter and a laxer threshold; NaN where both are empty."""
    strict = (logits > offset).flatten(-2).sum(-1)
    lax = (logits > -offset).flatten(-2).sum(-1)
    return strict / lax


def _small_on_host(inside: np.ndarray, max_area: int) -> np.ndarray:
    _, labels, stats, _ = cv2.connectedComponentsWithStats(inside.astype(np.uint8), connectivity=8)
    small = stats[:, cv2.CC_STAT_AREA] <= max_area
    small[0] = False  # the background of what was asked
    return small[labels]
