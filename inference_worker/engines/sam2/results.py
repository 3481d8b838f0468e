"""Outputs of the model as the contract's results, in one transfer from the device."""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch

from inference_worker.engines import Segmented
from inference_worker.engines.sam2.postprocess import at_video_size, stability
from inference_worker.engines.sam2.step import Output


def segmented(outputs: Sequence[Output], size: tuple[int, int]) -> list[Segmented]:
    """score: how likely the object is visible, times the model's estimate of the mask's IoU."""
    logits = torch.stack([output.logits for output in outputs])
    masks = at_video_size(logits, size)
    visible = torch.stack([output.visible[0] for output in outputs]).sigmoid()
    iou = torch.stack([output.iou for output in outputs]).clamp(0, 1)
    numbers = torch.stack([visible * iou, stability(logits)], dim=1).tolist()
    return [
        Segmented(mask, score, None if math.isnan(stable) else stable)
        for mask, (score, stable) in zip(masks.cpu().numpy(), numbers, strict=True)
    ]
