"""The numbers of a little world that was counted by hand."""

from __future__ import annotations

import csv
import io
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from annotator.api import downloads
from annotator.models import Masklet, MaskletFacts, Project, Task, User, Video
from tests.annotator.api.http import Http
from tests.annotator.counted import MONDAY, World
from tests.factories import make_member, make_project, make_video


@pytest.fixture
def world(within_a_day: None, project: Project, manager: User) -> World:
    return World(project, manager)


def lines(answer: dict[str, Any], name: str = "rows") -> dict[str, Any]:
    return {line["label"]: line.get("value", line) for line in answer[name]}


def test_table_1_is_as_computed_by_hand(world: World) -> None:
    world.masklet("accepted", active_ms=20_000, edited_frames=5, clicks=8, clicked_frames=2)
    world.masklet("refine", active_ms=40_000, frames=20, edited_frames=2, clicks=1, clicked_frames=1)
    world.masklet("submitted", edited_frames=0)  # made by a program: nobody's page counted time
    world.masklet("submitted", phase=1, active_ms=300_000, edited_frames=10, clicks=30, clicked_frames=10)
    world.masklet("in_work", phase=None, clicks=99)
    world.masklet("accepted", type="auto", clicks=99, active_ms=99)
    world.masklet("accepted", make_video(make_project("other"), world.manager), clicks=99, clicked_frames=1)
    found = lines(world.get("table1"))
    third = found["Phase 3"]
    assert third["masklets"] == 3
    assert third["seconds_per_frame"] == pytest.approx(60 / 30)
    assert third["edited_percent"] == pytest.approx((50 + 10 + 0) / 3)
    assert third["clicks_per_clicked_frame"] == pytest.approx(9 / 3)
    assert third["aligned"] is None
    assert found["Phase 1"]["seconds_per_frame"] == pytest.approx(30)
    assert found["All"]["clicks_per_clicked_frame"] == pytest.approx(39 / 13)


def test_alignment_is_that_of_masks_also_of_work_on_gold(world: World) -> None:
    gold = world.masklet("accepted", phase=1)
    world.masklet("submitted", compared=10, aligned=9, bucket="small")
    world.masklet(
        "set_aside", set_aside="gold", gold_of=gold.masklet, compared=30, aligned=15, bucket="large"
    )
    third = lines(world.get("table1"))["Phase 3"]
    assert (third["masklets"], third["compared"]) == (1, 40)
    assert third["aligned"] == pytest.approx(100 * 24 / 40)
    assert (third["aligned_small"], third["aligned_medium"], third["aligned_large"]) == (90, None, 50)


def test_table_1_is_grouped_and_filtered_as_asked(world: World) -> None:
    other = make_member(world.project, "annotator", "ben")
    world.masklet("accepted", model_version_id=world.model.pk, active_ms=1000)
    world.masklet("accepted", person=other, submitted_at=MONDAY + timedelta(days=7), active_ms=5000)
    assert {name: line["masklets"] for name, line in lines(world.get("table1?by=person")).items()} == {
        "All": 2, "anna": 1, "ben": 1,
    }  # fmt: skip
    assert set(lines(world.get("table1?by=week"))) == {"All", "Week of 2024-04-01", "Week of 2024-04-08"}
    assert set(lines(world.get("table1?by=model"))) == {"All", "sam2 small", "none"}
    for asked in ("person=ben", "since=2024-04-10", f"until=2024-04-02&model={world.model.pk}"):
        assert lines(world.get(f"table1?{asked}"))["All"]["masklets"] == 1
    assert lines(world.get("table1?since=2024-04-15"))["All"]["masklets"] == 0


