"""Frames, pictures and working videos, behind the same permissions as everything else."""

from __future__ import annotations

import functools
import re
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

from asgiref.sync import sync_to_async
from django.core.files.storage import default_storage
from django.http import (
    HttpResponse,
    HttpResponseBase,
    HttpResponseNotModified,
    JsonResponse,
    StreamingHttpResponse,
)
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.renderers import BaseRenderer, JSONRenderer
from rest_framework.views import APIView

from annotator import storage
from annotator.api.base import Request, export_for
from annotator.api.videos import ready
from annotator.errors import AnnotatorError, NotThere
from annotator.models import FrameTable, Video

_FOR_GOOD = "private, max-age=31536000, immutable"
_RANGE = re.compile(r"bytes=(\d*)-(\d*)")


class AnyAccept(BaseContentNegotiation):
    """A browser asks for image/*, and errors are JSON all the same."""

    def select_parser(self, request: Any, parsers: Any) -> None:
        return None

    def select_renderer(
        self, request: Any, renderers: Any, format_suffix: str | None = None
    ) -> tuple[BaseRenderer, str]:
        return JSONRenderer(), "application/json"


class MediaView(APIView):
    content_negotiation_class = AnyAccept


class FrameView(MediaView):
    @extend_schema(responses={(200, "image/jpeg"): OpenApiTypes.BINARY})
    def get(self, request: Request, video_id: int, frame_index: int) -> HttpResponseBase:
        video = ready(request, video_id)
        offset, length, digest = _place(video, frame_index)
        headers = {"ETag": f'"{digest}"', "Cache-Control": _FOR_GOOD}
        if request.headers.get("If-None-Match") == headers["ETag"]:
            return HttpResponseNotModified(headers=headers)
        with _in_storage():
            jpeg = storage.read_range(storage.frames_key(video), offset, length)
        return HttpResponse(jpeg, content_type="image/jpeg", headers=headers)


class PictureView(MediaView):
    """The poster or the filmstrip."""

    @extend_schema(responses={(200, "image/jpeg"): OpenApiTypes.BINARY})
    def get(self, request: Request, video_id: int, picture: str) -> HttpResponseBase:
        video = ready(request, video_id)
        key = storage.poster_key(video) if picture == "poster" else storage.filmstrip_key(video)
        return _whole(key, "image/jpeg", {"Cache-Control": _FOR_GOOD})


class WorkingView(MediaView):
    @extend_schema(
        responses={(200, "video/mp4"): OpenApiTypes.BINARY, (206, "video/mp4"): OpenApiTypes.BINARY}
    )
    def get(self, request: Request, video_id: int) -> HttpResponseBase:
        key = storage.working_key(ready(request, video_id))
        headers = {"Accept-Ranges": "bytes", "Cache-Control": _FOR_GOOD}
        asked = _RANGE.fullmatch(request.headers.get("Range", ""))
        if asked is None or not any(asked.groups()):
            return _whole(key, "video/mp4", headers)
        size = _size(key)
        first, last = _span(asked[1], asked[2], size)
        if first > last:
            outside = {"code": "outside", "message": f"The file has {size} bytes: nothing lies there."}
            return JsonResponse(outside, status=416, headers={"Content-Range": f"bytes */{size}"})
        headers |= {"Content-Range": f"bytes {first}-{last}/{size}", "Content-Length": str(last - first + 1)}
        return _stream(storage.blocks(key, first, last - first + 1), "video/mp4", headers, status=206)


class DownloadView(MediaView):
    @extend_schema(responses={(200, "application/zip"): OpenApiTypes.BINARY})
    def get(self, request: Request, export_id: int) -> HttpResponseBase:
        export = export_for(request, export_id)
        if not export.archive_key:
            raise NotThere("This export has no file: it is not done, or it failed.")
        name = export.archive_key.rsplit("/", 1)[-1]
        headers = {
            "Content-Disposition": f'attachment; filename="{name}"',
            "Cache-Control": "private, no-store",
        }
        return _whole(export.archive_key, "application/zip", headers)


def _place(video: Video, frame_index: int) -> tuple[int, int, str]:
    if frame_index not in video.annotated_indices:
        raise NotThere(f"Frame {frame_index} is not an annotated frame of this video.")
    offsets, lengths, digests = _table(video.pk, video.attempt)
    at = frame_index // video.stride
    return offsets[at], lengths[at], digests[at]


@functools.lru_cache(maxsize=64)
def _table(video: int, attempt: int) -> tuple[list[int], list[int], list[str]]:
    """Never changes for one attempt, and is asked for with every frame."""
    table = FrameTable.objects.get(video=video)
    return table.jpeg_offsets, table.jpeg_lengths, table.jpeg_sha256


def _span(first: str, last: str, size: int) -> tuple[int, int]:
    """The inclusive byte span of a Range header; `-n` means the last n bytes."""
    if max(len(first), len(last)) > 18:
        raise AnnotatorError("This byte range makes no sense.")
    if not first:
        return max(0, size - int(last)), size - 1
    return int(first), min(int(last) if last else size - 1, size - 1)


def _whole(key: str, content_type: str, headers: dict[str, str]) -> HttpResponseBase:
    size = _size(key)
    return _stream(storage.blocks(key, 0, size), content_type, {**headers, "Content-Length": str(size)})


def _size(key: str) -> int:
    with _in_storage():
        return default_storage.size(key)


@contextmanager
def _in_storage() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise NotThere("This file is no longer in the storage.") from error


def _stream(
    blocks: Iterator[bytes], content_type: str, headers: dict[str, str], status: int = 200
) -> HttpResponseBase:
    return StreamingHttpResponse(_each(blocks), content_type=content_type, headers=headers, status=status)


async def _each(blocks: Iterator[bytes]) -> AsyncIterator[bytes]:
    """A plain iterator would be read into memory whole before the first byte left an ASGI server."""
    following = sync_to_async(partial(next, blocks, b""), thread_sensitive=False)
    while block := await following():
        yield block
