"""What reviewers are given: batches by keys only, audits, decisions between two, and frames that must be seen."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from annotator.simulation.client import Client
from tests.journeys.conftest import People
from tests.journeys.maskloom_process import Maskloom, wait_for
from tests.journeys.pages import Canvas
from tests.journeys.reviewing import accept, hand_in, masklets, track_twice

pytestmark = pytest.mark.journey

WORDS = "#review .transport .muted"


def press(page: Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def states(client: Client, video: dict[str, Any]) -> dict[str, str]:
    rows = client.get(f"videos/{video['id']}/masklets")["results"]
    return {row["name"]: row["state"] for row in rows}


def shows(page: Page, name: str, place: str) -> None:
    """The clip of this masklet, at this place in the batch."""
    expect(page.get_by_role("heading", name=name)).to_be_visible()
    expect(page.get_by_role("group", name="Batch").get_by_role("status")).to_have_text(place)


def reviews(page: Page, maskloom: Maskloom, project: str) -> None:
    page.goto(f"{maskloom.url}/projects/{project}/reviews")
    expect(page.get_by_role("link", name="Review next")).to_be_visible()


def test_a_batch_of_three_is_judged_with_keys_only_and_without_a_page_load(
    people: People, maskloom: Maskloom, project: str, video: dict[str, Any]
) -> None:
    annotator = maskloom.client("annotator")
    for name in ("One", "Two", "Three"):
        hand_in(annotator, video, name)
    page = people.sign_in("reviewer")
    reviews(page, maskloom, project)
    expect(page.get_by_text("3 to verify for you")).to_be_visible()
    press(page, "b")
    shows(page, "One", "1 of 3")
    page.evaluate("() => { window.stayed = true; }")
    seen = page.locator(WORDS).inner_text()
    expect(page.locator(WORDS)).not_to_have_text(seen)  # it plays by itself
    press(page, "a")
    shows(page, "Two", "2 of 3")
    press(page, "[")
    shows(page, "One", "1 of 3")
    expect(page.get_by_text("A verdict is final: you are only looking.")).to_be_visible()
    expect(page.get_by_role("button", name=re.compile("^Satisfactory"))).to_have_count(0)
    press(page, "]")
    shows(page, "Two", "2 of 3")
    press(page, "Shift+I")
    page.keyboard.type("It slips off here")
    press(page, "Enter", "s")
    shows(page, "Three", "3 of 3")
    press(page, "r")
    expect(page.get_by_role("dialog", name="Reject this masklet?")).to_be_visible()
    press(page, "Enter")
    expect(page.get_by_role("heading", name="The batch is done")).to_be_visible()
    expect(page.get_by_text("1 satisfactory, 1 unsatisfactory, 1 rejected.")).to_be_visible()
    expect(page.get_by_role("link", name="Next batch")).to_be_focused()
    assert page.evaluate("() => window.stayed") is True
    assert states(annotator, video) == {"One": "accepted", "Two": "refine", "Three": "rejected"}


def test_leaving_a_batch_gives_back_the_rest_and_a_skipped_clip_is_not_offered_again(
    people: People, maskloom: Maskloom, project: str, video: dict[str, Any]
) -> None:
    annotator, manager = maskloom.client("annotator"), maskloom.client("manager")
    for name in ("One", "Two", "Three"):
        hand_in(annotator, video, name)
    page = people.sign_in("reviewer")
    reviews(page, maskloom, project)
    press(page, "b")
    shows(page, "One", "1 of 3")
    press(page, "Alt+s")
    expect(page.get_by_role("dialog", name="Skip the task")).to_be_visible()
    press(page, "Space", "Enter")  # the first reason
    shows(page, "Two", "2 of 3")
    press(page, "Alt+q")
    expect(page.get_by_text("2 clips given back.")).to_be_visible()
    expect(page.get_by_text("2 to verify for you; 3 open tasks in all")).to_be_visible(timeout=30_000)

    def waiting() -> list[str]:
        return [row["state"] for row in manager.get(f"projects/{project}/tasks?kind=verify")["results"]]

    wait_for("the tasks to be given back", lambda: waiting() == ["waiting"] * 3, 20)


def test_an_audit_that_overturns_an_acceptance_sends_the_masklet_to_refine(
    people: People, maskloom: Maskloom, project: str, video: dict[str, Any]
) -> None:
    maskloom.client("owner").patch(f"projects/{project}", audit_share=1)
    annotator, reviewer = maskloom.client("annotator"), maskloom.client("reviewer")
    masklet = hand_in(annotator, video, "Kite")
    accept(reviewer, masklet)
    page = people.sign_in("manager")
    reviews(page, maskloom, project)
    page.get_by_label("Kind").select_option("audit")
    expect(page.get_by_text("1 to audit for you")).to_be_visible()
    page.get_by_role("link", name="Review next").click()
    expect(page.get_by_role("heading", name="Kite")).to_be_visible()
    expect(page.get_by_label("Task").locator(".chip").first).to_have_text("Audit")
    expect(page.get_by_role("complementary")).not_to_contain_text(
        "reviewer"
    )  # who is not to lead the auditor
    press(page, "i")
    Canvas(page, video).click(30, 70)
    page.keyboard.type("A corner is missing")
    press(page, "Enter", "s")
    expect(
        page.get_by_text("Kite is sent back. You overturned reviewer, who had accepted it.")
    ).to_be_visible()
    assert states(annotator, video) == {"Kite": "refine"}
    [task] = annotator.post(f"projects/{project}/tasks/next", kinds=["refine"])["tasks"]
    assert task["masklet"]["id"] == masklet


def test_a_decision_between_two_shows_where_they_differ_and_sends_the_chosen_one_to_be_verified(
    people: People, maskloom: Maskloom, project: str, video: dict[str, Any]
) -> None:
    first, second = track_twice(maskloom, project, video)
    page = people.sign_in("reviewer")
    reviews(page, maskloom, project)
    expect(page.get_by_text("1 to decide for you")).to_be_visible()
    press(page, "n")
    expect(page.get_by_role("heading", name="Which is better?")).to_be_visible()
    frames = video["annotated_count"]
    expect(page.get_by_text(f"Their masks differ visibly on {frames} of {frames} frames.")).to_be_visible()
    expect(page.get_by_role("complementary")).not_to_contain_text("annotator")
    press(page, "End", "m")
    expect(page.get_by_role("button", name="Differences")).to_have_attribute("aria-pressed", "true")
    expect(page.locator("canvas.stage-canvas").filter(visible=True)).to_have_count(1)
    press(page, "0")
    expect(page.get_by_text("Say what is wrong with them first")).to_be_visible()
    press(page, "Escape", "2")
    expect(page.get_by_text("2 goes on to be verified.")).to_be_visible()
    rows = {row["id"]: row["state"] for row in masklets(maskloom.client("manager"), video)}
    assert rows == {first: "set_aside", second: "submitted"}


def test_where_the_project_asks_for_it_a_verdict_waits_until_every_frame_was_on_the_screen(
    people: People, maskloom: Maskloom, project: str, video: dict[str, Any]
) -> None:
    maskloom.client("owner").patch(f"projects/{project}", coverage="refuse")
    annotator = maskloom.client("annotator")
    hand_in(annotator, video, "Kite")
    page = people.sign_in("reviewer")
    reviews(page, maskloom, project)
    press(page, "n")
    expect(page.get_by_text("Verdicts need all of them.")).to_be_visible()
    satisfactory = page.get_by_role("button", name=re.compile("^Satisfactory"))
    expect(satisfactory).to_be_disabled()
    press(page, "a")
    expect(page.get_by_text("this project asks for all of them before a verdict")).to_be_visible()
    press(page, "Space")
    expect(satisfactory).to_be_enabled(timeout=30_000)
    press(page, "a")
    expect(page.get_by_role("heading", name="Nothing waits for a verdict")).to_be_visible()
    assert states(annotator, video) == {"Kite": "accepted"}
