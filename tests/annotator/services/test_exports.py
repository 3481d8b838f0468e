"""Exports end to end: what is in them, what stops them, and how lost ones are found again."""

from __future__ import annotations

import io
import json
import zipfile
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.utils import timezone

from annotator.errors import NotPossible
from annotator.export_formats import sav, sav_validator
from annotator.models import Change, Export, Mask, Masklet, Project, User, Video
from annotator.services import exports, videos
from inference_worker.protocol import rle
from tests.annotator.api.http import Http
from tests.annotator.clips import write_clip
from tests.annotator.desk import Desk, square
from tests.factories import make_video


@pytest.fixture
def video(project: Project, annotator: User, tmp_path: Path) -> Video:
    """A clip of 12 frames that was really taken in, three of them annotated."""
    clip = write_clip(tmp_path / "clip.mp4")
    added = videos.add(
        project=project, user=annotator, path=clip, filename="clip.mp4", wake=False,
        metadata={"environment": "Outdoor"},
    )  # fmt: skip
    videos.ingest(video_id=added.pk)
    return Video.objects.select_related("project").get(pk=added.pk)


def labelled(user: User, video: Video, state: str = "accepted") -> Desk:
    """A masklet with a drawn frame, a tracked one and an absent one."""
    desk = Desk(user, video)
    desk.draw(0, square(5))
    desk.mark(Change.Kind.ABSENT, 8)
    desk.fill(desk.propagate(0), [4], 7, state="finished")
    now = timezone.now()
    Masklet.objects.filter(pk=desk.masklet).update(state=state, tracked_by=user, submitted_at=now)
    return desk


def build(project: Project, user: User, out: Path | None = None) -> Export:
    return exports.build(export_id=exports.request(project=project, user=user, format="sav").pk, out=out)


def test_a_folder_holds_accepted_masklets_only_and_is_valid(
    project: Project, annotator: User, video: Video, tmp_path: Path
) -> None:
    labelled(annotator, video)
    for state in ("in_work", "submitted", "refine", "rejected"):
        labelled(annotator, video, state)
    deleted = labelled(annotator, video)
    Masklet.objects.filter(pk=deleted.masklet).update(deleted_at=timezone.now())
    out = tmp_path / "dataset"
    done = build(project, annotator, out)
    # A clip of 12 frames is short, and the validator says so.
    assert (done.state, done.error, [found["code"] for found in done.problems]) == (
        "done",
        "",
        ["few_frames"],
    )
    found = [problem for problems in sav_validator.validate_each(out) for problem in problems]
    assert [problem.code for problem in found] == ["few_frames"]
    assert sorted(path.name for path in out.iterdir()) == ["street_000001.mp4", "street_000001_manual.json"]
    written = json.loads((out / "street_000001_manual.json").read_text())
    assert (written["masklet_num"], written["video_environment"]) == (1, "Outdoor")
    masks = [[frame[0]["counts"], frame[0]["size"]] for frame in written["masklet"]]
    assert masks == [[square(5), [48, 64]], [square(7), [48, 64]], [rle.empty(48, 64), [48, 64]]]
    assert (done.videos_done, done.videos_total, done.masklets, done.masks) == (1, 1, 1, 2)


def test_what_is_counted_is_what_is_written(
    project: Project, annotator: User, video: Video, tmp_path: Path
) -> None:
    desk = labelled(annotator, video, "in_work")
    desk.mark(Change.Kind.ABSENT, 4)  # its earlier mask is still in the history
    desk.draw(0, square(9))
    Masklet.objects.filter(pk=desk.masklet).update(state="accepted")
    assert build(project, annotator, tmp_path / "a").masks == 1


