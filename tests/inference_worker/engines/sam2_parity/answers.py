"""What a predictor said in a scenario, in a form that both sides share."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch

# Both sides keep memories in bfloat16. That turns a difference in the last of 24 bits into one in the
# last of 8 wherever a number lies on the edge, so what is compared to 1e-3 keeps them in float32.
MEMORY_DTYPE = torch.float32
WIDEST = 1e-3  # difference of a logit or score, where both are meant to do the same
Key = tuple[int, int, int]  # number of the act, frame, object


@dataclass(frozen=True)
class Answer:
    """One object on one frame.

    logits: float32, a quarter of the model's image size; visible: the object score, a logit.
    """

    logits: np.ndarray
    visible: float


Answers = dict[Key, Answer]


def widest_difference(ours: Answers, official: Answers) -> float:
    """The largest difference of any logit or score. Raises ValueError when they answer different things."""
    if ours.keys() != official.keys():
        raise ValueError(f"answered by one side only: {sorted(ours.keys() ^ official.keys())}")
    return max(
        max(
            float(np.abs(ours[key].logits - official[key].logits).max()),
            abs(ours[key].visible - official[key].visible),
        )
        for key in official
    )