def test_the_dataset_is_what_was_accepted(world: World) -> None:
    second = make_video(world.project, world.manager, frames=240)
    Video.objects.filter(pk=second.pk).update(country="Iceland")
    make_video(world.project, world.manager)  # nothing accepted in it
    world.masklet("accepted", visible_frames=8, visibility_changes=2)
    world.masklet("accepted", second, visible_frames=5, visibility_changes=1, mean_area=2000, first_slot=9)
    world.masklet("accepted", second, type="auto", visible_frames=4, mean_area=9216, relative_area=0.5)
    world.masklet("rejected", visible_frames=99)
    found = world.get("dataset")
    total, auto = lines(found)["all"], lines(found)["auto"]
    assert (total["videos"], total["frames"], total["masklets"], total["masks"]) == (2, 11 + 60, 3, 17)
    assert total["hours"] == pytest.approx((41 + 240) / 24 / 3600)
    assert lines(found)["manual"] == total | {
        "label": "manual", "masklets": 2, "masks": 13, "disappearance_percent": 50,
    }  # fmt: skip
    assert (auto["videos"], auto["frames"], auto["hours"]) == (1, 60, pytest.approx(240 / 24 / 3600))
    assert (auto["masklets"], auto["masks"], auto["disappearance_percent"]) == (1, 4, 0)
    assert lines(found, "size_buckets") == {"small": 1, "medium": 1, "large": 1}
    assert [line["value"] for line in found["first_appearance"]] == [2, *[0] * 8, 1]
    assert [line["value"] for line in found["sizes"]] == [0] * 6 + [2, 0, 0, 1]
    assert lines(found, "countries") == {"Iceland": 1, "not said": 1}


def test_the_funnel_counts_each_masklet_in_one_state(world: World) -> None:
    world.masklet("accepted", verdicts=2, returns=1, engine_ms=3000)
    world.masklet("rejected", verdicts=1, engine_ms=1000)
    world.masklet("set_aside", set_aside="too_easy")
    world.masklet("in_work")
    make_video(world.project, world.manager)
    found = world.get("funnel")
    assert lines(found) == {
        "ingested": 2, "selected": 1, "tracked": 3, "verified": 2, "refined": 1, "in_work": 1, "submitted": 0,
        "refine": 0, "accepted": 1, "rejected": 1, "set_aside": 1,
    }  # fmt: skip
    assert lines(found, "set_aside")["too_easy"] == 1
    assert found["gpu_seconds_per_accepted"] == pytest.approx(4)


def test_a_selection_that_found_nothing_is_done_with_its_video(world: World) -> None:
    world.masklet("accepted")
    empty, deleted = (make_video(world.project, world.manager) for _ in range(2))
    make_video(world.project, world.manager)  # nobody selected in it yet
    Video.objects.filter(pk=deleted.pk).update(deleted_at=timezone.now())
    done = {"kind": "select", "state": "done", "done_at": timezone.now(), "outcome": "nothing_left"}
    for video in (world.video, empty, deleted):
        Task.objects.create(project=world.project, video=video, **done)
    for asked, count in (("", 2), ("&phase=3", 1), ("&phase=1", 0)):
        assert lines(world.get(f"funnel?{asked}"))["selected"] == count
        assert world.get(f"videos?manual=true&selected=true{asked}")["count"] == count


FEW = {
    "phase=2": {"phase": 2},
    "type=auto": {"type": "auto"},
    "since=2024-04-08": {"submitted_at": MONDAY + timedelta(days=7)},
    "until=2024-03-31": {"submitted_at": MONDAY - timedelta(days=7)},
    "person=ben": {},
    "model=": {},
}


@pytest.mark.parametrize("asked", FEW)
def test_each_filter_reaches_masklets_their_videos_and_the_rows_behind(world: World, asked: str) -> None:
    few = dict(FEW[asked])
    if asked == "person=ben":
        few["person"] = make_member(world.project, "annotator", "ben")
    if asked == "model=":
        few["model_version_id"], asked = world.model.pk, f"model={world.model.pk}"
    second = make_video(world.project, world.manager, frames=240)
    Video.objects.filter(pk=second.pk).update(country="Iceland")
    world.masklet("accepted")
    world.masklet("accepted", second, **few)
    world.masklet("refine", second, **few)
    found = world.get(f"dataset?{asked}")
    assert (lines(found)["all"]["masklets"], lines(found)["all"]["videos"]) == (1, 1)
    assert lines(found, "countries") == {"Iceland": 1}
    funnel = lines(world.get(f"funnel?{asked}"))
    assert (funnel["tracked"], funnel["accepted"], funnel["ingested"]) == (2, 1, 2)
    assert funnel["selected"] == (0 if asked == "type=auto" else 1)
    assert world.get(f"masklets?{asked}")["count"] == 2
    assert sum(line["masklets"] for line in world.get(f"people?{asked}")["rows"]) == 2


