"""`SAM2_REPO=... python -m tests.inference_worker.engines.sam2_parity.record`: asks the published code anew.

Writes the names and shapes of its tensors, and what it answers in each scenario at the small size.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import torch

from inference_worker.bench.published import published_shapes, take_checkout
from tests.inference_worker.engines.sam2_parity import recorded
from tests.inference_worker.engines.sam2_parity.models import ARCHITECTURES
from tests.inference_worker.engines.sam2_parity.official import Official
from tests.inference_worker.engines.sam2_parity.scenarios import SCENARIOS
from tests.inference_worker.engines.sam2_parity.weights import NAMES


def main() -> None:
    if "SAM2_REPO" not in os.environ:
        sys.exit("Set SAM2_REPO to a checkout of facebookresearch/sam2.")
    take_checkout(Path(os.environ["SAM2_REPO"]))
    torch.set_num_threads(1)
    shapes = {name: published_shapes(architecture) for name, architecture in ARCHITECTURES.items()}
    NAMES.write_text(_json(shapes))
    official = {model: Official(model, ARCHITECTURES[model]) for model in {each.model for each in SCENARIOS}}
    recorded.save({each.name: recorded.record(official[each.model].run(each)) for each in SCENARIOS})
    print(
        f"{NAMES.name} {NAMES.stat().st_size} bytes, {recorded.ANSWERS.name} {recorded.ANSWERS.stat().st_size} bytes"
    )


def _json(shapes: dict[str, dict[str, tuple[int, ...]]]) -> str:
    """One tensor to a line."""
    models = (
        f" {json.dumps(model)}: {{\n"
        + ",\n".join(f"  {json.dumps(name)}: {json.dumps(shape)}" for name, shape in tensors.items())
        + "\n }"
        for model, tensors in shapes.items()
    )
    return "{\n" + ",\n".join(models) + "\n}\n"


if __name__ == "__main__":
    main()
