"""Source videos coming in, and becoming working videos."""

from __future__ import annotations

import errno
import logging
import time
from collections.abc import Callable
from dataclasses import asdict
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.db import transaction
from django.db.models import F, Max
from django.utils import timezone

from annotator import queue, storage
from annotator.errors import Conflict
from annotator.models import FrameTable, Project, Task, User, Video
from annotator.services import routing, tasks
from annotator.transitions import move
from annotator.video_io.errors import TranscodeFailed, UnusableSource
from annotator.video_io.ingest import IngestResult, ingest_file
from annotator.video_io.limits import Limits

log = logging.getLogger(__name__)
INGEST_TASK = "annotator.ingest_video"
LAPSE = timedelta(seconds=60)  # an ingest that shows no progress for so long has lost its worker
PROGRESS_S = 0.5
MAX_LOST = 5  # attempts after which a source whose workers keep dying is no longer tried by itself

_S = Video.State
TRANSITIONS = {
    _S.QUEUED: frozenset({_S.REFUSED, _S.INGESTING}),
    _S.INGESTING: frozenset({_S.QUEUED}),
    _S.READY: frozenset({_S.INGESTING}),
    _S.REFUSED: frozenset({_S.INGESTING}),
}


@transaction.atomic
def add(
    *,
    project: Project,
    user: User,
    path: Path,
    filename: str,
    sha256: str = "",
    metadata: dict[str, Any] | None = None,
    wake: bool = True,
) -> Video:
    """Take a local file in as a source (it moves into storage) and queue its ingest.

    sha256: what it should be; ingest refuses the file when it is not. metadata: fields of Video.
    wake: False for a caller that calls `ingest` itself.
    """
    Project.objects.select_for_update().get(pk=project.pk)
    newest = Video.objects.filter(project=project).aggregate(newest=Max("number"))["newest"] or 0
    video = Video.objects.create(
        project=project,
        number=newest + 1,
        video_id=f"{project.slug}_{newest + 1:06d}",
        name=Path(filename).stem[:255] or filename[:255],
        stride=project.stride,
        source_filename=filename,
        source_bytes=path.stat().st_size,
        source_sha256=sha256,
        created_by=user,
        progress_at=timezone.now(),
        **(metadata or {}),
    )
    video.source_key = f"sources/{video.pk}{Path(filename).suffix.lower()[:10]}"
    video.save(update_fields=["source_key"])
    storage.adopt(video.source_key, path)
    if wake:
        queue.wake_on_commit(INGEST_TASK, video.pk)
    return video


def ingest(*, video_id: int) -> Video:
    """Make the working video of a queued source; ready or refused afterwards.

    A second call for the same video while one is at it does nothing.
    """
    video = Video.objects.select_related("project").get(pk=video_id)
    taken = Video.objects.filter(pk=video.pk, state=_S.QUEUED).update(
        state=_S.INGESTING, attempt=F("attempt") + 1, progress=0, progress_at=timezone.now()
    )
    if not taken:
        return video
    video.refresh_from_db()
    try:
        with storage.work_folder(f"video-{video.pk}") as folder:
            _ingest_into(video, folder)
    except UnusableSource as error:
        _refuse(video, error.code, error.message, keep_source=False)
    except TranscodeFailed as error:
        _refuse(video, "transcode_failed", f"{error} Try again; if it stays so, convert the file first.")
    except OSError as error:
        full = error.errno == errno.ENOSPC
        reason = (
            "The server's disk is full. Free space, then try again."
            if full
            else f"Reading or writing failed: {error}."
        )
        _refuse(video, "disk_full" if full else "io_failed", reason)
    return video


@transaction.atomic
def ingest_again(*, video: Video) -> Video:
    """Queue a refused video anew. Raises Conflict when its source was let go: it can never be used."""
    if not video.source_key:
        raise Conflict("This file cannot be used. Upload another one.", code="no_source")
    move(
        video,
        _S.QUEUED,
        {_S.QUEUED: frozenset({_S.REFUSED})},
        progress=0,
        refusal_code="",
        refusal_message="",
    )
    queue.wake_on_commit(INGEST_TASK, video.pk)
    return video


def edit(*, video: Video, **metadata: Any) -> Video:
    """Change a video's metadata."""
    for name, value in metadata.items():
        setattr(video, name, value)
    video.save(update_fields=list(metadata))
    return video


@transaction.atomic
def delete(*, video: Video) -> None:
    """Put a video away. Files and rows stay."""
    Video.objects.filter(pk=video.pk, deleted_at__isnull=True).update(deleted_at=timezone.now())
    call_off_deleted()


def call_off_deleted() -> None:
    """Cancel what is open on deleted videos: also what was asked for in the moment of the deletion."""
    left = Task.objects.filter(video__deleted_at__isnull=False, state__in=Task.OPEN)
    tasks.cancel(left, None, "the video was deleted")


