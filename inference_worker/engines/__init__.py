"""The Segmenter contract: every engine is one of these, and the same tests run against each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Protocol, runtime_checkable

import numpy as np

from inference_worker.protocol.messages import ModelVersion, Prompt


class EngineError(Exception):
    """What an engine cannot do, in a sentence for people. retryable: another try may help."""

    def __init__(self, message: str, *, retryable: bool = False) -> None:
        super().__init__(message)
        self.retryable = retryable


class FrameSource(Protocol):
    """The annotated frames of one working video, read when asked for.

    indices: annotated frame indices, ascending. size: (height, width). key: equal for sources of the
    same frames, and for no others, for as long as a worker lives.
    """

    @property
    def indices(self) -> Sequence[int]: ...

    @property
    def size(self) -> tuple[int, int]: ...

    @property
    def key(self) -> str: ...

    def rgb(self, frame_index: int) -> np.ndarray:
        """H x W x 3, uint8, RGB. Raises KeyError for a frame that is not annotated."""
        ...


@dataclass(frozen=True)
class Segmented:
    """One object's mask on one frame.

    mask: bool, H x W at the video's size; all False means absent.
    score: confidence that the object is visible and this is it, 0 to 1.
    stability: SA-V's stability score, None where the engine has none.
    """

    mask: np.ndarray
    score: float
    stability: float | None = None


@dataclass(frozen=True)
class Known:
    """A frame of one object with a mask that is given, see protocol.messages.KnownFrame."""

    mask: np.ndarray
    human: bool
    prompts: tuple[Prompt, ...] = ()


NOTHING_KNOWN: Mapping[int, Known] = MappingProxyType({})


Step = tuple[int, dict[int, Segmented]]  # a frame index, and what was found there by object id


class Tracker(Protocol):
    """One session's disposable state on one video. Not thread-safe. Objects are masklet ids."""

    @property
    def nbytes(self) -> int:
        """Host and device memory it holds, which eviction counts with."""
        ...

    def segment(
        self,
        object_id: int,
        frame_index: int,
        prompts: Sequence[Prompt],
        previous: np.ndarray | None,
        known: Mapping[int, Known] = NOTHING_KNOWN,
    ) -> Segmented:
        """The object's mask on one frame, from all active prompts of that frame.

        prompts: at least one, oldest first; a MaskPrompt is given back as it is, Absent gives
        an empty mask. previous: bool H x W, the mask shown before the newest prompt, or None.
        known: frame index -> what is given there of this object: human frames, and masks of the pass
        that came to this frame, behind it. The frame itself is in it only if a pass has seen it: with
        the mask it gave (not human), or with the human one that it was conditioned on.
        Changes nothing that `track` remembers. Raises EngineError for prompts it cannot use.
        """
        ...

    def track(self, frames: Sequence[int], known: Mapping[int, Mapping[int, Known]]) -> Iterator[Step]:
        """Masks on each frame of a monotone run of annotated frames, in its order.

        known: object id -> frame index -> what is given there; human frames condition the
        pass whichever side they lie on. Yields (frame index, object id -> result) for every
        frame of the run; an object is in the result once a known frame of it lies at or before
        that frame in the run's order, and never on its own human frames.
        A generator: stopping between frames costs nothing and loses nothing.
        """
        ...


class Segmenter(Protocol):
    """One loaded model. Trackers of many sessions may share what it caches per video.

    together: how many passes one `advance` takes at little more than the cost of one.
    """

    version: ModelVersion
    together: int

    def open(self, frames: FrameSource) -> Tracker:
        """A tracker with empty state. Cheap: reads no frame."""
        ...

    def advance(self, tracks: Sequence[Iterator[Step]]) -> list[Step | None]:
        """The next frame of each pass, None where its run is over. tracks: what this segmenter's
        trackers gave for `track`. Raises EngineError for all of them."""
        ...


@runtime_checkable
class Compilable(Protocol):
    """A segmenter that gains by being compiled."""

    def warm_up(self) -> str:
        """Compile, which may take minutes, in the thread that will do the work. Where that fails, it goes
        on uncompiled and the answer is a sentence for people that says why; else it is empty."""
        ...


@dataclass(frozen=True)
class Window:
    """A part of a frame, in whole pixels: columns x0 to x1, rows y0 to y1, the last ones not in it."""

    x0: int
    y0: int
    x1: int
    y1: int

    @property
    def size(self) -> tuple[int, int]:
        """(height, width)."""
        return self.y1 - self.y0, self.x1 - self.x0


class Proposals(Protocol):
    """What each of N points may mean, M masks each, made when they are asked for.

    iou, stability: N x M, the engine's own estimates; NaN where there is no mask.
    """

    @property
    def iou(self) -> np.ndarray: ...

    @property
    def stability(self) -> np.ndarray: ...

    def masks(self, chosen: np.ndarray) -> np.ndarray:
        """K x height x width of the window, bool. chosen: N x M, bool, true for K of them."""
        ...


@runtime_checkable
class Proposer(Protocol):
    """A tracker that can propose masks of whatever stands out."""

    def propose(
        self, frame_index: int, window: Window, points: Sequence[tuple[float, float]], offset: float
    ) -> Proposals:
        """Masks within a window for each point on its own, as if nothing else of the frame were seen.

        points: (x, y) in pixels of the frame. offset: of logits, between which stability is measured.
        """
        ...


def one_by_one(tracks: Sequence[Iterator[Step]]) -> list[Step | None]:
    """`advance` of an engine that gains nothing by taking passes together."""
    return [next(each, None) for each in tracks]
