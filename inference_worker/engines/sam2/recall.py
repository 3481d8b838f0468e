"""What a session's model has said lately, so that it need not be worked out again from the stored masks."""

from __future__ import annotations

from collections import OrderedDict, defaultdict
from collections.abc import Hashable, Iterator, Sequence

import numpy as np

from inference_worker.engines.sam2.postprocess import at_video_size
from inference_worker.engines.sam2.step import Output
from inference_worker.protocol.messages import Prompt

TRACKED = ()  # what a pass says of a frame: an answer to no prompts
Key = tuple[int, int, Hashable]  # object id, frame index, what was asked


class Recall:
    """Outputs by what was asked, least recently used last out, within max_bytes.

    An output is a stand-in for a mask only while it shows that very mask (`shows`).
    """

    def __init__(self, size: tuple[int, int], max_bytes: int) -> None:
        self.nbytes = 0
        self._size = size
        self._max_bytes = max_bytes
        self._outputs: OrderedDict[Key, Output] = OrderedDict()
        self._asked: dict[tuple[int, int], dict[Hashable, None]] = defaultdict(dict)

    def put(self, key: Key, output: Output) -> None:
        self._drop(key)
        self._outputs[key] = output
        self._asked[key[:2]][key[2]] = None
        self.nbytes += output.nbytes
        while self.nbytes > self._max_bytes:
            self._drop(next(iter(self._outputs)))

    def get(self, key: Key) -> Output | None:
        if key in self._outputs:
            self._outputs.move_to_end(key)
        return self._outputs.get(key)

    def answers(self, object_id: int, frame_index: int, prompts: Sequence[Prompt]) -> Iterator[Output]:
        """What the model said itself of the object on this frame before the newest of these prompts:
        to all the others, to fewer of them, to none, then to any others, the newest first."""
        asked = self._asked.get((object_id, frame_index), {})
        before = [tuple(prompts[:count]) for count in reversed(range(len(prompts)))]
        other = [each for each in reversed(asked) if isinstance(each, tuple) and each not in before]
        for each in [*before, *other]:
            if each in asked:
                yield self._outputs[object_id, frame_index, each]

    def shows(self, output: Output, mask: np.ndarray) -> bool:
        """Whether people saw exactly this mask when the model gave this output."""
        shown = at_video_size(output.logits[None], self._size)[0]
        return bool(np.array_equal(shown.cpu().numpy(), mask))

    def maps(self) -> set[int]:
        """The ids of the memory maps that are counted in nbytes."""
        return {id(output.map) for output in self._outputs.values() if output.map is not None}

    def clear(self) -> None:
        self._outputs.clear()
        self._asked.clear()
        self.nbytes = 0

    def _drop(self, key: Key) -> None:
        output = self._outputs.pop(key, None)
        if output is not None:
            self.nbytes -= output.nbytes
            del self._asked[key[:2]][key[2]]
            if not self._asked[key[:2]]:
                del self._asked[key[:2]]
