"""A protocol that is set on the settings page and obeyed in the workspace, and comments between people."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Dialog, Page, expect

from tests.journeys.conftest import People
from tests.journeys.maskloom_process import Maskloom
from tests.journeys.pages import Canvas
from tests.journeys.reviewing import hand_in

pytestmark = pytest.mark.journey


def settings(people: People, maskloom: Maskloom, project: str, who: str = "manager") -> Page:
    page = people.sign_in(who)
    page.goto(f"{maskloom.url}/projects/{project}/settings")
    expect(page.get_by_role("form", name="Protocol")).to_be_visible()
    return page


def workspace(people: People, maskloom: Maskloom, video: dict[str, Any]) -> Page:
    page = people.sign_in("annotator")
    page.goto(f"{maskloom.url}/videos/{video['id']}/annotate")
    expect(page.get_by_role("button", name="New masklet")).to_be_visible()
    return page


def test_a_manager_sets_phase_1_and_two_tools_and_the_workspace_has_no_more(
    people: People, maskloom: Maskloom, project: str, video: dict[str, Any]
) -> None:
    page = settings(people, maskloom, project)
    save = page.get_by_role("button", name="Save protocol")
    expect(save).to_be_disabled()
    page.get_by_role("radio", name=re.compile("^Phase 1")).check()
    for tool in ("Box", "Brush"):
        page.get_by_role("group", name="Tools").get_by_role("button", name=tool).click()
    page.get_by_label("Audited, %", exact=False).first.fill("12.5")
    save.click()
    expect(page.get_by_text("Protocol saved.")).to_be_visible()
    stored = maskloom.client("manager").get(f"projects/{project}")
    assert (stored["phase"], stored["tools"], stored["audit_share"]) == (1, ["point", "eraser"], 0.125)

    work = workspace(people, maskloom, video)
    for name in ("Points", "Eraser"):
        expect(work.get_by_role("button", name=name, exact=True)).to_be_visible()
    for name in ("Box", "Brush", "Propagate forward"):
        expect(work.get_by_role("button", name=name, exact=True)).to_have_count(0)


def test_what_cannot_be_is_said_at_its_field_and_nothing_is_stored(
    people: People, maskloom: Maskloom, project: str
) -> None:
    people.expect_refusal(400)
    page = settings(people, maskloom, project)
    for tool in ("Point", "Box", "Brush", "Eraser"):
        page.get_by_role("group", name="Tools").get_by_role("button", name=tool).click()
    page.get_by_role("button", name="Save protocol").click()
    expect(page.get_by_role("alert").filter(has_text="Leave at least one tool on")).to_be_visible()
    expect(page.get_by_role("button", name="Save protocol")).to_be_enabled()
    assert len(maskloom.client("manager").get(f"projects/{project}")["tools"]) == 4


def test_a_page_with_settings_that_are_not_saved_asks_before_it_is_left(
    people: People, maskloom: Maskloom, project: str
) -> None:
    page = settings(people, maskloom, project)
    asked: list[str] = []

    def stay(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.dismiss()

    page.on("dialog", stay)
    audited = page.get_by_label("Audited, %", exact=False).first
    audited.fill("7")
    with page.expect_event("dialog"):
        page.get_by_role("link", name="Work", exact=True).click()
    assert asked == ["beforeunload"]
    expect(audited).to_have_value("7")
    page.get_by_role("button", name="Save protocol").click()
    expect(page.get_by_text("Protocol saved.")).to_be_visible()
    page.get_by_role("link", name="Work", exact=True).click()
    expect(page.get_by_role("heading", name="Work", exact=True)).to_be_visible()
    page.goto(f"{maskloom.url}/me")
    page.get_by_label("Name of a new token").fill("laptop")
    with page.expect_event("dialog"):
        page.get_by_role("link", name="Change password").click()
    assert asked == ["beforeunload"] * 2
    expect(page.get_by_label("Name of a new token")).to_have_value("laptop")
    page.get_by_role("button", name="Create token").click()
    expect(page.get_by_text("It is not shown again.")).to_be_visible()
    page.get_by_role("link", name="Change password").click()
    expect(page.get_by_role("heading", name="Change your password")).to_be_visible()
    assert len(asked) == 2


def test_metadata_in_work_stay_as_they_are_when_something_else_on_the_page_changes(
    people: People, maskloom: Maskloom, project: str, video: dict[str, Any]
) -> None:
    page = people.sign_in("manager")
    page.goto(f"{maskloom.url}/videos/{video['id']}")
    page.get_by_label("Country").fill("Kenya")
    page.get_by_role("button", name="Ask whether anything is left").click()
    page.get_by_role("dialog").get_by_role("button", name="Ask whether anything is left").click()
    expect(page.get_by_role("row", name=re.compile("^Exhaust"))).to_be_visible()
    expect(page.get_by_label("Country")).to_have_value("Kenya")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("Saved.", exact=True)).to_be_visible()
    assert maskloom.client("manager").get(f"videos/{video['id']}")["metadata"]["country"] == "Kenya"


def test_a_manager_moves_somebody_to_training_and_gives_them_a_skill(
    people: People, maskloom: Maskloom, project: str
) -> None:
    page = settings(people, maskloom, project)
    expect(page.get_by_label("Role of annotator")).to_be_disabled()
    page.get_by_label("Queue of annotator").select_option("training")
    expect(page.get_by_text("annotator is served from the training queue now.")).to_be_visible()
    page.get_by_label("Skills of annotator").fill("hands, faces")
    page.get_by_label("Skills of annotator").press("Enter")
    expect(page.get_by_text("The skills of annotator are saved.")).to_be_visible()
    members = maskloom.client("manager").get(f"projects/{project}/members")
    (annotator,) = [member for member in members if member["user"]["username"] == "annotator"]
    assert (annotator["queue"], annotator["skills"]) == ("training", ["faces", "hands"])


def test_a_comment_on_a_place_is_answered_and_resolved_and_seen_by_both_at_once(
    people: People, maskloom: Maskloom, project: str, video: dict[str, Any]
) -> None:
    masklet = hand_in(maskloom.client("annotator"), video, "Left square")
    review = people.sign_in("reviewer")
    review.goto(f"{maskloom.url}/masklets/{masklet}/review")
    expect(review.get_by_role("button", name="Comment on this frame")).to_be_visible()
    review.keyboard.press("Shift+C")
    review.get_by_role("form", name="New comment").get_by_role("textbox").fill("Is this the corner?")
    review.get_by_role("button", name="Point at a place").click()
    Canvas(review, video).drag((20, 20), (40, 36))
    expect(review.get_by_role("button", name="Forget the place")).to_be_visible()
    review.get_by_role("form", name="New comment").get_by_role("button", name="Comment", exact=True).click()
    expect(review.get_by_text("frame 0, a region · Left square")).to_be_visible()

    work = workspace(people, maskloom, video)
    expect(work.get_by_text("reviewer: Is this the corner?")).to_be_visible()
    work.keyboard.press("End")
    work.keyboard.press("y")
    expect(work.get_by_role("textbox", name="Frame")).to_have_value("0")
    work.get_by_role("form", name="Answer").get_by_role("textbox").fill("It is.")
    work.get_by_role("form", name="Answer").get_by_role("button", name="Answer").click()

    expect(review.get_by_text("annotator wrote a comment on frame 0.")).to_be_visible()
    expect(review.get_by_text("It is.", exact=True)).to_be_visible()
    review.get_by_role("button", name="Resolve", exact=True).click()
    expect(work.get_by_text("Resolved by reviewer", exact=False)).to_be_visible()
    (thread,) = maskloom.client("manager").get(f"videos/{video['id']}/threads")["results"]
    assert (thread["x0"], thread["y0"]) == pytest.approx((20, 20), abs=1)
    assert (thread["x1"], thread["y1"]) == pytest.approx((40, 36), abs=1)
    assert (thread["resolved_by"], thread["masklet"]) == ("reviewer", masklet)
