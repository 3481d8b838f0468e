"""Freed memory of this process, given back to the system."""

from __future__ import annotations

import ctypes
import time

EVERY = 30.0  # seconds: a call takes milliseconds, and what it gives back is asked for again

_trim = getattr(ctypes.CDLL(None), "malloc_trim", None)  # glibc's; others have none and need none


class Heap:
    """Tensors that are kept lie between tensors of one step, and glibc keeps the holes that these leave:
    a long pass would grow by them, though it holds no more than before."""

    def __init__(self) -> None:
        self._due = time.monotonic() + EVERY

    def give_back(self) -> None:
        """Where the last time was long enough ago."""
        if _trim is not None and time.monotonic() >= self._due:
            _trim(0)
            self._due = time.monotonic() + EVERY
