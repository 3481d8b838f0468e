"""Masks for points, each on its own, on a part of a frame: SAM 2 in image mode."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch

from inference_worker.engines import Window
from inference_worker.engines.sam2 import prompts as reading
from inference_worker.engines.sam2.engine import Video
from inference_worker.engines.sam2.postprocess import at_video_size, stability


@dataclass(frozen=True)
class LogitProposals:
    """See engines.Proposals. logits: N x 3 x mask_side x mask_side, float16; above 0 is object."""

    window: Window
    logits: np.ndarray
    iou: np.ndarray
    stability: np.ndarray

    def masks(self, chosen: np.ndarray) -> np.ndarray:
        if not chosen.any():
            return np.zeros((0, *self.window.size), bool)
        logits = torch.from_numpy(self.logits[chosen]).float()
        return at_video_size(logits, self.window.size).numpy()


def proposed(
    video: Video, frame_index: int, window: Window, points: Sequence[tuple[float, float]], offset: float
) -> LogitProposals:
    """Three masks for each point."""
    model, (height, width) = video.engine.model, window.size
    scale = torch.tensor((model.side / width, model.side / height))
    within = (torch.tensor(points, dtype=torch.float32) - torch.tensor((window.x0, window.y0))) * scale
    labels = torch.full((len(points), 1), reading.POSITIVE, dtype=torch.int32)
    tokens = model.prompted(within[:, None].to(model.device), labels.to(model.device))
    logits, iou = model.propose(video.features_within(frame_index, window), tokens)
    return LogitProposals(
        window,
        logits.half().cpu().numpy(),
        iou.cpu().numpy(),
        stability(logits, offset).cpu().numpy(),
    )
