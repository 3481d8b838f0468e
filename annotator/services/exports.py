"""Writing a project's accepted masklets into a dataset format, checked before it is called done."""

from __future__ import annotations

import shutil
import zipfile
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from annotator import queue, storage
from annotator.errors import NotPossible
from annotator.export_formats import sav, sav_validator
from annotator.export_formats.problems import Problem
from annotator.models import Export, Mask, Masklet, Project, User, Video
from annotator.selectors import masklets as masklets_selector
from annotator.selectors import masks
from annotator.transitions import move

EXPORT_TASK = "annotator.build_export"
LAPSE = timedelta(seconds=120)
MAX_ATTEMPTS = 5
WINDOW = 64  # annotated frames whose masks are in memory at a time

_S = Export.State
TRANSITIONS = {
    _S.QUEUED: frozenset({_S.RUNNING}),
    _S.RUNNING: frozenset({_S.QUEUED}),
    _S.DONE: frozenset({_S.RUNNING}),
    _S.FAILED: frozenset({_S.QUEUED, _S.RUNNING}),
}


@transaction.atomic
def request(*, project: Project, user: User | None, format: str, wake: bool = True) -> Export:
    """Queue an export; wake is False for a caller that calls `build` itself. Raises NotPossible when there is nothing in it yet, or the format cannot hold it."""
    export = Export.objects.create(project=project, requested_by=user, format=format, **_size(project))
    if wake:
        queue.wake_on_commit(EXPORT_TASK, export.pk)
    return export


def build(*, export_id: int, out: Path | None = None) -> Export:
    """Write a queued export: into a stored zip, or into the folder `out`. Done or failed afterwards.

    A second call for the same export while one is at it does nothing.
    """
    taken = Export.objects.filter(pk=export_id, state=_S.QUEUED).update(
        state=_S.RUNNING, attempt=F("attempt") + 1, videos_done=0, masks=0, progress_at=timezone.now()
    )
    export = Export.objects.select_related("project").get(pk=export_id)
    if not taken:
        return export
    try:
        with storage.work_folder(f"export-{export.pk}") as temporary:
            folder = out or temporary / f"{export.project.slug}_sav_{export.pk}"
            folder.mkdir(parents=True, exist_ok=True)
            _write(export, folder)
            _check(export, folder)
            if out is None:
                _archive(export, folder, temporary)
        move(export, _S.DONE, TRANSITIONS, finished_at=timezone.now())
    except (NotPossible, OSError) as error:
        message = (
            error.message if isinstance(error, NotPossible) else f"Writing failed: {error.strerror or error}."
        )
        move(export, _S.FAILED, TRANSITIONS, error=message, finished_at=timezone.now())
    return export


def send_lapsed() -> None:
    """Wake a worker for every export that waits, or whose worker is gone."""
    stale = timezone.now() - LAPSE
    lapsed = Export.objects.filter(state=_S.RUNNING, progress_at__lt=stale)
    lapsed.filter(attempt__gte=MAX_ATTEMPTS).update(
        state=_S.FAILED,
        finished_at=timezone.now(),
        error="Its worker was lost again and again. The log of the cpu worker says why; then export anew.",
    )
    lapsed.update(state=_S.QUEUED)
    waited = timezone.now() - timedelta(seconds=queue.EXPIRES_S)
    for pk in Export.objects.filter(state=_S.QUEUED, progress_at__lt=waited).values_list("pk", flat=True)[
        :20
    ]:
        Export.objects.filter(pk=pk, state=_S.QUEUED).update(progress_at=timezone.now())
        queue.wake_on_commit(EXPORT_TASK, pk)


def _size(project: Project) -> dict[str, int]:
    if project.stride != sav.STRIDE:
        raise NotPossible(
            f"SA-V holds every {sav.STRIDE}th frame, and this project annotates every {project.stride}th: "
            "it cannot be exported as SA-V.",
            code="stride",
        )
    videos = _with(project, Masklet.Type.MANUAL)  # SA-V's readers need one in each video
    if not (total := videos.count()):
        raise NotPossible(
            "No masklet that people tracked is accepted yet, and SA-V's readers need one in each video: "
            "there is nothing to export.",
            code="nothing",
        )
    return {
        "videos_total": total,
        "masklets": Masklet.objects.filter(_accepted(), video__in=videos).count(),
    }


def _accepted() -> Q:
    """What goes into a dataset: nothing that was put away, and nothing of an objectionable video."""
    return Q(
        state=Masklet.State.ACCEPTED,
        deleted_at__isnull=True,
        video__deleted_at__isnull=True,
        video__objectionable=False,
    )


def _with(project: Project, type: str) -> QuerySet[Video]:
    ids = Masklet.objects.filter(_accepted(), video__project=project, type=type).values("video")
    return Video.objects.filter(pk__in=ids)


