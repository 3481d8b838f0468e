"""`python -m inference_worker.bench`: this engine and the published predictor, side by side in one run.

SAM2_REPO names a checkout of facebookresearch/sam2; without it only our own column is there.
Weights are random on both sides: what a step costs does not depend on them.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import torch

from inference_worker.bench import report
from inference_worker.bench.measures import Bench
from inference_worker.engines.sam2.configs import RELEASES


def main() -> int:
    arguments = _arguments()
    torch.set_num_threads(arguments.threads)
    architecture = RELEASES[arguments.model].architecture
    if arguments.image_size:
        architecture = replace(architecture, image_size=arguments.image_size)
    repository = os.environ.get("SAM2_REPO")
    bench = Bench(
        architecture,
        arguments.device,
        Path(repository) if repository else None,
        arguments.frames,
        compiled=arguments.compiled,
    )
    found: dict[str, Any] = {
        "model": arguments.model,
        "architecture": asdict(architecture),
        "device": _device(arguments.device),
        "threads": torch.get_num_threads(),
        "torch": torch.__version__,
        "dtype": str(bench.dtype),
    }
    report.head(found)
    for part, measure in (
        ("frames", lambda: bench.frames(arguments.objects)),
        ("click", bench.click),
        ("memory", lambda: bench.memory(arguments.lengths)),
        ("tokens", lambda: bench.tokens(arguments.corrections)),
        ("phases", lambda: bench.phases(arguments.phases_objects)),
        ("long", bench.long),
    ):
        if part in arguments.parts:
            found[part] = report.table(part, measure())
    if arguments.json:
        print(json.dumps(found))
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m inference_worker.bench", description=__doc__)
    parser.add_argument("--model", choices=RELEASES, default="sam2.1-tiny")
    parser.add_argument("--image-size", type=int, help="another side of the square image, for a quick look")
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    parser.add_argument("--objects", type=int, nargs="+", default=[1, 2, 4, 8, 16])
    parser.add_argument("--frames", type=int, default=8, help="frames timed, once memory is full")
    parser.add_argument("--lengths", type=int, nargs="+", default=[100, 500, 1000, 5000])
    parser.add_argument("--corrections", type=int, nargs="+", default=[1, 4, 16, 64])
    parser.add_argument("--phases-objects", type=int, nargs="+", default=[1, 8])
    parser.add_argument("--parts", nargs="+", default=["frames", "click", "memory", "tokens", "phases"])
    parser.add_argument(
        "--compiled", action="store_true", help="both sides compiled as well, in more columns"
    )
    parser.add_argument("--json", action="store_true", help="one object as the last line")
    return parser.parse_args()


def _device(name: str) -> str:
    if name.startswith("cuda"):
        return torch.cuda.get_device_name()
    return f"{platform.machine()}, {os.cpu_count()} cores, {torch.backends.cpu.get_cpu_capability()}"


if __name__ == "__main__":
    sys.exit(main())