def test_an_export_is_downloaded_as_a_zip_of_its_folder(
    project: Project, annotator: User, manager: User, video: Video
) -> None:
    labelled(annotator, video)
    export = build(project, manager)
    told = Http(manager)("GET", f"exports/{export.pk}").json()
    answer = Http(manager)("GET", f"exports/{export.pk}/download")
    content = b"".join(answer)
    assert (told["state"], told["bytes"], told["urls"]["download"]) == (
        "done", len(content), f"/api/exports/{export.pk}/download",
    )  # fmt: skip
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.testzip() is None
        folder = f"street_sav_{export.pk}"
        assert sorted(archive.namelist()) == [
            f"{folder}/street_000001.mp4", f"{folder}/street_000001_manual.json",
        ]  # fmt: skip


def test_a_project_with_another_stride_is_refused(project: Project, annotator: User) -> None:
    labelled(annotator, make_video(project, annotator))
    Project.objects.update(stride=6)
    project.refresh_from_db()
    with pytest.raises(NotPossible) as refused:
        exports.request(project=project, user=annotator, format="sav")
    assert refused.value.code == "stride"


def test_a_project_with_nothing_accepted_is_refused(project: Project, annotator: User) -> None:
    labelled(annotator, make_video(project, annotator), "submitted")
    with pytest.raises(NotPossible) as refused:
        exports.request(project=project, user=annotator, format="sav")
    assert refused.value.code == "nothing"
    assert not Export.objects.exists()


def test_videos_without_an_environment_are_named(project: Project, annotator: User, video: Video) -> None:
    labelled(annotator, video)
    Video.objects.update(environment="")
    failed = build(project, annotator)
    assert failed.state == "failed"
    assert "Indoor or Outdoor" in failed.error and video.video_id in failed.error


def test_a_video_with_automatic_masklets_only_is_left_out_and_named(
    project: Project, annotator: User, video: Video, tmp_path: Path
) -> None:
    labelled(annotator, video)
    other = make_video(project, annotator)
    Masklet.objects.filter(pk=labelled(annotator, other).masklet).update(type="auto")
    out = tmp_path / "dataset"
    done = build(project, annotator, out)
    assert (done.state, done.videos_total, done.masklets) == ("done", 1, 1)
    assert ("only_auto", f"{other.video_id}.mp4") in [(one["code"], one["file"]) for one in done.problems]
    assert not list(out.glob(f"{other.video_id}*"))


def test_a_project_with_automatic_masklets_only_is_refused(
    project: Project, annotator: User, video: Video
) -> None:
    labelled(annotator, video)
    Masklet.objects.update(type="auto")
    with pytest.raises(NotPossible) as refused:
        exports.request(project=project, user=annotator, format="sav")
    assert refused.value.code == "nothing"


def tracked_by_a_model(user: User, video: Video, *stability: float | None) -> None:
    """An accepted auto masklet that a model made a mask of on each of three annotated frames, the last empty."""
    masklet = Masklet.objects.create(
        video=video, number=7, name="Auto 8", type="auto", state="accepted", created_by=user,
        submitted_at=timezone.now(),
    )  # fmt: skip
    change = Change.objects.create(masklet=masklet, user=user, kind="propagation", number=1)
    for frame, score in zip((0, 4, 8), stability, strict=True):
        counts = rle.empty(48, 64) if frame == 8 else square(20 + frame)
        Mask.objects.create(
            change=change, masklet=masklet, frame_index=frame, human=False, counts=counts, score=0.9,
            state="absent" if frame == 8 else "predicted", area=rle.area(counts, 48, 64), stability=score,
        )  # fmt: skip


@pytest.mark.parametrize(
    ("stability", "written"),
    [
        ((0.97, 0.0, None), [[0.97], [0.0], [1.0]]),
        ((0.97, None, None), [None]),  # an engine without such a score tracked it
    ],
)
def test_auto_masklets_are_a_file_of_their_own_with_their_stability(
    project: Project,
    annotator: User,
    video: Video,
    tmp_path: Path,
    stability: tuple[float | None, ...],
    written: list[Any],
) -> None:
    labelled(annotator, video)
    tracked_by_a_model(annotator, video, *stability)
    done = build(project, annotator, tmp_path / "a")
    assert (done.state, {problem["code"] for problem in done.problems}) == ("done", {"few_frames"})
    auto = json.loads((tmp_path / "a" / "street_000001_auto.json").read_text())
    assert auto["masklet_stability_score"] == written
    assert (auto["masklet_type"], auto["masklet_edited_frame_count"]) == (["auto"], [0])
    assert auto["masklet"][2][0]["counts"] == rle.empty(48, 64)