def test_the_throughput_is_filtered_and_of_the_days_that_are_asked_for(world: World) -> None:
    world.masklet("accepted", submitted_at=timezone.now())
    world.masklet("submitted", phase=2, submitted_at=timezone.now())
    world.masklet("submitted", phase=2)
    found = world.get("progress?phase=2")
    assert (found["rows"][-1]["handed_in"], found["rows"][-1]["accepted"]) == (1, 0)
    assert (found["forecast"]["remaining"], found["forecast"]["per_day"]) == (2, 0)
    week = world.get("progress?since=2024-04-03&until=2024-04-03")["rows"]
    assert (len(week), week[0]["label"], week[0]["handed_in"]) == (7, "2024-04-01", 1)
    assert len(world.get("progress?since=2020-01-01")["rows"]) == 182
    assert world.get("progress?since=2999-01-01")["rows"] == []


def test_work_on_gold_is_among_the_rows_only_where_it_is_asked_for(world: World) -> None:
    gold = world.masklet("accepted", phase=1)
    world.masklet("set_aside", set_aside="gold", gold_of=gold.masklet)
    assert (world.get("masklets")["count"], world.get("masklets?copies=true")["count"]) == (1, 2)


def test_every_masklet_is_on_one_page_of_the_rows(world: World) -> None:
    made = [world.masklet("accepted").pk for _ in range(5)]
    pages = [world.get(f"masklets?page_size=2&page={page}")["results"] for page in (1, 2, 3)]
    assert [[row["id"] for row in page] for page in pages] == [made[:2:-1], made[2:0:-1], made[:1]]


def test_what_is_deleted_is_in_no_number(world: World) -> None:
    row = world.masklet("accepted")
    Masklet.objects.filter(pk=row.pk).update(deleted_at=timezone.now())
    assert lines(world.get("dataset"))["all"]["masklets"] == 0
    assert world.get("masklets")["count"] == 0


def test_the_forecast_is_what_is_open_over_what_was_closed_a_day(world: World) -> None:
    for _ in range(7):
        world.masklet("accepted", submitted_at=timezone.now())
    for _ in range(3):
        world.masklet("submitted", submitted_at=timezone.now())
    found = world.get("progress")
    assert found["forecast"]["remaining"] == 3
    assert found["forecast"]["per_day"] == pytest.approx(7)  # all on the first day there was
    assert found["forecast"]["finish"] == (timezone.now() + timedelta(days=3 / 7)).date().isoformat()
    today = found["rows"][-1]
    assert (today["handed_in"], today["accepted"], len(found["rows"])) == (10, 7, 28)


def test_people_see_their_rework_and_verdicts_counted(world: World, reviewer: User) -> None:
    rows = [
        world.masklet("accepted", active_ms=1_800_000, frames=100),
        *(world.masklet("accepted") for _ in "ab"),
    ]
    for row, verdict in zip(rows, ("satisfactory", "unsatisfactory", "rejected"), strict=True):
        world.verdict(row, verdict)
    world.verdict(rows[0], "unsatisfactory", timezone.now() - timedelta(days=40))
    world.verdict(rows[0], "satisfactory", stage="audit", reviewer=reviewer)
    found = lines(world.get("people"))
    assert (found["anna"]["masklets"], found["anna"]["judged"]) == (3, 3)
    assert found["anna"]["rework_percent"] == pytest.approx(100 / 3)
    assert found["manager"]["verdicts"] == 3
    assert (found["anna"]["hours"], found["anna"]["seconds_per_frame"]) == (0.5, 18)
    assert (found["reviewer"]["verdicts"], found["reviewer"]["satisfactory_percent"]) == (1, 100)


