"""The stages of a model whose shapes are fixed but for the batch, compiled and warmed up.

Attention is not among them: what it looks at has another length on almost every frame, and its
rotations are complex numbers, for which torch.compile makes no code.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch import Tensor

from inference_worker.engines import FrameSource, Known, Tracker
from inference_worker.engines.sam2.engine import Engine
from inference_worker.engines.sam2.model import Model

BATCHES = (1, 2)  # compiled for one object, then for any number of them

log = logging.getLogger(__name__)


def warm_up(engine: Engine, open_video: Callable[[FrameSource], Tracker]) -> str:
    """Compile the stages of the engine's model by using them; in the thread that will use them.

    Where that fails they stay as they were, and the answer says so in a sentence for people.
    """
    try:
        compile_stages(engine.model)
        for count in BATCHES:
            _rehearse(open_video, engine.model.side, count)
    except Exception as error:  # compilers fail in many ways, and none of them is needed to go on
        log.exception("SAM 2 cannot be compiled")
        _leave_as_they_were(engine.model)
        return f"SAM 2 runs uncompiled, which is slower: compiling failed ({type(error).__name__}). The worker's log says more."
    finally:
        engine.features.clear()
    return ""


def compile_stages(model: Model) -> None:
    """Each is compiled when it is first used, and for a new kind of batch."""
    on_gpu = model.device.type == "cuda"
    # One frame at a time: the only stage that a CUDA graph fits, whose outputs the next frame overwrites.
    encoder = _compiled(model.image_maps, kept=not on_gpu, mode="reduce-overhead" if on_gpu else None)
    stages = {
        "image_maps": encoder,
        "tracked_masks": _compiled(model.tracked_masks),
        "memory_maps": _compiled(model.memory_maps),
    }
    for name, stage in stages.items():
        setattr(model, name, stage)


def _leave_as_they_were(model: Model) -> None:
    for name in ("image_maps", "tracked_masks", "memory_maps"):
        model.__dict__.pop(name, None)


def _compiled(stage: Callable[..., Any], *, kept: bool = True, mode: str | None = None) -> Callable[..., Any]:
    """kept: whether outputs stay what they are when the stage runs again."""
    run = torch.compile(stage, fullgraph=True, mode=mode)

    def call(*given: Any) -> Any:
        # In one layout: features of a batch come expanded or joined, and each other one is compiled anew.
        answer = run(*(each.contiguous() if isinstance(each, Tensor) else each for each in given))
        return answer if kept else tuple(each.clone() for each in answer)

    return call


def _rehearse(open_video: Callable[[FrameSource], Tracker], side: int, objects: int) -> None:
    video = _Blank(side)
    mask = np.zeros(video.size, bool)
    mask[: side // 2] = True
    known = {number: {0: Known(mask, human=True)} for number in range(objects)}
    for _ in open_video(video).track(video.indices[1:], known):
        pass


class _Blank:
    """Two frames on which there is nothing to see."""

    indices = (0, 1)
    key = "blank"

    def __init__(self, side: int) -> None:
        self.size = (side, side)

    def rgb(self, frame_index: int) -> np.ndarray:
        return np.zeros((*self.size, 3), np.uint8)
