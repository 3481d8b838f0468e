"""`SAM2_REPO=... python -m tests.inference_worker.engines.sam2_parity.compare [--full-size]`.

Runs scenarios on the published code and on ours in this process and prints the widest difference.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from pathlib import Path

import torch

from inference_worker.bench.published import take_checkout
from tests.inference_worker.engines.sam2_parity.answers import WIDEST, widest_difference
from tests.inference_worker.engines.sam2_parity.models import ARCHITECTURES, our_model
from tests.inference_worker.engines.sam2_parity.official import Official
from tests.inference_worker.engines.sam2_parity.ours import Ours
from tests.inference_worker.engines.sam2_parity.scenarios import SCENARIOS, SHORT_SCENARIOS


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--full-size", action="store_true", help="short scenarios at sam2.1-tiny's size")
    scenarios = SHORT_SCENARIOS if parser.parse_args().full_size else SCENARIOS
    if "SAM2_REPO" not in os.environ:
        sys.exit("Set SAM2_REPO to a checkout of facebookresearch/sam2.")
    take_checkout(Path(os.environ["SAM2_REPO"]))
    torch.set_num_threads(1 if scenarios is SCENARIOS else min(2, torch.get_num_threads()))
    models = {scenario.model for scenario in scenarios}
    official = {model: Official(model, ARCHITECTURES[model]) for model in models}
    ours = {model: Ours(our_model(model)) for model in models}
    widest = 0.0
    print(f"{'scenario':44} {'answers':>7} {'widest':>8} {'official':>9} {'ours':>7}")
    for scenario in scenarios:
        started = time.perf_counter()
        theirs = official[scenario.model].run(scenario)
        between = time.perf_counter()
        found = widest_difference(ours[scenario.model].run(scenario), theirs)
        spent = f"{between - started:7.1f} s {time.perf_counter() - between:5.1f} s"
        print(f"{scenario.name:44} {len(theirs):7} {found:8.1e} {spent}", flush=True)
        widest = max(widest, found)
    print(f"widest {widest:.1e}, at most {WIDEST:.0e} is taken for the same")
    return int(widest >= WIDEST)


if __name__ == "__main__":
    sys.exit(main())
