"""The Segmenter contract on top of the model's steps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from weakref import WeakSet

import numpy as np
from torch import Tensor

from inference_worker.engines import NOTHING_KNOWN, FrameSource, Known, Segmented, Window
from inference_worker.engines.order import is_forward
from inference_worker.engines.sam2 import prompts as reading
from inference_worker.engines.sam2.course import Course
from inference_worker.engines.sam2.engine import Engine, Video
from inference_worker.engines.sam2.memory import Recollection, recollect
from inference_worker.engines.sam2.passing import Pass
from inference_worker.engines.sam2.proposals import LogitProposals, proposed
from inference_worker.engines.sam2.rebuild import Rebuilder, Wanted
from inference_worker.engines.sam2.recall import Recall
from inference_worker.engines.sam2.results import segmented
from inference_worker.engines.sam2.runs import Run
from inference_worker.engines.sam2.step import Output
from inference_worker.protocol.messages import Prompt

RECALL_BYTES = 256 << 20  # of a session


class Sam2Tracker:
    """What `segment` and `track` answer depends on their arguments alone, up to this:

    where a mask in `known` or `previous` is one that this session's model gave and still recalls,
    or one that a human frame's clicks give on a frame seen on its own, its logits, object pointer
    and memory are exactly those the model had. After a rebuild, on a worker of the same kind, this
    holds for drawn masks, absent frames and such clicked frames, so that everything which follows
    from these alone is the same to the last bit. Masks of a pass, and of clicks on frames that a
    pass had tracked, are then taken as they are stored: their edges are kept, the logits behind
    them and object pointers older than the masks in `known` are not, so later masks agree closely
    but not in every pixel.
    """

    def __init__(self, engine: Engine, frames: FrameSource, recall_bytes: int = RECALL_BYTES) -> None:
        self._engine = engine
        self._video = Video(engine, frames)
        self._recall = Recall(frames.size, recall_bytes)
        self._rebuilder = Rebuilder(self._video, self._recall)
        self._runs: WeakSet[Run] = WeakSet()

    @property
    def nbytes(self) -> int:
        """Of this session alone; image features are the segmenter's, within bounds of their own."""
        return self._recall.nbytes + sum(run.passing.nbytes for run in list(self._runs))

    def segment(
        self,
        object_id: int,
        frame_index: int,
        prompts: Sequence[Prompt],
        previous: np.ndarray | None,
        known: Mapping[int, Known] = NOTHING_KNOWN,
    ) -> Segmented:
        """As the contract says. A frame counts as tracked where it shows a mask of a pass, or one
        that its clicks do not explain; there the object's memory is attended, in the direction of
        that pass, and the mask's logits are fed back. Its later clicks stay with that."""
        asked = reading.read(prompts, self._video.size)
        if isinstance(asked, np.ndarray):
            return Segmented(asked, float(asked.any()))
        with self._engine.at_work(self._recall.clear):
            logits, forward = self._before(object_id, frame_index, prompts, previous, known)
            if logits is None and not asked.can_begin:
                return Segmented(np.zeros(self._video.size, bool), 0.0)
            past = None if forward is None else self._past(object_id, frame_index, known, forward)
            output = self._rebuilder.clicked(frame_index, asked, logits, past)
            self._recall.put((object_id, frame_index, tuple(prompts)), replace(output, forward=forward))
            return segmented([output], self._video.size)[0]

    def track(self, frames: Sequence[int], known: Mapping[int, Mapping[int, Known]]) -> Run:
        """As the contract says. Guessed frames are attended as masks of this pass where they lie
        behind; an object without any human frame holds on to its oldest guessed one."""
        passing = Pass(self._video, self._recall, self._rebuilder, frames, known)
        run = Run(self._engine, self._recall, passing, frames)
        self._runs.add(run)
        return run

    def propose(
        self, frame_index: int, window: Window, points: Sequence[tuple[float, float]], offset: float
    ) -> LogitProposals:
        """As the contract says: three masks for each point, as in SAM's automatic masks."""
        with self._engine.at_work(self._recall.clear):
            return proposed(self._video, frame_index, window, points, offset)

    def _before(
        self,
        object_id: int,
        frame_index: int,
        prompts: Sequence[Prompt],
        previous: np.ndarray | None,
        known: Mapping[int, Known],
    ) -> tuple[Tensor | None, bool | None]:
        """The logits of the mask shown before, and which way a pass came to this frame, if one did."""
        here = known.get(frame_index)
        shown = here.mask if previous is None and here is not None and not here.human else previous
        if shown is None:
            return None, None
        output = self._answer(object_id, frame_index, prompts, shown, here)
        logits = self._rebuilder.logits(shown) if output is None else output.logits
        forward = None if output is None else output.forward
        if forward is None and (output is None or here is not None):
            forward = self._way(frame_index, known)
        return logits, forward

    def _answer(
        self,
        object_id: int,
        frame_index: int,
        prompts: Sequence[Prompt],
        shown: np.ndarray,
        here: Known | None,
    ) -> Output | None:
        """What the model said where people saw this mask, recalled or said again."""
        for output in self._recall.answers(object_id, frame_index, prompts):
            if self._recall.shows(output, shown):
                return output
        if here is not None and not here.human:
            return None
        acts = [prompts[: count + 1] for count in range(len(prompts) - 1)]
        replayed = [each for each in self._rebuilder.chain(frame_index, acts) if each is not None]
        return next((each for each in reversed(replayed) if self._recall.shows(each, shown)), None)

    def _way(self, frame_index: int, known: Mapping[int, Known]) -> bool:
        """The direction of a pass that came to this frame, by where its masks lie."""
        others = {index: each for index, each in known.items() if index != frame_index}
        guessed = {index: each for index, each in others.items() if not each.human}
        return is_forward((frame_index,), {0: guessed or others})

    def _past(
        self, object_id: int, frame_index: int, known: Mapping[int, Known], forward: bool
    ) -> Recollection | None:
        given = {
            self._video.place(index): each
            for index, each in known.items()
            if each.human or index != frame_index
        }
        if not given:
            return None
        at = self._video.place(frame_index)
        course = Course(given, forward=forward, bounds=self._engine.bounds)
        within = course.reach(at)
        missing = course.missing(within)
        wanted = [Wanted(object_id, self._video.index(place), given[place]) for place in missing]
        for place, output in zip(missing, self._rebuilder.outputs(wanted), strict=True):
            course.learn(place, output.memory)
        return recollect(self._engine.model, within, course.memories, self._video.longest)
