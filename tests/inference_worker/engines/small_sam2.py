"""SAM 2 at a small configuration with weights by a rule: quick, and its masks are never empty."""

from __future__ import annotations

from functools import cache
from typing import Any

import torch
from transformers import Sam2VideoModel

from inference_worker.engines.sam2.segmenter import Sam2Segmenter
from inference_worker.protocol.messages import ModelVersion
from tests.inference_worker.engines.sam2_parity.models import our_model


def segmenter(**settings: Any) -> Sam2Segmenter:
    """A fresh one over shared modules, in float32 unless `settings` say otherwise."""
    settings = {"dtype": torch.float32, **settings}
    return Sam2Segmenter(modules(), ModelVersion(engine="sam2", weights="rule"), **settings)


@cache
@torch.inference_mode(False)  # whoever asks first: tensors made within could not be changed outside
def modules() -> Sam2VideoModel:
    """The rule's modules, but always sure that the object is visible."""
    torch.set_num_threads(1)  # the tensors are small, and other work may hold the other cores
    model = our_model("small")
    model.mask_decoder.pred_obj_score_head.proj_out.bias += 20
    return model
