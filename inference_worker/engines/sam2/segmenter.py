"""One loaded SAM 2 model: what it is, and what it shares among the trackers it opens."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import cast

import msgspec
import torch
from transformers import Sam2VideoModel

from inference_worker.engines import FrameSource, Step
from inference_worker.engines.sam2 import compiled
from inference_worker.engines.sam2.engine import Engine
from inference_worker.engines.sam2.features import FeatureCache
from inference_worker.engines.sam2.memory import Bounds
from inference_worker.engines.sam2.model import Model
from inference_worker.engines.sam2.runs import Run, advance
from inference_worker.engines.sam2.tracker import Sam2Tracker
from inference_worker.protocol.messages import ModelVersion

MAX_CONDITIONING_FRAMES = 4
SMALL_AREA = 8  # pixels of the low-resolution mask
PASSES_TOGETHER = 8  # on a GPU; a processor gains nothing by a larger batch
DEVICE_FEATURE_BYTES, HOST_FEATURE_BYTES = 2 << 30, 4 << 30


class Sam2Segmenter:
    """dtype: of the arithmetic; None chooses bfloat16 where the device has it and gains by it.

    max_conditioning_frames: how many human frames attention takes, nearest first, at least 2; -1
    for all. small_area: holes and specks of up to that many low-resolution pixels go; 0 keeps them.
    device_feature_bytes, host_feature_bytes: see FeatureCache.
    """

    def __init__(
        self,
        modules: Sam2VideoModel,
        version: ModelVersion,
        *,
        dtype: torch.dtype | None = None,
        max_conditioning_frames: int = MAX_CONDITIONING_FRAMES,
        small_area: int = SMALL_AREA,
        device_feature_bytes: int = DEVICE_FEATURE_BYTES,
        host_feature_bytes: int = HOST_FEATURE_BYTES,
    ) -> None:
        if max_conditioning_frames < 2 and max_conditioning_frames != -1:
            raise ValueError("attention takes at least 2 conditioning frames, or -1 for all")
        device = modules.no_memory_embedding.device
        model = Model(modules, dtype or best_dtype(device))
        self.device: torch.device = model.device
        self.together = 1 if device.type == "cpu" else PASSES_TOGETHER
        self.version = msgspec.structs.replace(
            version,
            thresholds={
                "mask_logit": 0.0,
                "small_area": float(small_area),
                "max_conditioning_frames": float(max_conditioning_frames),
            },
        )
        config = modules.config
        self._engine = Engine(
            model=model,
            features=FeatureCache(device, device_feature_bytes, host_feature_bytes),
            bounds=Bounds(max_conditioning_frames, config.num_maskmem, config.max_object_pointers_in_encoder),
            small_area=small_area,
        )

    @property
    def encoder_calls(self) -> int:
        """How often the image encoder has run."""
        return self._engine.features.encoder_calls

    def warm_up(self) -> str:
        """Compile what gains by it, which takes minutes; empty, or why it runs uncompiled, for people."""
        return compiled.warm_up(self._engine, self.open)

    def open(self, frames: FrameSource) -> Sam2Tracker:
        return Sam2Tracker(self._engine, frames)

    def advance(self, tracks: Sequence[Iterator[Step]]) -> list[Step | None]:
        return advance(self._engine, cast(Sequence[Run], tracks))


def best_dtype(device: torch.device) -> torch.dtype:
    if device.type == "cuda" and torch.cuda.is_bf16_supported(including_emulation=False):
        return torch.bfloat16
    return torch.float32
