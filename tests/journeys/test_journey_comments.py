"""The comments of a project in one place: found, answered, gone to and resolved, by who opens no videos too."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import expect

from tests.journeys.conftest import People
from tests.journeys.maskloom_process import Maskloom
from tests.journeys.reviewing import hand_in

pytestmark = pytest.mark.journey


def test_a_question_is_answered_from_the_list_and_the_answer_found_by_who_only_pulls_tasks(
    people: People, maskloom: Maskloom, project: str, video: dict[str, Any]
) -> None:
    annotator = maskloom.client("annotator")
    masklet = hand_in(annotator, video, "Left square")
    threads = f"videos/{video['id']}/threads"
    maskloom.client("owner").patch(f"projects/{project}", pull_only=True)
    annotator.post(threads, text="Does its shadow belong to it?", masklet=masklet, first_frame=8)
    maskloom.client("manager").post(threads, text="The light changes here.", first_frame=12)

    review = people.sign_in("reviewer")
    review.goto(f"{maskloom.url}/projects/{project}")
    review.get_by_role("link", name="2 unresolved comments").click()
    expect(review.get_by_role("heading", name="Comments", exact=True)).to_be_visible()
    expect(review.get_by_text("2 conversations")).to_be_visible()
    rows = review.get_by_role("main").get_by_role("listitem")
    expect(rows.first).to_contain_text("manager: The light changes here.")
    expect(rows.first.get_by_role("link", name="The video")).to_be_visible()
    review.keyboard.press("y")
    review.keyboard.press("y")
    review.keyboard.press("Enter")
    review.get_by_role("textbox", name="Answer").fill("It does not.")
    review.keyboard.press("Control+Enter")
    expect(rows.first).to_contain_text("2 comments")
    review.get_by_role("button", name="Of one video only").click()
    review.get_by_role("button", name="Mine", exact=True).click()
    expect(review.get_by_text("1 conversation")).to_be_visible()

    page = people.sign_in("annotator")
    page.goto(f"{maskloom.url}/projects/{project}/work")
    page.get_by_role("link", name="Comments", exact=True).click()
    expect(page.get_by_text("2 conversations")).to_be_visible()
    page.keyboard.press("m")
    expect(page.get_by_text("1 conversation")).to_be_visible()
    expect(page.get_by_text("reviewer: It does not.")).to_be_visible()
    page.keyboard.press("y")
    page.keyboard.press("o")
    expect(page.locator("#review .transport .muted")).to_contain_text("Frame 8 of")
    expect(page.get_by_role("complementary").get_by_text("It does not.")).to_be_visible()
    page.go_back()
    expect(page.get_by_text("1 conversation")).to_be_visible()
    page.keyboard.press("y")
    page.keyboard.press("r")
    expect(page.get_by_role("heading", name="No comment is like this")).to_be_visible()
    page.get_by_role("button", name="Resolved", exact=True).click()
    expect(page.get_by_text("reviewer: It does not.")).to_be_visible()
    assert maskloom.client("manager").get(f"videos/{video['id']}")["open_threads"] == 1


def test_a_comment_on_no_masklet_is_gone_to_in_the_workspace(
    people: People, maskloom: Maskloom, project: str, video: dict[str, Any]
) -> None:
    page = people.sign_in("annotator")
    page.goto(f"{maskloom.url}/projects/{project}/comments")
    expect(page.get_by_role("heading", name="No unresolved comments")).to_be_visible()
    client = maskloom.client("reviewer")
    client.post(f"videos/{video['id']}/threads", text="The light changes here.", first_frame=12)
    page.reload()
    page.get_by_role("link", name=f"Workspace: {video['name']}").click()
    expect(page.get_by_role("textbox", name="Frame")).to_have_value("12")
    expect(page.get_by_role("form", name="Answer")).to_be_visible()
