"""Files on their way in, part by part: what was acknowledged is on disk."""

from __future__ import annotations

import os
import re
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from annotator.errors import Conflict, NotPossible, TooLarge
from annotator.models import Project, Upload, User
from annotator.services import videos

ABANDONED = timedelta(days=7)
MAX_PART = 16 * 2**20
_NAME = re.compile(r"[^\w.\- ]+")


def begin(
    *,
    project: Project,
    user: User,
    filename: str,
    size: int,
    sha256: str = "",
    metadata: dict[str, Any] | None = None,
) -> Upload:
    """A place for a file of `size` bytes. Raises TooLarge over the project's limit."""
    if size > project.max_upload_bytes:
        raise TooLarge(
            f"This file has {size / 1e6:.1f} MB; the project takes at most {project.max_upload_bytes / 1e6:.1f} MB. "
            "Shrink it, or have the owner raise the limit.",
            limit=project.max_upload_bytes,
        )
    if size < 1:
        raise NotPossible("This file is empty.", code="empty")
    return Upload.objects.create(
        project=project,
        created_by=user,
        filename=safe_name(filename),
        size=size,
        sha256=sha256.lower(),
        metadata=metadata or {},
    )


def append(*, upload: Upload, offset: int, part: bytes) -> Upload:
    """Add the next bytes. With the last one the video exists and waits for ingest.

    Raises Conflict `wrong_offset` with the right one: after a broken line, go on from there.
    """
    _keep_to_disk(upload)
    with transaction.atomic():
        return _append(upload, offset, part)


def _append(upload: Upload, offset: int, part: bytes) -> Upload:
    upload = Upload.objects.select_for_update().get(pk=upload.pk)
    if upload.state != Upload.State.RECEIVING:
        raise Conflict(f"This upload is {upload.state} already.", code="upload_ended")
    if offset != upload.offset:
        raise Conflict(
            f"The server has {upload.offset} bytes: go on from there.",
            code="wrong_offset",
            offset=upload.offset,
        )
    if len(part) > min(MAX_PART, upload.size - offset):
        raise TooLarge("This part is longer than 16 MiB, or than what is left of the file.", limit=MAX_PART)
    _write(path_of(upload), offset, part)
    upload.offset += len(part)
    if upload.offset == upload.size:
        upload.state = Upload.State.RECEIVED
        upload.video = videos.add(
            project=upload.project,
            user=upload.created_by,
            path=path_of(upload),
            filename=upload.filename,
            sha256=upload.sha256,
            metadata=upload.metadata,
        )
    upload.save()
    return upload


def cancel(*, upload: Upload) -> None:
    """Forget an upload and its bytes; a video that came of it stays."""
    path_of(upload).unlink(missing_ok=True)
    upload.delete()


def forget_abandoned() -> None:
    """Let go of uploads that nobody went on with."""
    stale = Upload.objects.filter(state=Upload.State.RECEIVING, updated_at__lt=timezone.now() - ABANDONED)
    for upload in stale[:20]:
        cancel(upload=upload)


def path_of(upload: Upload) -> Path:
    return Path(settings.DATA_DIR, "uploads", str(upload.pk))


def safe_name(filename: str) -> str:
    """The last part of a name from outside, with nothing in it that a file system could mistake."""
    last = filename.replace("\\", "/").rsplit("/", 1)[-1]
    return _NAME.sub("_", last).strip(" .")[-200:] or "video"


@transaction.atomic
def _keep_to_disk(upload: Upload) -> None:
    """A disk that lost bytes is not to be written behind its end: the missing ones are asked for again."""
    row = Upload.objects.select_for_update().filter(pk=upload.pk, state=Upload.State.RECEIVING).first()
    if row is None:
        return
    path = path_of(row)
    there = path.stat().st_size if path.exists() else 0
    if there < row.offset:
        Upload.objects.filter(pk=row.pk).update(offset=there)


def _write(path: Path, offset: int, part: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with open(path, "r+b" if path.exists() else "w+b") as file:
            file.seek(offset)
            file.write(part)
            file.truncate()
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise NotPossible(
            f"The server could not store these bytes ({error.strerror}). Free space there, then go on.",
            code="disk",
        ) from error
