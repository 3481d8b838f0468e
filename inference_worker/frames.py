"""The annotated frames of a working video, out of its zip, for engines to look at."""

from __future__ import annotations

import zipfile
from collections import OrderedDict
from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO, cast
from urllib.parse import unquote, urlsplit
from weakref import WeakValueDictionary

import cv2
import numpy as np

from inference_worker.engines import EngineError
from inference_worker.protocol.messages import Frames
from inference_worker.remote_file import RemoteFile

DECODED_BYTES = 256 << 20


class FrameStore:
    """Opens frame files where the configuration allows, one per video, and shares what it decoded."""

    def __init__(self, media_root: Path | None, url_prefix: str, decoded_bytes: int = DECODED_BYTES) -> None:
        self._media_root = media_root
        self._url_prefix = url_prefix
        self._decoded = _DecodedFrames(decoded_bytes)
        self._sources: WeakValueDictionary[str, ZipFrames] = WeakValueDictionary()

    def source(self, frames: Frames) -> ZipFrames:
        """The frames of one video; reads nothing yet. Raises EngineError for a place that is not allowed."""
        self._check(frames.uri)
        key = source_key(frames)
        source = self._sources.get(key)
        if source is None:
            source = self._sources[key] = ZipFrames(frames, self._decoded)
        source.uri = frames.uri
        return source

    def _check(self, uri: str) -> None:
        if "://" in uri:
            allowed = _below_prefix(uri, self._url_prefix)
        else:
            root = self._media_root
            allowed = (
                root is not None and Path(uri).is_absolute() and Path(uri).resolve().is_relative_to(root)
            )
        if not allowed:
            raise EngineError(
                "This worker may not read the video's frames from where they are: set MASKLOOM_MEDIA_ROOT "
                "or MASKLOOM_FRAMES_URL_PREFIX on the worker to the place of the media."
            )


def source_key(frames: Frames) -> str:
    """What names the frames for as long as they are the same: the uri without its signature."""
    return f"{frames.video} {frames.uri.partition('?')[0]} {frames.stride} {frames.frame_count}"


class ZipFrames:
    """A FrameSource over the uncompressed zip of one video's annotated frames.

    uri may be replaced by a fresher address of the same file at any time.
    """

    def __init__(self, frames: Frames, decoded: _DecodedFrames) -> None:
        self.uri = frames.uri
        self.indices: Sequence[int] = range(0, frames.frame_count, frames.stride)
        self.size = (frames.height, frames.width)
        self.key = source_key(frames)
        self._decoded = decoded
        self._zip: zipfile.ZipFile | None = None

    def rgb(self, frame_index: int) -> np.ndarray:
        """H x W x 3, uint8, RGB, read-only because it is shared. Raises KeyError, EngineError."""
        if frame_index not in self.indices:
            raise KeyError(frame_index)
        image = self._decoded.get((self.key, frame_index))
        if image is None:
            image = self._decode(frame_index)
            image.flags.writeable = False
            self._decoded.put((self.key, frame_index), image)
        return image

    def _decode(self, frame_index: int) -> np.ndarray:
        data = np.frombuffer(self._member(f"{frame_index:05d}.jpg"), np.uint8)
        image = (
            cv2.imdecode(data, cv2.IMREAD_COLOR_RGB | cv2.IMREAD_IGNORE_ORIENTATION) if data.size else None
        )
        if image is None:
            raise EngineError(f"Frame {frame_index} of the video is not a readable JPEG.")
        if image.shape[:2] != self.size:
            height, width = image.shape[:2]
            raise EngineError(
                f"Frame {frame_index} is {width} x {height} pixels, the video is {self.size[1]} x {self.size[0]}."
            )
        return image

    def _member(self, name: str) -> bytes:
        try:
            return self._open().read(name)
        except KeyError:
            raise EngineError(f"The video's frames file has no {name}.") from None
        except FileNotFoundError:
            raise EngineError("The video's frames file is not there. Was the video deleted?") from None
        except (
            zipfile.BadZipFile,
            zipfile.LargeZipFile,
            EOFError,
            NotImplementedError,
            RuntimeError,
        ) as error:
            raise EngineError(f"The video's frames file is damaged: {error}.") from None
        except OSError as error:
            raise EngineError(f"The video's frames file cannot be read: {error}.", retryable=True) from None

    def _open(self) -> zipfile.ZipFile:
        if self._zip is None:
            remote = "://" in self.uri
            self._zip = zipfile.ZipFile(cast(BinaryIO, RemoteFile(lambda: self.uri)) if remote else self.uri)
        return self._zip


class _DecodedFrames:
    def __init__(self, max_bytes: int) -> None:
        self._max_bytes = max_bytes
        self._bytes = 0
        self._images: OrderedDict[tuple[str, int], np.ndarray] = OrderedDict()

    def get(self, key: tuple[str, int]) -> np.ndarray | None:
        image = self._images.get(key)
        if image is not None:
            self._images.move_to_end(key)
        return image

    def put(self, key: tuple[str, int], image: np.ndarray) -> None:
        self._images[key] = image
        self._bytes += image.nbytes
        while self._bytes > self._max_bytes:
            self._bytes -= self._images.popitem(last=False)[1].nbytes


def _below_prefix(uri: str, prefix: str) -> bool:
    given, allowed = urlsplit(uri), urlsplit(prefix)
    return (
        bool(prefix)
        and (given.scheme, given.netloc) == (allowed.scheme, allowed.netloc)
        and given.path.startswith(allowed.path)
        and ".." not in unquote(given.path).split("/")
    )
