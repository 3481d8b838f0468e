"""Where files are: keys in Django's storage, and how other processes reach them."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings
from django.core.files.storage import default_storage
from whitenoise.storage import CompressedManifestStaticFilesStorage

from annotator.models import Video

_BLOCK = 256 * 1024


class HashedModules(CompressedManifestStaticFilesStorage):
    """Static files under hashed names, imports between ES modules rewritten to them."""

    support_js_module_import_aggregation = True
    manifest_strict = False


def working_key(video: Video) -> str:
    return f"{video.folder}/working.mp4"


def frames_key(video: Video) -> str:
    return f"{video.folder}/frames.zip"


def filmstrip_key(video: Video) -> str:
    return f"{video.folder}/filmstrip.jpg"


def poster_key(video: Video) -> str:
    return f"{video.folder}/poster.jpg"


def location(key: str) -> str:
    """A file path where the storage is local, else a signed URL: what an inference worker opens."""
    try:
        return default_storage.path(key)
    except NotImplementedError:
        return default_storage.url(key)


def read_range(key: str, start: int, length: int) -> bytes:
    """`length` bytes of a stored file from `start`."""
    with default_storage.open(key, "rb") as file:
        file.seek(start)
        return file.read(length)


def blocks(key: str, start: int, length: int) -> Iterator[bytes]:
    """The same in blocks of bounded size."""
    with default_storage.open(key, "rb") as file:
        file.seek(start)
        while length > 0:
            block = file.read(min(_BLOCK, length))
            if not block:
                return
            length -= len(block)
            yield block


def put(key: str, path: Path) -> None:
    """Store a finished local file under `key`, in place of what was there."""
    if default_storage.exists(key):
        default_storage.delete(key)
    with path.open("rb") as file:
        default_storage.save(key, file)


def adopt(key: str, path: Path) -> None:
    """Make a finished local file the stored one; the local one is gone afterwards."""
    try:
        target = Path(default_storage.path(key))
    except NotImplementedError:
        put(key, path)
        path.unlink()
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.move(path, target)


@contextmanager
def work_folder(work: str) -> Iterator[Path]:
    """An empty folder on the data's disk for a piece of work, gone when it is left.

    What the same work left behind when its process was killed is removed first.
    """
    parent = Path(settings.DATA_DIR, "work")
    parent.mkdir(parents=True, exist_ok=True)
    for left in parent.glob(f"{work}.*"):
        shutil.rmtree(left, ignore_errors=True)
    with tempfile.TemporaryDirectory(prefix=f"{work}.", dir=parent) as folder:
        yield Path(folder)


@contextmanager
def local_copy(key: str) -> Iterator[Path]:
    """A file path with the stored bytes: the stored file itself where that is local."""
    try:
        yield Path(default_storage.path(key))
        return
    except NotImplementedError:
        pass
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder, Path(key).name)
        with default_storage.open(key, "rb") as source, copy.open("wb") as target:
            shutil.copyfileobj(source, target)
        yield copy


def remove(*keys: str) -> None:
    """Delete stored files; those that are not there do not matter."""
    for key in keys:
        if key:
            default_storage.delete(key)
