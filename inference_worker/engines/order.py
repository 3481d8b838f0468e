"""Which way a run of frames goes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from inference_worker.engines import Known


def is_forward(frames: Sequence[int], known: Mapping[int, Mapping[int, Known]]) -> bool:
    """True for a run towards higher frame indices.

    A run of one frame, as the end of a pass may be, goes away from the nearest known frame; at
    equal distance from a mask of the pass itself rather than from a human's.
    """
    if len(frames) != 1:
        return not frames or frames[-1] > frames[0]
    beside = [
        (abs(index - frames[0]), given.human, index)
        for by_frame in known.values()
        for index, given in by_frame.items()
        if index != frames[0]
    ]
    return not beside or min(beside)[2] < frames[0]
