"""The worker's pulse: renews what it holds in Redis, from a thread of its own."""

from __future__ import annotations

import threading
from collections.abc import Callable

import msgspec

from inference_worker.protocol.messages import WorkerInfo
from inference_worker.runtime import Runtime
from inference_worker.signs import Signs

PERIOD = 2.0  # seconds


class Heartbeat:
    """info: called at each beat for what the worker says of itself."""

    def __init__(self, runtime: Runtime, signs: Signs, info: Callable[[], WorkerInfo]) -> None:
        self._runtime = runtime
        self._signs = signs
        self._info = info
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="heartbeat", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Stop beating and take every sign back, so that nobody waits for this worker."""
        self._stop.set()
        self._thread.join(timeout=PERIOD * 4)
        for session in self._runtime.pool.sessions():
            self._signs.release(session)
        for propagation, attempt, _ in self._runtime.chains.in_hand():
            self._signs.let_go(propagation, attempt)
        self._runtime.proposing.let_go()
        self._signs.depart(self._info().name)

    def beat(self) -> None:
        """Renew everything once."""
        in_hand = self._runtime.chains.in_hand()
        for propagation, attempt, _ in in_hand:
            self._signs.take(propagation, attempt)
        self._runtime.proposing.beat()
        propagated = {session for _, _, session in in_hand}
        for session in self._runtime.pool.sessions():
            if not self._signs.claim(session) and session not in propagated:
                self._runtime.pool.drop_idle(session)
        info = self._info()
        self._signs.present(msgspec.json.encode(info), info.name)

    def _run(self) -> None:
        while True:
            self.beat()
            if self._stop.wait(PERIOD):
                return
