"""Which frames a propagation is to fill, from where people have put masks. Pure arithmetic."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Bounds:
    """How far a pass goes. whole: past human frames to the ends; first, last: not beyond these frames."""

    whole: bool = False
    first: int | None = None
    last: int | None = None


@dataclass(frozen=True)
class Run:
    """One direction of a pass.

    frames: annotated frame indices in tracking order, from the frame that the tracking sets out
    from. targets: masklet -> the frames of the run whose masks it is to get.
    """

    frames: list[int]
    targets: dict[int, list[int]]

    @property
    def size(self) -> int:
        return sum(map(len, self.targets.values()))

    @property
    def way(self) -> int:
        """1 when it goes forward in the video, -1 when backward."""
        return 1 if self.frames[0] <= self.frames[-1] else -1

    def as_json(self) -> dict[str, Any]:
        return {"frames": self.frames, "targets": {str(key): value for key, value in self.targets.items()}}

    @staticmethod
    def from_json(data: Mapping[str, Any]) -> Run:
        return Run(data["frames"], {int(key): value for key, value in data["targets"].items()})


def plan(
    annotated: Sequence[int],
    human: Mapping[int, set[int]],
    masked: Mapping[int, set[int]],
    start: int,
    direction: str,
    bounds: Bounds,
) -> list[Run]:
    """The runs of a pass, empty when there is nothing to fill.

    annotated: annotated frame indices, ascending. human, masked: masklet -> frames with a human
    frame, with any mask (human ones too). direction: forward, backward or both. A masklet is
    tracked from its mask nearest to `start` against the direction; it goes on to the nearest
    human frame, or as far as bounds say, and leaves out its human frames. Both ways, a frame that the
    forward run fills is not filled again by the backward one.
    """
    lower, upper = bounds.first, bounds.last
    inside = [f for f in annotated if (lower is None or f >= lower) and (upper is None or f <= upper)]
    bounded = bounds.whole or lower is not None or upper is not None
    orders = {"forward": [1], "backward": [-1], "both": [1, -1]}[direction]
    runs: list[Run] = []
    for step in orders:
        taken = runs[0].targets if runs else {}
        runs.append(_run(list(annotated)[::step], set(inside), human, masked, start, bounded, taken))
    return [run for run in runs if run.targets]


def remaining(run: Run, done: Mapping[int, set[int]]) -> Run | None:
    """What is left of a run when each masklet has masks on `done`; None when nothing is."""
    targets = {m: [f for f in frames if f not in done.get(m, set())] for m, frames in run.targets.items()}
    targets = {m: frames for m, frames in targets.items() if frames}
    if not targets:
        return None
    position = {frame: i for i, frame in enumerate(run.frames)}
    first = min(position[frame] for frames in targets.values() for frame in frames)
    return Run(run.frames[max(first - 1, 0) :], targets)


def _run(
    order: list[int],
    inside: set[int],
    human: Mapping[int, set[int]],
    masked: Mapping[int, set[int]],
    start: int,
    bounded: bool,
    taken: Mapping[int, list[int]],
) -> Run:
    at = order.index(start)
    targets: dict[int, list[int]] = {}
    used = []
    for masklet, with_mask in masked.items():
        anchor = next((i for i in range(at, -1, -1) if order[i] in with_mask), None)
        if anchor is None:
            anchor = next((i for i in range(at, len(order)) if order[i] in with_mask), None)
        if anchor is None:
            continue
        frames = _stretch(order[anchor + 1 :], human.get(masklet, set()), bounded)
        frames = [frame for frame in frames if frame in inside and frame not in taken.get(masklet, ())]
        if frames:
            targets[masklet] = frames
            used += [anchor, order.index(frames[-1])]
    return Run(order[min(used) : max(used) + 1] if used else [], targets)


def _stretch(ahead: list[int], human: set[int], bounded: bool) -> list[int]:
    """Frames to fill among those ahead: to the next human frame, or all of them but the human ones."""
    if bounded:
        return [frame for frame in ahead if frame not in human]
    end = next((i for i, frame in enumerate(ahead) if frame in human), len(ahead))
    return ahead[:end]


def ranges_of(frames: Sequence[int], stride: int) -> list[list[int]]:
    """The stretches, first and last frame inclusive, that ascending annotated frame indices make up."""
    ranges: list[list[int]] = []
    for frame in frames:
        if ranges and frame - ranges[-1][1] == stride:
            ranges[-1][1] = frame
        else:
            ranges.append([frame, frame])
    return ranges
