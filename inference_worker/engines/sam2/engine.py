"""What all trackers of one loaded model share, and one video as they see it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import torch

from inference_worker.engines import EngineError, FrameSource, Window
from inference_worker.engines.sam2.features import FeatureCache
from inference_worker.engines.sam2.heap import Heap
from inference_worker.engines.sam2.images import squared
from inference_worker.engines.sam2.memory import Bounds
from inference_worker.engines.sam2.model import Features, Model


@dataclass(frozen=True)
class Engine:
    """small_area: pixels of the low-resolution mask, see postprocess."""

    model: Model
    features: FeatureCache
    bounds: Bounds
    small_area: int
    heap: Heap = field(default_factory=Heap)

    @contextmanager
    def at_work(self, let_go: Callable[[], None]) -> Iterator[None]:
        """Around everything that uses the model. Where memory runs out, what can be made again is
        let go, and EngineError asks for another try."""
        try:
            with torch.inference_mode():
                yield
            self.heap.give_back()
        except (torch.OutOfMemoryError, MemoryError, RuntimeError) as error:
            if not _is_out_of_memory(error):
                raise
            self.features.clear()
            let_go()
            if self.model.device.type == "cuda":
                torch.cuda.empty_cache()
            raise EngineError(
                "The inference worker has run out of memory and has emptied its caches. Try again, with "
                "fewer objects at once if it happens again.",
                retryable=True,
            ) from None


class Video:
    """The annotated frames of one video, by their place in it: 0, 1, 2, ..."""

    def __init__(self, engine: Engine, frames: FrameSource) -> None:
        self.engine = engine
        self.size = frames.size
        self._frames = frames
        self._places = {index: place for place, index in enumerate(frames.indices)}
        # the age of an object pointer that counts as 1
        self.longest = max(1, min(len(self._places), engine.bounds.pointers) - 1)

    def place(self, frame_index: int) -> int:
        """Raises EngineError for a frame that is not annotated."""
        try:
            return self._places[frame_index]
        except KeyError:
            raise EngineError(f"Frame {frame_index} is not an annotated frame of this video.") from None

    def index(self, place: int) -> int:
        return self._frames.indices[place]

    def features(self, frame_index: int) -> Features:
        model = self.engine.model
        return self.engine.features.get(
            (self._frames.key, frame_index),
            lambda: model.encode(squared(self._frames.rgb(frame_index), model.side)),
        )

    def features_within(self, frame_index: int, window: Window) -> Features:
        """Of a part of the frame, seen as large as if it were a whole one."""
        if window.size == self.size:
            return self.features(frame_index)
        model, part = self.engine.model, (slice(window.y0, window.y1), slice(window.x0, window.x1))
        return self.engine.features.get(
            ((self._frames.key, window), frame_index),
            lambda: model.encode(squared(self._frames.rgb(frame_index)[part], model.side)),
        )


def _is_out_of_memory(error: Exception) -> bool:
    kinds = (torch.OutOfMemoryError, MemoryError)
    return isinstance(error, kinds) or "not enough memory" in str(error) or "can't allocate" in str(error)
