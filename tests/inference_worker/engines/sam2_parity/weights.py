"""Weights by a rule: each tensor's numbers follow from its published name and its shape alone.

Numbers are drawn by a generator that the name seeds, scaled by the fan-in so that activations keep
their size from layer to layer. `GAINS` names the few tensors of another size: heads whose answers
would else be of one sign, and embeddings that must be seen beside the features they are added to.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import torch

NAMES = Path(__file__).with_name("official_names.json")
GAINS = (
    (re.compile(r"positional_encoding_gaussian_matrix$"), 1.0),
    (re.compile(r"(sam_mask_decoder|memory_attention)\..*\.(q|k)_proj\.weight$"), 2.0),
    (re.compile(r"output_hypernetworks_mlps\.\d\.layers\.2\.weight$"), 3.0),
    (re.compile(r"pred_obj_score_head\.layers\.2\.weight$"), 6.0),
    (re.compile(r"iou_prediction_head\.layers\.2\.weight$"), 4.0),
    (re.compile(r"(no_mem_embed|no_obj_ptr|no_obj_embed_spatial|maskmem_tpos_enc|_embed\.weight)$"), 0.5),
    (re.compile(r"(point_embeddings\.\d|_tokens?)\.weight$"), 1.0),
    (re.compile(r"trunk\.pos_embed"), 0.3),
)
SHIFTS = {"sam_mask_decoder.pred_obj_score_head.layers.2.bias": 5.0}  # visible more often than not


def official_shapes(model: str) -> dict[str, tuple[int, ...]]:
    """Published name of each tensor of a model and its shape. model: one of models.ARCHITECTURES."""
    return {name: tuple(shape) for name, shape in json.loads(NAMES.read_text())[model].items()}


def official_weights(shapes: Mapping[str, tuple[int, ...]]) -> dict[str, torch.Tensor]:
    """The rule's state dict for these names and shapes, float32."""
    return {name: _tensor(name, shape) for name, shape in shapes.items()}


def _tensor(name: str, shape: tuple[int, ...]) -> torch.Tensor:
    seed = int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big")
    drawn = np.random.default_rng(seed).standard_normal(shape, dtype=np.float32)
    return torch.from_numpy(_scaled(name, drawn))


def _scaled(name: str, drawn: np.ndarray) -> np.ndarray:
    gain = next((gain for pattern, gain in GAINS if pattern.search(name)), None)
    if name.endswith("bias"):
        return drawn * np.float32(0.1) + np.float32(SHIFTS.get(name, 0.0))
    if drawn.ndim == 1:  # of norms, and scales of layers
        return 1 + drawn * np.float32(0.1)
    if gain is not None and not name.endswith(("layers.2.weight", "_proj.weight")):
        return drawn * np.float32(gain)
    fan_in = int(np.prod(drawn.shape[1:]))
    return drawn * np.float32((gain or 1.0) / np.sqrt(fan_in))
