"""The model of each size that is compared, in the modules that the engine stands on."""

from __future__ import annotations

from dataclasses import replace

from transformers import Sam2VideoModel

from inference_worker.engines.sam2.checkpoints import empty_model
from inference_worker.engines.sam2.configs import RELEASES, Architecture, video_config
from inference_worker.engines.sam2.conversion import convert
from tests.inference_worker.engines.sam2_parity.weights import official_shapes, official_weights

SMALL = Architecture(32, 1, (1, 2, 3, 2), (4,), image_size=256, hidden_size=128)
ARCHITECTURES = {
    "small": SMALL,
    "small, first generation": replace(SMALL, timed_pointers=False),
    "sam2.1-tiny": RELEASES["sam2.1-tiny"].architecture,
}


def our_model(name: str) -> Sam2VideoModel:
    """Modules of `ARCHITECTURES[name]` in float32 with the rule's weights, ready for inference."""
    model = empty_model(video_config(ARCHITECTURES[name]))
    wanted = {key: tensor.shape for key, tensor in model.state_dict().items()}
    model.load_state_dict(convert(official_weights(official_shapes(name)), wanted), assign=True)
    return model.eval().requires_grad_(False)