def _write(export: Export, folder: Path) -> None:
    # As much as is accepted now: more may be, since it was asked for.
    Export.objects.filter(pk=export.pk).update(**_size(export.project))
    export.refresh_from_db(fields=["videos_total", "masklets"])
    videos = list(_with(export.project, Masklet.Type.MANUAL).order_by("number"))
    unnamed = [video.video_id for video in videos if not video.environment]
    if unnamed:
        raise NotPossible(
            "SA-V says of each video whether it is Indoor or Outdoor; set that for: "
            + ", ".join(unnamed[:20])
            + ".",
            code="no_environment",
        )
    for video in videos:
        _write_video(export, video, folder)
        export.videos_done += 1
        Export.objects.filter(pk=export.pk).update(
            videos_done=export.videos_done, masks=export.masks, progress_at=timezone.now()
        )


def _write_video(export: Export, video: Video, folder: Path) -> None:
    with storage.local_copy(storage.working_key(video)) as working:
        shutil.copyfile(working, folder / f"{video.video_id}.mp4")
    accepted = masklets_selector.in_video(video).filter(state=Masklet.State.ACCEPTED)
    for kind in Masklet.Type.values:
        chosen = list(accepted.filter(type=kind))
        if chosen:
            with open(folder / f"{video.video_id}_{kind}.json", "w", encoding="ascii") as file:
                file.writelines(sav.pieces(_sav(export, video, chosen, kind)))


def _sav(export: Export, video: Video, chosen: list[Masklet], kind: str) -> sav.SavVideo:
    return sav.SavVideo(
        video_id=video.video_id,
        frame_count=video.frame_count or 0,
        height=video.height or 0,
        width=video.width or 0,
        environment=video.environment,
        split=video.split,
        kind=kind,  # type: ignore[arg-type]
        edited_frame_counts=[masklet.edited_frame_count for masklet in chosen],  # type: ignore[attr-defined]
        frames=_frames(export, video, [masklet.pk for masklet in chosen]),
    )


def _frames(export: Export, video: Video, chosen: list[int]) -> Iterator[sav.SavFrame]:
    """The annotated frames in order; counts their masks in `export` as they go by."""
    annotated = video.annotated_indices
    scored = _all_scored(chosen)
    for start in range(0, len(annotated), WINDOW):
        window = annotated[start : start + WINDOW]
        rows = masks.current(chosen, first=window[0], last=window[-1])
        counts = {(row.frame_index, row.masklet_id): row.counts for row in rows if row.area}
        scores = {
            (row.frame_index, row.masklet_id): row.stability
            for row in rows
            if row.area and row.stability is not None
        }
        export.masks += len(counts)
        for offset, frame in enumerate(window):
            yield sav.SavFrame(
                t=start + offset,
                counts=[counts.get((frame, pk)) for pk in chosen],
                stability=[scores.get((frame, pk), 1.0) for pk in chosen] if scored else None,
            )


def _all_scored(chosen: list[int]) -> bool:
    """Whether each mask has a stability score: SA-V's file has one for all of them, or for none."""
    present = Mask.objects.filter(masklet__in=chosen, change__undone=False, area__gt=0)
    return not present.filter(stability=None).exists()


def _check(export: Export, folder: Path) -> None:
    """Refuse to call a broken export done."""
    problems = _left_out(export.project)
    for found in sav_validator.validate_each(folder):
        problems += found
        Export.objects.filter(pk=export.pk).update(progress_at=timezone.now())
    export.problems = [
        {"level": found.level, "code": found.code, "file": found.file, "message": found.sentence}
        for found in problems
    ]
    export.save(update_fields=["problems"])
    errors = [found for found in problems if found.level == "error"]
    if errors:
        raise NotPossible(
            f"The written files break {len(errors)} of SA-V's rules, first: {errors[0].file}: {errors[0].sentence}"
        )


def _left_out(project: Project) -> list[Problem]:
    only_auto = _with(project, Masklet.Type.AUTO).difference(_with(project, Masklet.Type.MANUAL))
    sentence = "Left out: its accepted masklets are all automatic, and SA-V's readers need a manual one."
    return [Problem("warning", "only_auto", f"{video.video_id}.mp4", sentence) for video in only_auto]


def _archive(export: Export, folder: Path, temporary: Path) -> None:
    path = temporary / f"{folder.name}.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        for file in sorted(folder.iterdir()):
            deflate = zipfile.ZIP_DEFLATED if file.suffix == ".json" else zipfile.ZIP_STORED
            archive.write(file, f"{folder.name}/{file.name}", compress_type=deflate)
            Export.objects.filter(pk=export.pk).update(progress_at=timezone.now())
    export.bytes = path.stat().st_size
    export.archive_key = f"exports/{export.pk}/{path.name}"
    storage.adopt(export.archive_key, path)
    export.save(update_fields=["bytes", "archive_key"])
