from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from functools import partial
from typing import Any

import numpy as np
import pytest
import torch

from inference_worker.engines import Known
from inference_worker.engines.sam2 import compiled
from inference_worker.engines.sam2.model import Model
from inference_worker.engines.sam2.segmenter import Sam2Segmenter
from tests.inference_worker.engines import small_sam2
from tests.inference_worker.engines.test_segmenter_contract import FIRST, MovingSquares


@pytest.fixture(scope="module")
def traced() -> Iterator[Sam2Segmenter]:
    """Warmed up without a compiler: what would be compiled is recorded and run as it is."""
    torch.compiler.reset()
    segmenter = small_sam2.segmenter()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(torch, "compile", partial(torch.compile, backend="eager"))
        assert segmenter.warm_up() == ""
    assert segmenter._engine.features.nbytes == 0
    yield segmenter
    torch.compiler.reset()


def a_pass(segmenter: Sam2Segmenter, objects: int) -> list[dict[int, np.ndarray]]:
    video = MovingSquares()
    tracker = segmenter.open(video)
    tracker.segment(FIRST, 0, [video.centre(FIRST, 0)], None)
    truth = video.truth(FIRST, 0)
    known = {number: {0: Known(np.roll(truth, 3 * number, 1), human=True)} for number in range(objects)}
    tracked = [found for _, found in tracker.track(video.indices[1:4], known)]
    return [{number: each.mask for number, each in found.items()} for found in tracked]


def test_after_the_warm_up_nothing_is_compiled_again_whatever_is_asked(traced: Sam2Segmenter) -> None:
    usual = small_sam2.segmenter()
    with torch.compiler.set_stance("fail_on_recompile"):
        for objects in (1, 2, 3, 5):
            found, expected = a_pass(traced, objects), a_pass(usual, objects)
            assert [sorted(each) for each in found] == [list(range(objects))] * 3
            for ours, theirs in zip(found, expected, strict=True):
                assert all(np.mean(ours[number] != theirs[number]) < 0.002 for number in ours)


def test_passes_of_several_videos_in_one_batch_are_not_compiled_again(traced: Sam2Segmenter) -> None:
    videos = [MovingSquares(8), MovingSquares(9)]
    with torch.compiler.set_stance("fail_on_recompile"):
        runs = [
            traced.open(each).track(each.indices[1:4], {FIRST: {0: each.given(FIRST, 0)}}) for each in videos
        ]
        for _ in range(3):
            assert all(step is not None and FIRST in step[1] for step in traced.advance(runs))


@pytest.mark.skipif(shutil.which("g++") is None, reason="there is no C++ compiler here")
@pytest.mark.parametrize("name", ["memory_maps", "image_maps", "tracked_masks"])
def test_a_compiled_stage_gives_what_the_stage_gives(name: str) -> None:
    if name != "memory_maps" and not os.environ.get("MASKLOOM_TEST_COMPILE"):
        pytest.skip("compiling it takes a minute: set MASKLOOM_TEST_COMPILE=1")
    torch.compiler.reset()
    usual, fast = (Model(small_sam2.modules(), torch.float32) for _ in range(2))
    compiled.compile_stages(fast)
    image = torch.randn(1, 3, usual.side, usual.side, generator=torch.Generator().manual_seed(1))
    with torch.inference_mode():
        maps = usual.image_maps(image)
        given: dict[str, tuple[Any, ...]] = {
            "image_maps": (image,),
            "tracked_masks": (*maps, True),
            "memory_maps": (maps[0], torch.sigmoid(10 * image[:, :1])),
        }
        found, expected = getattr(fast, name)(*given[name]), getattr(usual, name)(*given[name])
    torch.testing.assert_close(found, expected, rtol=0, atol=1e-4)


def test_where_compiling_fails_it_goes_on_uncompiled_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    def compile_nothing(*_: object, **__: object) -> Any:
        def run(*_: object) -> None:
            raise RuntimeError("no compiler found")

        return run

    monkeypatch.setattr(torch, "compile", compile_nothing)
    segmenter = small_sam2.segmenter()
    assert "uncompiled" in segmenter.warm_up()
    found, expected = a_pass(segmenter, 2), a_pass(small_sam2.segmenter(), 2)
    assert all(np.array_equal(a[1], b[1]) for a, b in zip(found, expected, strict=True))