def test_queues_say_how_long_work_waits(world: World) -> None:
    row = world.masklet("submitted")
    task = Task.objects.create(project=world.project, video=world.video, masklet_id=row.pk, kind="verify")
    Task.objects.filter(pk=task.pk).update(waiting_since=timezone.now() - timedelta(hours=2))
    verify = lines(world.get("queues"))["verify"]
    assert (verify["waiting"], verify["claimed"]) == (1, 0)
    assert verify["oldest_s"] == pytest.approx(7200, abs=60)


@pytest.mark.parametrize(
    ("asked", "count"),
    [
        ("state=accepted", 2), ("disappears=true", 1), ("returned=true&type=manual", 1), ("bucket=large", 1),
        ("phase=2", 0), ("tracked=true", 3), ("person=anna&since=2024-04-01&until=2024-04-07", 3),
    ],
)  # fmt: skip
def test_the_rows_behind_a_number_are_as_many_as_it_says(world: World, asked: str, count: int) -> None:
    world.masklet("accepted", visibility_changes=2)
    world.masklet("accepted", mean_area=9216)
    world.masklet("refine", returns=1)
    world.masklet("in_work")
    found = world.get(f"masklets?{asked}")
    assert (found["count"], len(found["results"])) == (count, count)


def test_numbers_come_as_csv_without_formulas(world: World) -> None:
    Video.objects.filter(pk=world.video.pk).update(country="=cmd|' /C calc'!A0", author="-1+1")
    world.masklet("accepted")
    table = list(csv.DictReader(io.StringIO(world.get("dataset?format=csv&part=countries"))))
    assert [(row["label"], row["value"]) for row in table] == [("'=cmd|' /C calc'!A0", "1")]
    authors = csv.DictReader(io.StringIO(world.get("dataset?format=csv&part=authors")))
    assert next(authors)["label"] == "'-1+1"
    assert next(csv.DictReader(io.StringIO(world.get("table1?format=csv"))))["label"] == "All"
    assert next(csv.DictReader(io.StringIO(world.get("masklets?format=csv"))))["state"] == "accepted"


@pytest.mark.parametrize(
    "asked", ["table1?by=country", "funnel?phase=9", "masklets?since=soon", "progress?until=9999-12-31"]
)
def test_what_cannot_be_asked_is_malformed(world: World, asked: str) -> None:
    answer = Http(world.manager)("GET", f"projects/street/numbers/{asked}")
    assert answer.status_code == 400


def test_the_forecast_counts_14_days_where_something_was_closed_before(world: World) -> None:
    long_ago = world.masklet("accepted", submitted_at=timezone.now())
    MaskletFacts.objects.filter(pk=long_ago.pk).update(moved_at=timezone.now() - timedelta(days=60))
    for _ in range(7):
        world.masklet("accepted", submitted_at=timezone.now())
    assert world.get("progress")["forecast"]["per_day"] == pytest.approx(0.5)
    third = MaskletFacts.objects.order_by("-pk")[0]
    MaskletFacts.objects.filter(pk=long_ago.pk).update(moved_at=timezone.now() - timedelta(days=1))
    MaskletFacts.objects.filter(pk=third.pk).update(moved_at=timezone.now() - timedelta(days=3))
    assert world.get("progress")["forecast"]["per_day"] == pytest.approx(2)


def test_all_rows_come_as_csv_however_many_there_are(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(downloads, "CHUNK", 2)
    made = [world.masklet("accepted").pk for _ in range(5)]
    world.masklet("rejected")
    table = list(csv.DictReader(io.StringIO(world.get("masklets?state=accepted&format=csv&page=3"))))
    assert [int(row["id"]) for row in table] == made[::-1]
    assert list(csv.DictReader(io.StringIO(world.get("masklets?state=refine&format=csv")))) == []


def test_a_table_of_rows_holds_no_formulas(world: World) -> None:
    row = world.masklet("accepted")
    Masklet.objects.filter(pk=row.pk).update(name="=1+1")
    assert next(csv.DictReader(io.StringIO(world.get("masklets?format=csv"))))["name"] == "'=1+1"
