"""Looking at one masklet, whatever its state, without holding it; and talking while two are told apart."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Page, Request, expect

from annotator.simulation.client import Client
from tests.journeys.conftest import People
from tests.journeys.maskloom_process import Maskloom, wait_for
from tests.journeys.pages import Canvas
from tests.journeys.reviewing import accept, hand_in, judge, track_twice

pytestmark = pytest.mark.journey

MARK = {"frame_index": 8, "x": 30, "y": 70, "text": "Just so"}
WORDS = "#review .transport .muted"
REVIEWER_ON_THE_FIRST_FRAME: Any = {"x": 136, "y": 50}  # of the timeline's lanes


def counted(client: Client, project: str, state: str) -> None:
    rows = f"projects/{project}/numbers/masklets?state={state}"
    wait_for("the masklet to be counted", lambda: client.get(rows)["count"] == 1, 30)


def open_row(page: Page, maskloom: Maskloom, project: str, state: str, name: str) -> None:
    page.goto(f"{maskloom.url}/projects/{project}/numbers/masklets?state={state}")
    page.get_by_role("link", name=name, exact=True).click()
    expect(page.get_by_role("heading", name=name)).to_be_visible()


def test_an_accepted_and_a_set_aside_masklet_are_looked_at_from_the_rows_behind_a_number(
    people: People, maskloom: Maskloom, project: str, video: dict[str, Any]
) -> None:
    annotator, manager = maskloom.client("annotator"), maskloom.client("manager")
    accepted = hand_in(annotator, video, "Kite")
    accept(maskloom.client("reviewer"), accepted, marks=[MARK])
    maskloom.client("owner").patch(f"projects/{project}", min_edited_frames=100)
    hand_in(annotator, video, "Stone")
    for state in ("accepted", "set_aside"):
        counted(manager, project, state)
    page = people.sign_in("manager")
    asked: list[Request] = []
    page.on("request", lambda request: asked.append(request))  # noqa: PLW0108 - it cannot wrap a builtin

    open_row(page, maskloom, project, "accepted", "Kite")
    expect(page).to_have_url(f"{maskloom.url}/masklets/{accepted}")
    expect(page.get_by_label("Masklet", exact=True)).to_contain_text("Accepted")
    side = page.get_by_role("complementary")
    expect(side).to_contain_text("reviewer")
    side.get_by_role("button", name="Frame 8: Just so").click()
    expect(page.locator(WORDS)).to_contain_text("Frame 8 of")
    expect(
        page.get_by_role("button", name=re.compile("^(Satisfactory|Unsatisfactory|Reject)"))
    ).to_have_count(0)
    for key in ("a", "s", "r", "u"):  # which judge elsewhere
        page.keyboard.press(key)
    expect(page.get_by_role("dialog")).to_have_count(0)
    page.keyboard.press("Shift+C")
    page.keyboard.type("Worth showing to who begins")
    page.keyboard.press("Control+Enter")
    expect(side.get_by_text("Worth showing to who begins")).to_be_visible()

    open_row(page, maskloom, project, "set_aside", "Stone")
    expect(page.get_by_label("Masklet", exact=True)).to_contain_text("Set aside: too easy")
    page.keyboard.press("Space")
    expect(page.locator(WORDS)).not_to_contain_text("Frame 0 of")
    paths = {request.url for request in asked if request.method != "GET"}
    assert paths == {f"{maskloom.url}/api/videos/{video['id']}/threads"}  # nothing held, nothing counted
    assert sum(manager.get(f"masklets/{accepted}/coverage")["reviewer_ms"]) == 0


def test_a_verdict_before_every_frame_was_shown_says_so_and_its_page_which_frames_they_were(
    people: People, maskloom: Maskloom, project: str, video: dict[str, Any]
) -> None:
    maskloom.client("owner").patch(f"projects/{project}", coverage="mark")
    masklet = hand_in(maskloom.client("annotator"), video, "Kite")
    unseen = video["annotated_count"] - 1
    page = people.sign_in("reviewer")
    page.goto(f"{maskloom.url}/masklets/{masklet}/review")
    expect(page.get_by_text(f"{unseen} of {unseen + 1} frames not on your screen yet")).to_be_visible()
    side = page.get_by_role("complementary")
    expect(side).to_contain_text("frame 0: annotator not shown")
    expect(side).not_to_contain_text("reviewer")  # who is not to lean on what others looked at
    page.keyboard.press("a")
    expect(page.get_by_role("heading", name="Nothing waits for a verdict")).to_be_visible()

    page = people.sign_in("manager")
    page.goto(f"{maskloom.url}/projects/{project}/numbers/verdicts")
    page.get_by_role("link", name="Only with frames not shown").click()
    expect(page.get_by_text("1 verdict", exact=True)).to_be_visible()
    expect(page.get_by_role("cell", name=str(unseen), exact=True)).to_be_visible()
    page.get_by_role("link", name="Kite", exact=True).click()
    side = page.get_by_role("complementary")
    expect(side).to_contain_text(f"{unseen} frames not shown")
    expect(side).to_contain_text(re.compile(r"frame 0: annotator not shown, reviewer \d+(\.\d)? s"))
    page.keyboard.press("End")
    expect(side).to_contain_text("annotator not shown, reviewer not shown")
    lanes = page.locator("canvas.timeline-body")
    lanes.hover(position=REVIEWER_ON_THE_FIRST_FRAME)
    expect(lanes).to_have_attribute("title", re.compile(r"frame 0: annotator not shown, reviewer \d"))


def test_what_was_rejected_or_too_easy_is_looked_at_again_at_a_manager_s_word(
    people: People, maskloom: Maskloom, project: str, video: dict[str, Any]
) -> None:
    annotator, reviewer = maskloom.client("annotator"), maskloom.client("reviewer")
    rejected = hand_in(annotator, video, "Kite")
    judge(reviewer, rejected, "rejected")
    maskloom.client("owner").patch(f"projects/{project}", min_edited_frames=100)
    too_easy = hand_in(annotator, video, "Stone")
    page = people.sign_in("manager")
    bar = page.get_by_label("Masklet", exact=True)
    for masklet, stands in ((rejected, "Rejected"), (too_easy, "Set aside: too easy")):
        page.goto(f"{maskloom.url}/masklets/{masklet}")
        expect(bar).to_contain_text(stands)
        bar.get_by_role("button", name="Have it looked at again").click()
        dialog = page.get_by_role("dialog", name="Have it looked at again")
        dialog.get_by_label("What to look at (optional)").fill("Is it one object?")
        dialog.get_by_role("button", name="Have it looked at again").click()
        expect(page.get_by_text("waits to be verified.")).to_be_visible()
        expect(bar).to_contain_text("Waiting for review")
        expect(bar).to_contain_text("Verify: waiting")
        expect(bar.get_by_role("link", name="Review it")).to_be_visible()
    taken = reviewer.post(f"projects/{project}/tasks/next", kinds=["verify"], most=2)["tasks"]
    assert [(task["masklet"]["name"], task["note"]) for task in taken] == [("Stone", "Is it one object?")]


def test_what_waits_for_no_verdict_can_be_looked_at_all_the_same(
    people: People, maskloom: Maskloom, video: dict[str, Any]
) -> None:
    masklet = hand_in(maskloom.client("annotator"), video, "Kite")
    accept(maskloom.client("reviewer"), masklet)
    people.expect_refusal(409)
    page = people.sign_in("reviewer")
    page.goto(f"{maskloom.url}/masklets/{masklet}/review")
    page.get_by_role("link", name="Look at it all the same").click()
    expect(page.get_by_label("Masklet", exact=True)).to_contain_text("Accepted")


def test_who_decides_reads_and_writes_comments_and_hears_no_names(
    people: People, maskloom: Maskloom, project: str, video: dict[str, Any]
) -> None:
    first, second = track_twice(maskloom, project, video)
    threads = f"videos/{video['id']}/threads"
    annotator = maskloom.client("annotator")
    annotator.post(threads, text="Its shadow is left out", masklet=first, first_frame=8, x0=30, y0=70)
    page = people.sign_in("reviewer")
    page.goto(f"{maskloom.url}/projects/{project}/reviews/next")
    expect(page.get_by_role("heading", name="Which is better?")).to_be_visible()
    side = page.get_by_role("complementary")
    expect(side.get_by_text("1 open")).to_be_visible()
    page.keyboard.press("y")
    expect(page.locator(WORDS)).to_contain_text("Frame 8 of")
    expect(side.get_by_text("Its shadow is left out")).to_be_visible()
    expect(side).to_contain_text("Somebody, ")
    expect(side).not_to_contain_text("annotator")
    right = Canvas(page, video, page.locator("canvas.stage-canvas").nth(1))
    right.click(30, 70)
    page.keyboard.press("Shift+C")
    expect(side.get_by_label("About 2")).to_be_checked()
    page.keyboard.type("This one has it")
    side.get_by_role("button", name="Point at a place").click()
    right.click(34, 74)
    side.get_by_role("button", name="Comment", exact=True).click()
    expect(side.get_by_text("This one has it")).to_be_visible()
    expect(side).to_contain_text("reviewer, ")
    annotator.post(threads, text="One more", masklet=second, first_frame=0)
    expect(page.get_by_text("Somebody wrote a comment on frame 0.")).to_be_visible()
    [said] = annotator.get(f"{threads}?masklet={second}")["results"][-1:]
    assert (said["created_by"], said["masklet"]) == ("reviewer", second)
    assert (said["x0"], said["y0"]) == pytest.approx((34, 74), abs=2)
    page.keyboard.press("2")
    expect(page.get_by_text("2 goes on to be verified.")).to_be_visible()


def test_a_choice_that_was_exported_is_reversed_by_who_is_told_of_the_export(
    people: People, maskloom: Maskloom, project: str, video: dict[str, Any]
) -> None:
    first, second = track_twice(maskloom, project, video)
    reviewer, manager = maskloom.client("reviewer"), maskloom.client("manager")
    [task] = reviewer.post(f"projects/{project}/tasks/next", kinds=["decide"])["tasks"]
    reviewer.post(f"sessions/{task['session']}/decision", chosen=first)
    accept(reviewer, first)
    manager.patch(f"videos/{video['id']}", environment="Outdoor")
    made = manager.post(f"projects/{project}/exports", format="sav")["id"]
    people.expect_refusal(409)
    page = people.sign_in("manager")
    page.goto(f"{maskloom.url}/projects/{project}/consensus")
    page.get_by_role("button", name="Reverse").click()
    page.get_by_role("button", name="Choose the other").click()
    asked = page.get_by_role("dialog", name="Reverse it although it was exported?")
    expect(asked).to_contain_text(f"Export #{made}")  # which is written meanwhile
    assert manager.get(f"masklets/{first}")["state"] == "accepted"
    asked.get_by_role("button", name="Reverse it all the same").click()
    expect(page.get_by_text("The other one goes to be verified.")).to_be_visible()
    assert [manager.get(f"masklets/{pk}")["state"] for pk in (first, second)] == ["set_aside", "submitted"]
