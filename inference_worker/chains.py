"""Which propagations this worker has in hand, and how far each has come."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from dataclasses import dataclass

from inference_worker.protocol.messages import Propagate

IN_HAND_AFTER_CHUNK = 15.0  # seconds: a next chunk that has not come by then was lost
BULK_IN_HAND = 600.0  # seconds: one that nobody waits for may be kept from its turn by people for so long
REMEMBERED = 4096

ENDED = -1  # left of a chain that goes no further


@dataclass
class _Chain:
    session: int
    attempt: int
    left: int
    since: float = 0.0
    in_work: bool = False
    bulk: bool = False


class Chains:
    """Read by the heartbeat while a chunk is in work.

    A redelivered message shows more frames to do than its successor, which was sent after the
    results of the difference: the one with fewer frames is the chain, the other is let go.
    """

    def __init__(self) -> None:
        self._chains: OrderedDict[int, _Chain] = OrderedDict()
        self._lock = threading.Lock()

    def begin(self, message: Propagate) -> bool:
        """Take this chunk into work. False: a newer attempt or a later chunk has been here."""
        left = frames_left(message)
        with self._lock:
            known = self._chains.get(message.propagation)
            if known and (known.attempt, -known.left) > (message.attempt, -left):
                return False
            if known and known.attempt == message.attempt and known.left == ENDED:
                return False
            chain = _Chain(message.session, message.attempt, left, in_work=True, bulk=message.bulk)
            self._chains[message.propagation] = chain
            self._chains.move_to_end(message.propagation)
            if len(self._chains) > REMEMBERED:
                self._chains.popitem(last=False)
            return True

    def end(self, propagation: int, left: int) -> None:
        """left: frames of the next chunk's message, or ENDED."""
        with self._lock:
            chain = self._chains[propagation]
            chain.left = left
            chain.in_work = False
            chain.since = time.monotonic()

    def in_hand(self) -> list[tuple[int, int, int]]:
        """(propagation, attempt, session) of what is in work or about to be again."""
        now = time.monotonic()
        with self._lock:
            return [
                (propagation, chain.attempt, chain.session)
                for propagation, chain in self._chains.items()
                if chain.in_work
                or (
                    chain.left != ENDED
                    and now - chain.since < (BULK_IN_HAND if chain.bulk else IN_HAND_AFTER_CHUNK)
                )
            ]


def frames_left(message: Propagate) -> int:
    return sum(len(run) for run in message.runs)