def send_lapsed() -> None:
    """Wake a worker for every video that waits, or whose worker is gone."""
    stale = timezone.now() - LAPSE
    for pk in Video.objects.filter(state=_S.INGESTING, progress_at__lt=stale).values_list("pk", flat=True):
        log.warning("the ingest of video %s lost its worker and begins anew", pk)
        lapsed = Video.objects.filter(pk=pk, state=_S.INGESTING, progress_at__lt=stale)
        lapsed.filter(attempt__gte=MAX_LOST).update(
            state=_S.REFUSED,
            refusal_code="worker_lost",
            refusal_message="The worker was lost each time it read this file. Its log may say why; "
            "try again, or convert the file first.",
        )
        lapsed.update(state=_S.QUEUED)
    waited = timezone.now() - timedelta(seconds=queue.EXPIRES_S)
    waiting = Video.objects.filter(progress_at__lt=waited, state=_S.QUEUED, deleted_at=None)
    for pk in waiting.order_by("pk").values_list("pk", flat=True)[:100]:
        Video.objects.filter(pk=pk, state=_S.QUEUED).update(progress_at=timezone.now())
        queue.wake_on_commit(INGEST_TASK, pk)


def limits_of(project: Project) -> Limits:
    return Limits(
        max_bytes=project.max_upload_bytes,
        max_duration_s=project.max_duration_s,
        max_pixels=project.max_pixels,
    )


def _ingest_into(video: Video, folder: Path) -> None:
    with storage.local_copy(video.source_key) as source:
        made = ingest_file(
            source,
            folder,
            stride=video.stride,
            limits=limits_of(video.project),
            on_progress=_progress(video),
        )
    if video.source_sha256 and video.source_sha256 != made.source_sha256:
        raise UnusableSource(
            "hash_mismatch",
            "The bytes that arrived are not the file that was sent (sha256 differs). Upload it again.",
        )
    for name, key in _files(video).items():
        storage.adopt(key, folder / name)
    if not _finish(video, made):
        storage.remove(*_files(video).values())


def _files(video: Video) -> dict[str, str]:
    return {
        "working.mp4": storage.working_key(video),
        "frames.zip": storage.frames_key(video),
        "filmstrip.jpg": storage.filmstrip_key(video),
        "poster.jpg": storage.poster_key(video),
    }


@transaction.atomic
def _finish(video: Video, made: IngestResult) -> bool:
    """Store what ingest found; False when a later attempt has it, or it was deleted."""
    mine = Video.objects.filter(
        pk=video.pk, attempt=video.attempt, state=_S.INGESTING, deleted_at__isnull=True
    )
    facts = made.probe
    done = mine.update(
        state=_S.READY,
        progress=1,
        height=made.height,
        width=made.width,
        frame_count=made.frame_count,
        is_image=facts.is_image,
        working_sha256=made.working_sha256,
        source_sha256=made.source_sha256,
        source_mapping=asdict(made.mapping),
        decode_faults=[asdict(fault) for fault in made.decode_faults],
        filmstrip={
            "height": made.filmstrip.thumb_height,
            "width": made.filmstrip.thumb_width,
            "frame_indices": made.filmstrip.frame_indices,
        },
        source_facts={
            "format": facts.format,
            "codec": facts.codec,
            "pixel_format": facts.pixel_format,
            "size": [facts.coded_height, facts.coded_width],
            "pixel_aspect": float(facts.pixel_aspect),
            "rotation": made.mapping.rotation,
            "fps": round(float(facts.frame_rate), 3),
            "vfr": facts.variable_rate,
            "duration_s": float(facts.duration),
            "frame_count": facts.frame_count,
            "has_audio": facts.has_audio,
        },
    )
    if not done:
        return False
    FrameTable.objects.update_or_create(
        video_id=video.pk,
        defaults={
            "time_base_num": made.time_base.numerator,
            "time_base_den": made.time_base.denominator,
            "source_pts": made.source_pts,
            "jpeg_offsets": [entry.offset for entry in made.jpegs],
            "jpeg_lengths": [entry.length for entry in made.jpegs],
            "jpeg_sha256": [entry.sha256 for entry in made.jpegs],
        },
    )
    routing.after_ingest(video)
    return True


def _refuse(video: Video, code: str, message: str, *, keep_source: bool = True) -> None:
    storage.remove(*_files(video).values())
    mine = Video.objects.filter(pk=video.pk, attempt=video.attempt, state=_S.INGESTING)
    key = video.source_key if keep_source else ""
    if (
        mine.update(state=_S.REFUSED, refusal_code=code, refusal_message=message, source_key=key)
        and not keep_source
    ):
        storage.remove(video.source_key)


def _progress(video: Video) -> Callable[[float], None]:
    told = 0.0

    def tell(fraction: float) -> None:
        nonlocal told
        if time.monotonic() - told < PROGRESS_S:
            return
        told = time.monotonic()
        mine = Video.objects.filter(pk=video.pk, attempt=video.attempt, state=_S.INGESTING)
        mine.update(progress=fraction, progress_at=timezone.now())

    return tell
