"""A file behind an http(s) URL, read by byte ranges."""

from __future__ import annotations

import io
import re
import time
import urllib.error
import urllib.request
from collections import OrderedDict
from collections.abc import Callable

from inference_worker.engines import EngineError

BLOCK = 256 * 1024
BLOCKS_KEPT = 64
ATTEMPTS = 3
TIMEOUT = 10.0  # seconds without a byte


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: object, **__: object) -> None:
        """A redirect could lead out of the allowed prefix: it becomes an HTTP error."""


_opener = urllib.request.build_opener(_NoRedirect)


class RemoteFile(io.RawIOBase):
    """A read-only, seekable file that keeps the blocks it read last.

    url: called for the address at every request, because a signed one expires.
    Raises EngineError when the server does not give the bytes.
    """

    def __init__(self, url: Callable[[], str]) -> None:
        self._url = url
        self._blocks: OrderedDict[int, bytes] = OrderedDict()
        self._position = 0
        self._size = -1
        self._block(0)

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._position

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self._size}[whence]
        if base + offset < 0:
            raise OSError("seek before the start of the file")
        self._position = base + offset
        return self._position

    def read(self, size: int | None = -1) -> bytes:
        end = self._size if size is None or size < 0 else min(self._size, self._position + size)
        parts = []
        while self._position < end:
            number, start = divmod(self._position, BLOCK)
            part = self._block(number)[start : start + end - self._position]
            parts.append(part)
            self._position += len(part)
        return b"".join(parts)

    def _block(self, number: int) -> bytes:
        if number in self._blocks:
            self._blocks.move_to_end(number)
            return self._blocks[number]
        first = number * BLOCK
        last = first + BLOCK - 1
        block = _with_retries(lambda: self._fetch(first, last))
        if not block:
            raise EngineError("The frames file became shorter while it was read.", retryable=True)
        self._blocks[number] = block
        if len(self._blocks) > BLOCKS_KEPT:
            self._blocks.popitem(last=False)
        return block

    def _fetch(self, first: int, last: int) -> bytes:
        request = urllib.request.Request(self._url(), headers={"Range": f"bytes={first}-{last}"})  # noqa: S310
        with _opener.open(request, timeout=TIMEOUT) as answer:
            span = re.fullmatch(r"bytes (\d+)-(\d+)/(\d+)", answer.headers.get("Content-Range", ""))
            if answer.status != 206 or not span or int(span[1]) != first:
                raise EngineError("The storage server does not serve byte ranges of the frames file.")
            self._size = int(span[3])
            block: bytes = answer.read(BLOCK)
        if len(block) != int(span[2]) - first + 1:
            raise OSError("the answer was cut off")
        return block


def _with_retries(fetch: Callable[[], bytes]) -> bytes:
    for attempt in range(1, ATTEMPTS + 1):
        try:
            return fetch()
        except urllib.error.HTTPError as error:
            error.close()
            if error.code < 500 or attempt == ATTEMPTS:
                raise EngineError(
                    f"The storage server refused the frames file (HTTP {error.code}).",
                    retryable=error.code >= 500,
                ) from None
        except OSError as error:
            if attempt == ATTEMPTS:
                raise EngineError(f"The storage server cannot be reached: {error}.", retryable=True) from None
        time.sleep(0.2 * attempt)
    raise AssertionError("the last attempt returns or raises")