def test_what_breaks_a_rule_is_failed_and_says_which(
    project: Project, annotator: User, manager: User, video: Video, monkeypatch: pytest.MonkeyPatch
) -> None:
    labelled(annotator, video)
    honest = sav.pieces

    def broken(facts: Any) -> Any:
        return (piece.replace('"masklet_num"', '"masklet_count"') for piece in honest(facts))

    monkeypatch.setattr(sav, "pieces", broken)
    export = build(project, annotator)
    told = Http(manager)("GET", f"exports/{export.pk}").json()
    assert told["state"] == "failed"
    assert "street_000001_manual.json" in told["error"]
    assert {problem["level"] for problem in told["problems"]} >= {"error"}
    assert Http(manager)("GET", f"exports/{export.pk}/download").status_code == 404
    assert not list(Path(settings.MEDIA_ROOT, "exports", str(export.pk)).glob("*"))


def test_a_lost_working_video_fails_the_export_with_a_sentence(
    project: Project, annotator: User, video: Video
) -> None:
    from annotator import storage

    labelled(annotator, video)
    storage.remove(storage.working_key(video))
    failed = build(project, annotator)
    assert (failed.state, failed.error.startswith("Writing failed")) == ("failed", True)


def test_an_export_that_is_being_built_is_not_built_twice(
    project: Project, annotator: User, video: Video
) -> None:
    labelled(annotator, video)
    export = exports.request(project=project, user=annotator, format="sav")
    Export.objects.update(state="running", attempt=1)
    assert exports.build(export_id=export.pk).state == "running"


def test_a_second_try_counts_anew_and_takes_what_was_accepted_since(
    project: Project, annotator: User, video: Video
) -> None:
    labelled(annotator, video)
    export = exports.request(project=project, user=annotator, format="sav")
    Export.objects.update(attempt=1, masks=77, videos_done=5)
    labelled(annotator, video)
    done = exports.build(export_id=export.pk)
    assert (done.masks, done.videos_done, done.masklets) == (4, 1, 2)


def test_an_export_whose_worker_is_gone_is_sent_again_and_at_last_given_up(
    project: Project, annotator: User
) -> None:
    labelled(annotator, make_video(project, annotator))
    export = exports.request(project=project, user=annotator, format="sav")
    long_ago = timezone.now() - timedelta(hours=1)
    for attempt in range(1, exports.MAX_ATTEMPTS):
        Export.objects.update(state="running", attempt=attempt, progress_at=long_ago)
        exports.send_lapsed()
        export.refresh_from_db()
        assert export.state == "queued"
    Export.objects.update(state="running", attempt=exports.MAX_ATTEMPTS, progress_at=long_ago)
    exports.send_lapsed()
    export.refresh_from_db()
    assert (export.state, bool(export.error)) == ("failed", True)


def test_an_export_with_a_worker_at_it_is_left_alone(project: Project, annotator: User) -> None:
    labelled(annotator, make_video(project, annotator))
    export = exports.request(project=project, user=annotator, format="sav")
    Export.objects.update(state="running", attempt=1, progress_at=timezone.now())
    exports.send_lapsed()
    export.refresh_from_db()
    assert export.state == "running"


@pytest.mark.parametrize("body", [{"format": "coco"}, {}, {"format": None}])
def test_a_format_that_is_not_known_is_refused(manager: User, body: dict[str, Any]) -> None:
    assert Http(manager)("POST", "projects/street/exports", body).status_code == 400
