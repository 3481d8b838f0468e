"""Our tracker answers what the published predictor answers, wherever it is meant to."""

from __future__ import annotations

import os
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from inference_worker.bench.published import published_shapes, take_checkout
from inference_worker.engines.sam2.images import squared
from tests.inference_worker.engines.sam2_parity import recorded, video
from tests.inference_worker.engines.sam2_parity.answers import WIDEST, widest_difference
from tests.inference_worker.engines.sam2_parity.models import ARCHITECTURES, SMALL, our_model
from tests.inference_worker.engines.sam2_parity.official import Official
from tests.inference_worker.engines.sam2_parity.ours import Ours
from tests.inference_worker.engines.sam2_parity.scenarios import SCENARIOS, Scenario
from tests.inference_worker.engines.sam2_parity.weights import official_shapes

ON_THE_EDGE = 3  # pixels whose logit is so near to 0 that rounding decides
by_name = {each.name: each for each in SCENARIOS}
each_scenario = pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda each: each.name)


@pytest.fixture(scope="module", autouse=True)
def _one_thread():
    before = torch.get_num_threads()
    torch.set_num_threads(1)  # the tensors are small, and threads that wait for a busy core cost more
    yield
    torch.set_num_threads(before)


@cache
def ours(model: str) -> Ours:
    return Ours(our_model(model))


@cache
def official(model: str) -> Official:
    return Official(model, ARCHITECTURES[model])


@pytest.fixture(scope="module")
def checkout() -> Path:
    if "SAM2_REPO" not in os.environ:
        pytest.skip("SAM2_REPO names no checkout of facebookresearch/sam2")
    take_checkout(Path(os.environ["SAM2_REPO"]))
    return Path(os.environ["SAM2_REPO"])


@each_scenario
def test_the_recorded_answers_of_the_published_predictor_are_ours(scenario: Scenario) -> None:
    theirs, found = recorded.load(scenario.name), recorded.record(ours(scenario.model).run(scenario))
    assert found.keys == theirs.keys
    np.testing.assert_allclose(found.grid, theirs.grid, rtol=0, atol=WIDEST)
    np.testing.assert_allclose(found.scores, theirs.scores, rtol=0, atol=WIDEST)
    np.testing.assert_allclose(found.areas, theirs.areas, rtol=0, atol=ON_THE_EDGE)


def test_the_recorded_answers_are_of_many_kinds() -> None:
    records = [recorded.load(name) for name in by_name]
    scores = np.concatenate([each.scores for each in records])
    shares = np.concatenate([each.areas for each in records]) / 64**2
    assert ((scores > 0).sum() > 200) and ((scores < 0).sum() > 10)
    assert ((shares > 0.01) & (shares < 0.2)).sum() > 100 and (shares > 0.4).sum() > 50


@pytest.mark.parametrize(
    ("changed", "bounds"),
    [
        ({}, {"maps": 6}),
        ({}, {"pointers": 4}),
        ({"frames": 9}, {}),  # ages of pointers are measured by the length of the video
        ({"hidden": 0.01}, {}),
    ],
)
def test_the_comparison_notices_small_changes(changed: dict, bounds: dict) -> None:
    other = Ours(our_model("small"), **bounds)
    found = recorded.record(other.run(replace(by_name["one click"], **changed)))
    theirs = recorded.load("one click")
    assert (
        max(np.abs(found.grid - theirs.grid).max(), np.abs(found.scores - theirs.scores).max()) > 5 * WIDEST
    )


@each_scenario
def test_the_published_predictor_gives_our_answers_frame_by_frame(checkout: Path, scenario: Scenario) -> None:
    theirs = official(scenario.model).run(scenario)
    assert widest_difference(ours(scenario.model).run(scenario), theirs) < WIDEST


@each_scenario
def test_the_published_predictor_still_answers_as_recorded(checkout: Path, scenario: Scenario) -> None:
    theirs, found = recorded.load(scenario.name), recorded.record(official(scenario.model).run(scenario))
    assert found.keys == theirs.keys
    np.testing.assert_allclose(found.grid, theirs.grid, rtol=0, atol=WIDEST)


@pytest.mark.parametrize("name", ARCHITECTURES)
def test_the_recorded_names_are_the_published_ones(checkout: Path, name: str) -> None:
    assert official_shapes(name) == published_shapes(ARCHITECTURES[name])


def test_memories_in_bfloat16_differ_no_more_than_their_rounding(checkout: Path) -> None:
    scenario = by_name["one click"]
    theirs = Official("small", SMALL, torch.bfloat16).run(scenario)
    found = Ours(our_model("small"), torch.bfloat16).run(scenario)
    exact = ours("small").run(scenario)
    rounding = widest_difference(found, exact)
    assert WIDEST < rounding < 1
    assert widest_difference(found, theirs) < rounding


def test_frames_are_resized_as_the_published_loader_does(checkout: Path, tmp_path: Path) -> None:
    from sam2.utils.misc import load_video_frames

    Image.fromarray(video.picture(0, (120, 213))).save(tmp_path / "0.jpg", quality=95)
    theirs, height, width = load_video_frames(
        str(tmp_path), 256, offload_video_to_cpu=True, compute_device=torch.device("cpu")
    )
    decoded = np.asarray(Image.open(tmp_path / "0.jpg").convert("RGB"))
    mean, std = torch.tensor([0.485, 0.456, 0.406]), torch.tensor([0.229, 0.224, 0.225])
    found = ((squared(decoded, 256) / 255 - mean) / std).permute(2, 0, 1)
    assert (height, width) == decoded.shape[:2]
    assert torch.allclose(found, theirs[0], atol=1e-5)


def test_a_correction_holds_through_the_next_pass_which_the_published_default_loses(
    checkout: Path,
) -> None:
    scenario = by_name["correction on a tracked frame"]
    before, after = (1, 3, 0), (4, 3, 0)
    beside = [(4, frame, 0) for frame in (5, 6)]
    found = ours("small").run(scenario)
    default = official("small").run(scenario, keeps_corrections=False)
    corrected = (4, 4, 0)
    assert corrected in default and corrected not in found  # the default tracks over the corrected frame
    assert np.abs(default[corrected].logits - default[1, 4, 0].logits).max() < WIDEST
    assert np.abs(default[after].logits - default[before].logits).max() < WIDEST
    assert all(np.abs(found[key].logits - default[key].logits).max() > 10 * WIDEST for key in beside)
