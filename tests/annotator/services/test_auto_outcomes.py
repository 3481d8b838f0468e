"""What auto masklets come to: one outcome each, and the failure set, with the masks that failed."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

import pytest
from pycocotools import mask as coco

from annotator.api import downloads
from annotator.models import AutoRun, Mark, Masklet, Project, Session, User, Verification, Video
from annotator.selectors import auto_runs as selector
from annotator.services import changes, claims, masklets, prompts, verifications
from inference_worker.protocol import messages, rle
from tests.annotator.api.http import Http
from tests.annotator.autos import FRAMES, begun, candidate, finished, proposed, tracked
from tests.annotator.desk import HEIGHT, WIDTH, Desk, square
from tests.annotator.test_queries import queries
from tests.factories import make_member

pytestmark = pytest.mark.usefixtures("worker")


def verdict(masklet: Masklet, reviewer: User, kind: str) -> None:
    session = claims.open_verifying(user=reviewer, masklet=masklet)
    verifications.give(
        session=session, user=reviewer, verdict=kind, base_version=masklet.version, comment="it slips off"
    )


def refined(masklet: Masklet, annotator: User, *drawn: str) -> None:
    """A person draws these masks, from the second annotated frame on, and hands the masklet in."""
    [task] = claims.claim_next(user=annotator, project=masklet.video.project)
    assert (task.kind, task.masklet) == ("refine", masklet)
    session = Session.objects.get(task=task)
    for frame, counts in zip(FRAMES[1:], drawn, strict=False):
        masklet.refresh_from_db()
        prompts.add(
            session=session, user=annotator, masklet_id=masklet.pk, base_version=masklet.version,
            frame_index=frame, new=[messages.MaskPrompt(counts=counts)],
        )  # fmt: skip
    masklet.refresh_from_db()
    masklets.submit(session=session, user=annotator, wanted={masklet.pk: masklet.version})
    masklet.refresh_from_db()


def test_failures_of_a_model_version_are_kept_and_counted(
    project: Project, manager: User, reviewer: User, video: Video, sweep: Any
) -> None:
    Project.objects.update(auto_refine_share=0)
    good, wrong, none = finished(project, manager, sweep, 30, 5, 45)
    verdict(good, reviewer, "satisfactory")
    verdict(wrong, reviewer, "unsatisfactory")
    verdict(none, reviewer, "rejected")
    version = AutoRun.objects.get().model_version
    assert version is not None
    [failure] = selector.failures(project, version.pk)
    wrong.refresh_from_db()
    assert (failure.masklet, wrong.state, wrong.set_aside) == (wrong, "set_aside", "auto_failure")
    assert not selector.failures(project, version.pk + 1)
    table = b"".join(Http(manager)("GET", "projects/street/auto-failures.csv")).decode()
    [line] = csv.DictReader(io.StringIO(table))
    assert (line["masklet"], line["video"], line["reviewer"]) == (str(wrong.pk), video.video_id, "reviewer")
    assert (line["comment"], line["marks"]) == ("it slips off", "")


def test_what_an_audit_finds_wrong_is_a_failure_as_well(
    project: Project, manager: User, owner: User, reviewer: User, video: Video, sweep: Any
) -> None:
    Project.objects.update(auto_refine_share=0, audit_share=1)
    [wrong] = finished(project, manager, sweep, 30)
    verdict(wrong, reviewer, "satisfactory")
    wrong.refresh_from_db()
    verdict(wrong, owner, "unsatisfactory")
    wrong.refresh_from_db()
    assert (wrong.state, wrong.set_aside) == ("set_aside", "auto_failure")
    assert [failure.masklet for failure in selector.failures(project)] == [wrong]
    assert [row["unsatisfactory"] for row in selector.models_of(project)] == [1]


def test_a_failure_that_people_mended_is_a_manual_masklet(
    project: Project, manager: User, annotator: User, reviewer: User, video: Video, sweep: Any
) -> None:
    Project.objects.update(auto_refine_share=1, min_edited_frames=2)
    [wrong] = finished(project, manager, sweep, 30)
    verdict(wrong, reviewer, "unsatisfactory")
    refined(wrong, annotator, square(11))
    assert (wrong.type, wrong.state, wrong.tracked_by) == ("manual", "submitted", annotator)
    assert selector.failures(project).count() == 1


def test_each_proposed_masklet_has_one_outcome_and_each_count_leads_to_its_masklets(
    project: Project, manager: User, annotator: User, reviewer: User, video: Video, sweep: Any
) -> None:
    Project.objects.update(auto_refine_share=1)
    run = begun(project, manager, sweep)
    proposed(run, *map(candidate, (0, 9, 18, 27, 36, 45)))
    good, kept, twice, none, theirs, gone = Masklet.objects.filter(type="auto").order_by("pk")
    desk = Desk(annotator, video)
    desk.masklet = theirs.pk
    desk.draw(8, square(31))
    run.refresh_from_db()
    tracked(run, FRAMES[1:])
    sweep()
    for masklet in (good, kept, twice, none, gone):
        masklet.refresh_from_db()
    verdict(good, reviewer, "satisfactory")
    verdict(none, reviewer, "rejected")
    verdict(twice, reviewer, "unsatisfactory")
    refined(twice, annotator, square(11))
    verdict(twice, make_member(project, "reviewer", "second"), "rejected")
    masklets.submit(session=desk.session, user=annotator, wanted={theirs.pk: desk.version})
    Masklet.objects.filter(pk=gone.pk).update(deleted_at=video.created_at)
    http = Http(manager)
    [counted] = http("GET", "projects/street/auto-models").json()
    model = counted.pop("model")["id"]
    expected = {
        "waiting": [kept], "accepted": [good], "rejected": [none], "unsatisfactory": [twice], "taken_up": [theirs],
    }  # fmt: skip
    assert counted == {"masklets": 5, **{name: len(of) for name, of in expected.items()}}

    def behind(asked: str) -> list[int]:
        return [
            row["id"] for row in http("GET", f"projects/street/numbers/masklets?{asked}").json()["results"]
        ]

    for name, of in expected.items():
        assert behind(f"proposed_by={model}&outcome={name}") == [masklet.pk for masklet in of]
    assert len(behind(f"proposed_by={model}")) == 5
    assert behind(f"proposed_by={model + 1}") == []
    assert http("GET", f"projects/street/auto-failures?model={model}").json()["count"] == 1


def test_a_failure_that_a_manager_has_looked_at_again_stays_one_in_count_and_rows(
    project: Project, manager: User, owner: User, reviewer: User, video: Video, sweep: Any
) -> None:
    Project.objects.update(auto_refine_share=0)
    [wrong] = finished(project, manager, sweep, 30)
    verdict(wrong, reviewer, "unsatisfactory")
    wrong.refresh_from_db()
    masklets.reopen(masklet=wrong, user=manager)
    wrong.refresh_from_db()
    verdict(wrong, owner, "satisfactory")
    [counted] = selector.models_of(project)
    assert (counted["unsatisfactory"], counted["accepted"]) == (1, 0)
    http = Http(manager)
    rows = {
        name: http("GET", f"projects/street/numbers/masklets?outcome={name}").json()["count"]
        for name in ("unsatisfactory", "accepted")
    }
    assert rows == {"unsatisfactory": 1, "accepted": 0}
    assert [failure.masklet for failure in selector.failures(project)] == [wrong]


def lines(manager: User, asked: str = "") -> list[dict[str, Any]]:
    answer = Http(manager)("GET", f"projects/street/auto-failures.jsonl{asked}")
    assert answer["Content-Disposition"] == 'attachment; filename="street_auto_failures.jsonl"'
    return [json.loads(line) for line in b"".join(answer).decode().splitlines()]  # type: ignore[arg-type]


@pytest.mark.parametrize("undone", [False, True])
def test_a_failure_keeps_the_masks_that_were_judged_whatever_people_made_of_them(
    project: Project, manager: User, annotator: User, reviewer: User, video: Video, sweep: Any, undone: bool
) -> None:
    Project.objects.update(auto_refine_share=1)
    [wrong] = finished(project, manager, sweep, 30)
    verdict(wrong, reviewer, "unsatisfactory")
    Mark.objects.create(verification=Verification.objects.get(), frame_index=8, text="here")
    http = Http(manager)
    [before], [listed] = lines(manager), http("GET", "projects/street/auto-failures").json()["results"]
    [task] = claims.claim_next(user=annotator, project=project)
    session = Session.objects.get(task=task)
    if undone:  # also where whoever mended it began by taking the model's pass away
        wrong.refresh_from_db()
        changes.undo(session=session, user=annotator, masklet_id=wrong.pk, base_version=wrong.version)
    for frame in FRAMES:
        wrong.refresh_from_db()
        prompts.add(
            session=session, user=annotator, masklet_id=wrong.pk, base_version=wrong.version, frame_index=frame,
            new=[messages.MaskPrompt(counts=square(40))],
        )  # fmt: skip
    wrong.refresh_from_db()
    masklets.submit(session=session, user=annotator, wanted={wrong.pk: wrong.version})
    [after], [shown] = lines(manager), http("GET", "projects/street/auto-failures").json()["results"]
    assert (after["state"], after["masks"]) == ("submitted", before["masks"])
    assert (shown["picture"], listed["picture"]) == ({"frame_index": 8, "counts": square(9)},) * 2
    frames = {mask["frame_index"]: mask["segmentation"] for mask in after["masks"]}
    assert list(frames) == FRAMES
    assert all(found["size"] == [HEIGHT, WIDTH] for found in frames.values())
    assert (coco.decode(frames[0]) == rle.decode(square(30), HEIGHT, WIDTH)).all()
    assert (coco.decode(frames[8]) == rle.decode(square(9), HEIGHT, WIDTH)).all()


def test_an_absent_mask_of_a_failure_is_an_empty_one(
    project: Project, manager: User, reviewer: User, video: Video, sweep: Any
) -> None:
    Project.objects.update(auto_refine_share=0)
    [wrong] = finished(project, manager, sweep, 30)
    wrong.masks.filter(frame_index=12).update(state="absent", counts="", area=0)
    verdict(wrong, reviewer, "unsatisfactory")
    [line] = lines(manager)
    [absent] = [mask["segmentation"] for mask in line["masks"] if mask["frame_index"] == 12]
    assert coco.decode(absent).shape == (HEIGHT, WIDTH)
    assert not coco.decode(absent).any()


def test_failures_come_with_their_masks_however_many_there_are_and_of_one_model(
    project: Project, manager: User, reviewer: User, video: Video, sweep: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(downloads, "HEAVY_CHUNK", 2)
    Project.objects.update(auto_refine_share=0)
    made = finished(project, manager, sweep, 0, 18, 36)
    for masklet in made:
        verdict(masklet, reviewer, "unsatisfactory")
    model = AutoRun.objects.get().model_version_id or 0
    found = lines(manager, f"?model={model}")
    assert [line["masklet"] for line in found] == [masklet.pk for masklet in reversed(made)]
    assert all(len(line["masks"]) == len(FRAMES) for line in found)
    assert lines(manager, f"?model={model + 1}") == []
    http = Http(manager)
    one, many = (
        queries(lambda size=size: http("GET", f"projects/street/auto-failures?page_size={size}"))
        for size in (1, 3)
    )
    assert one == many
    Video.objects.filter(pk=video.pk).update(deleted_at=video.created_at)
    assert lines(manager) == selector.models_of(project) == []
