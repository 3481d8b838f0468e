"""Frames as the image encoder takes them."""

from __future__ import annotations

import numpy as np
import torch
from PIL import Image
from torch import Tensor


def squared(rgb: np.ndarray, side: int) -> Tensor:
    """A frame (H x W x 3, uint8) stretched to side x side x 3, uint8.

    Bicubic over 8-bit values, which is what the official loader of JPEG frames does.
    """
    if rgb.shape[:2] != (side, side):
        rgb = np.asarray(Image.fromarray(rgb).resize((side, side), Image.Resampling.BICUBIC))
    return torch.tensor(rgb)
