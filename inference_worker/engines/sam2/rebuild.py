"""Outputs of the model for frames whose masks are known, as far as they can be had again."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from torch import Tensor

from inference_worker.engines import Known
from inference_worker.engines.sam2 import prompts as reading
from inference_worker.engines.sam2 import step
from inference_worker.engines.sam2.engine import Video
from inference_worker.engines.sam2.memory import Recollection
from inference_worker.engines.sam2.recall import TRACKED, Recall
from inference_worker.engines.sam2.step import Output
from inference_worker.protocol.messages import Prompt

_DRAWN_AT_ONCE = 8  # given masks whose frames' features are held together


@dataclass(frozen=True)
class Wanted:
    """A known frame of an object whose memory is asked for."""

    object_id: int
    frame_index: int
    known: Known


class Rebuilder:
    """Says what the model said, or would have said, where a mask is known.

    Exactly what it said: for masks that this session's model gave and still recalls, and for human
    frames whose clicks alone, one after another or all at once, on a frame seen on its own, give
    that very mask. Every other mask is taken as it is stored, the way a drawn one is.
    """

    def __init__(self, video: Video, recall: Recall) -> None:
        self._video = video
        self._recall = recall
        self._model = video.engine.model
        self._small_area = video.engine.small_area

    def outputs(self, wanted: Sequence[Wanted]) -> list[Output]:
        """With memory, in the order asked."""
        found = [self._recalled(each) or self._replayed(each) for each in wanted]
        missing = [index for index, output in enumerate(found) if output is None]
        for start in range(0, len(missing), _DRAWN_AT_ONCE):
            batch = missing[start : start + _DRAWN_AT_ONCE]
            for index, output in zip(batch, self._drawn([wanted[i] for i in batch]), strict=True):
                found[index] = output
        return [output for output in found if output is not None]

    def chain(self, frame_index: int, acts: Sequence[Sequence[Prompt]]) -> Iterator[Output | None]:
        """What clicks give on a frame seen on its own, each act fed with the answer to the one before.

        acts: all prompts of the frame so far, at each act. None where they find nothing.
        """
        previous: Tensor | None = None
        for prompts in acts:
            asked = reading.read(prompts, self._video.size)
            output = None
            if isinstance(asked, np.ndarray):
                previous = self.logits(asked)
            elif previous is not None or asked.can_begin:
                output = self.clicked(frame_index, asked, previous, None)
                previous = output.logits
            yield output

    def clicked(
        self, frame_index: int, clicks: reading.Clicks, previous: Tensor | None, past: Recollection | None
    ) -> Output:
        if previous is None and clicks.drawn is not None:
            previous = self.logits(clicks.drawn)
        features = self._video.features(frame_index)
        return step.click(self._model, features, past, clicks, self._video.size, previous, self._small_area)

    def logits(self, mask: np.ndarray) -> Tensor:
        """A mask as the model would have said it, mask_side x mask_side."""
        return step.drawn_logits(self._model, step.as_square(self._model, mask))[0, 0]

    def _recalled(self, wanted: Wanted) -> Output | None:
        known = wanted.known
        clicked = known.human and reading.is_clicked(known.prompts)
        if clicked or not known.human:
            key = (wanted.object_id, wanted.frame_index, tuple(known.prompts) if clicked else TRACKED)
            output = self._recall.get(key)
            if output is not None and self._recall.shows(output, known.mask):
                return self._with_map(key, wanted.frame_index, output)
        return self._recall.get((wanted.object_id, wanted.frame_index, _digest(known.mask)))

    def _replayed(self, wanted: Wanted) -> Output | None:
        prompts = tuple(wanted.known.prompts)
        if not (wanted.known.human and reading.is_clicked(prompts)):
            return None
        one_by_one = [prompts[: count + 1] for count in range(len(prompts))]
        for acts in [one_by_one, [prompts]][: len(prompts)]:
            *_, output = self.chain(wanted.frame_index, acts)
            if output is not None and self._recall.shows(output, wanted.known.mask):
                key = (wanted.object_id, wanted.frame_index, prompts)
                return self._with_map(key, wanted.frame_index, output)
        return None

    def _with_map(self, key: tuple[int, int, tuple[Prompt, ...]], frame_index: int, output: Output) -> Output:
        if output.map is None:
            output = step.with_map(self._model, self._video.features(frame_index), output)
        self._recall.put(key, output)
        return output

    def _drawn(self, wanted: Sequence[Wanted]) -> list[Output]:
        given = [(self._video.features(each.frame_index), each.known.mask) for each in wanted]
        outputs = step.drawn(self._model, given, self._small_area)
        for each, output in zip(wanted, outputs, strict=True):
            self._recall.put((each.object_id, each.frame_index, _digest(each.known.mask)), output)
        return outputs


def _digest(mask: np.ndarray) -> bytes:
    return hashlib.blake2b(np.packbits(mask).tobytes(), digest_size=16).digest()
