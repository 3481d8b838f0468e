"""Places for servers' files."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def short_folder() -> Iterator[Path]:
    """An empty folder that servers without privileges can be let into, unlike pytest's own."""
    folder = Path(tempfile.mkdtemp(prefix="maskloom-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
