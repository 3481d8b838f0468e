from __future__ import annotations

import os
import platform
from pathlib import Path

import pytest

from inference_worker.engines.sam2 import heap
from tests.inference_worker.engines import small_sam2
from tests.inference_worker.engines.test_segmenter_contract import FIRST, MovingSquares

PIECE, PIECES = 64 << 10, 1600


def held_bytes() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only glibc keeps what is freed between")
def test_what_was_freed_between_what_is_kept_goes_back_to_the_system_as_the_engine_works(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(heap, "EVERY", 0.0)
    video = MovingSquares()
    tracker = small_sam2.segmenter().open(video)
    tracker.segment(FIRST, 0, [video.centre(FIRST, 0)], None)
    pieces = [bytearray(PIECE) for _ in range(PIECES)]
    kept = pieces[::2]
    del pieces
    before = held_bytes()
    tracker.segment(FIRST, 0, [video.centre(FIRST, 0)], None)
    assert before - held_bytes() > len(kept) * PIECE / 2
