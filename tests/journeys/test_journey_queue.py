"""A manager steers the queue: asks for work, orders it, takes it back, and reads what was answered."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.journeys.conftest import People
from tests.journeys.maskloom_process import Maskloom
from tests.journeys.pages import SLOW_MS, Workspace

pytestmark = pytest.mark.journey


@pytest.fixture
def manager(people: People) -> Page:
    return people.sign_in("manager")


def open_queue(page: Page, maskloom: Maskloom, project: str) -> None:
    """From the Work page, which leads there."""
    page.goto(f"{maskloom.url}/projects/{project}/work")
    page.get_by_role("link", name="The whole queue").click()
    expect(page.get_by_role("heading", name="Queue", exact=True)).to_be_visible()
    expect(page.locator("[aria-busy=true]")).to_have_count(0)


def row(page: Page, *words: str) -> Locator:
    found = page.locator("tbody tr")
    for word in words:
        found = found.filter(has_text=word)
    return found


def bar(page: Page) -> Locator:
    return page.get_by_role("group", name="The chosen tasks")


def test_a_manager_asks_for_a_selection_releases_it_and_says_who_does_it_and_how_soon(
    maskloom: Maskloom, people: People, project: str, video: dict[str, Any], manager: Page
) -> None:
    manager.goto(f"{maskloom.url}/videos/{video['id']}")
    manager.get_by_role("button", name="Have objects selected").click()
    dialog = manager.get_by_role("dialog", name="Have objects selected")
    dialog.get_by_label("What to choose").fill("Only squares")
    manager.keyboard.press("Tab")
    manager.keyboard.press("ArrowUp")  # of the priority
    manager.keyboard.press("Enter")
    expect(manager.get_by_text("1 video waits to be selected in.")).to_be_visible()
    expect(row(manager, "Select", "Waiting")).to_be_visible()
    expect(manager.get_by_role("button", name="Have objects selected")).to_have_count(0)  # once is enough

    people.expect_refusal(409)  # what the page of a task that is released is told
    annotator = people.sign_in("annotator")
    _pull(annotator, maskloom, project, video)
    open_queue(manager, maskloom, project)
    taken = row(manager, "Select", video["name"], "Taken up", "annotator", "Only squares")
    expect(taken.get_by_role("cell").nth(4)).to_have_text("1")
    _release(manager, taken)
    expect(annotator.get_by_role("dialog", name="You no longer hold this task")).to_be_visible(
        timeout=SLOW_MS
    )
    annotator.goto(f"{maskloom.url}/projects/{project}/work")
    expect(annotator.get_by_text("1 task waits for you: 1 to select")).to_be_visible()

    _ask_for_a_skill(manager)
    expect(annotator.get_by_text("1 task waits for other people")).to_be_visible(timeout=SLOW_MS)
    manager.get_by_role("button", name="Waits for nobody").click()
    expect(manager.get_by_text("These can be offered to nobody")).to_be_visible()  # nobody is a surgeon
    expect(row(manager, "Select", video["name"], "surgery")).to_be_visible()
    manager.get_by_role("button", name="Open", exact=True).click()
    expect(row(manager, "surgery")).to_be_visible()
    _take_it_back_and_make_it_urgent(manager)
    expect(annotator.get_by_text("1 task waits for you: 1 to select")).to_be_visible(timeout=SLOW_MS)
    [task] = maskloom.client("manager").get(f"projects/{project}/tasks")["results"]
    assert (task["skill"], task["priority"], task["state"]) == ("", 7, "waiting")


def _pull(page: Page, maskloom: Maskloom, project: str, video: dict[str, Any]) -> None:
    page.goto(f"{maskloom.url}/projects/{project}/work")
    page.get_by_role("button", name="Next task", exact=False).first.click()
    Workspace(page, maskloom.url, video).wait_until_open("Done selecting")
    expect(page.get_by_role("region", name="Task")).to_contain_text("Only squares")


def _release(manager: Page, taken: Locator) -> None:
    taken.get_by_role("button", name=re.compile("^Release")).click()
    sure = manager.get_by_role("dialog", name="Release the task?")
    expect(sure).to_contain_text("annotator is at work")
    sure.get_by_role("button", name="Release").click()
    expect(row(manager, "Select", "Waiting")).to_be_visible()


def _ask_for_a_skill(manager: Page) -> None:
    """By keys only."""
    manager.keyboard.press("Escape")
    manager.locator("h1").click()
    manager.keyboard.press("a")
    expect(bar(manager)).to_contain_text("1 chosen")
    manager.keyboard.press("s")
    manager.keyboard.type("surgery")
    manager.keyboard.press("Enter")
    expect(bar(manager).get_by_role("status")).to_have_text("Skill surgery: 1 task.")
    expect(row(manager, "Select", "surgery")).to_be_visible()


def _take_it_back_and_make_it_urgent(manager: Page) -> None:
    manager.locator("h1").click()
    manager.keyboard.press("z")
    expect(bar(manager).get_by_role("status")).to_have_text("As before: 1 task.")
    expect(row(manager, "surgery")).to_have_count(0)
    manager.get_by_role("checkbox", name=re.compile("^Select ")).check()
    manager.keyboard.press("p")
    manager.keyboard.type("7")
    manager.keyboard.press("Enter")
    expect(row(manager, "Select").get_by_role("cell").nth(4)).to_have_text("7")


def test_a_manager_reads_who_skipped_a_task_and_why(
    maskloom: Maskloom, project: str, video: dict[str, Any], manager: Page
) -> None:
    maskloom.client("manager").post(f"projects/{project}/tasks", kind="select", video=video["id"])
    annotator = maskloom.client("annotator")
    [task] = annotator.post(f"projects/{project}/tasks/next")["tasks"]
    annotator.post(f"tasks/{task['id']}/skip", reason="The video is broken: green frames")
    open_queue(manager, maskloom, project)
    skipped = row(manager, "Select", "1 person")
    said = skipped.get_by_role("listitem").filter(has_text="annotator: The video is broken: green frames")
    expect(said).to_have_count(0)  # until it is asked for
    skipped.get_by_text("1 person").focus()
    manager.keyboard.press("Enter")
    expect(said).to_be_visible()
    skipped.get_by_role("button", name=re.compile("^Offer again")).click()
    expect(row(manager, "Select", "1 person")).to_have_count(0)


def test_a_manager_asks_in_the_library_whether_anything_is_left_and_reads_the_answer(
    maskloom: Maskloom, people: People, project: str, video: dict[str, Any], manager: Page
) -> None:
    manager.goto(f"{maskloom.url}/projects/{project}")
    expect(manager.get_by_role("link", name=video["name"], exact=True)).to_be_visible()
    manager.keyboard.press("c")
    manager.keyboard.press("Space")  # on the first box
    manager.get_by_role("button", name="Ask whether anything is left").click()
    dialog = manager.get_by_role("dialog", name="Ask whether anything is left")
    expect(dialog).to_contain_text(video["name"])
    dialog.get_by_label("What to look for").fill("Round things too")
    dialog.get_by_role("button", name="Ask whether anything is left").click()
    expect(manager.get_by_text("1 video waits to be looked through.")).to_be_visible()

    annotator = maskloom.client("annotator")
    [task] = annotator.post(f"projects/{project}/tasks/next")["tasks"]
    assert task["kind"] == "exhaust"
    annotator.post(f"sessions/{task['session']}/exhaustivity", left=True, note="A red disc")

    open_queue(manager, maskloom, project)
    manager.get_by_role("button", name="Anything left?").click()
    answered = row(manager, video["name"], "Round things too", "Something is left", "A red disc")
    expect(answered).to_contain_text("annotator")
    manager.get_by_role("button", name="Waiting", exact=True).click()
    asked = row(manager, "Select", "A red disc")  # what is selected next
    asked.get_by_role("button", name=re.compile("^Call off")).click()
    expect(manager.get_by_role("heading", name="Nothing is here")).to_be_visible()
    manager.goto(f"{maskloom.url}/videos/{video['id']}")
    said = manager.get_by_role("listitem").filter(has_text="A red disc")
    expect(said).to_contain_text("Something is left")
    expect(said).to_contain_text("Asked: Round things too")
    expect(manager.get_by_text("Nothing is asked for in this video at present.")).to_be_visible()


def test_a_manager_has_a_masklet_tracked_from_its_page_and_an_annotator_may_not(
    maskloom: Maskloom, people: People, project: str, video: dict[str, Any], manager: Page
) -> None:
    annotator = maskloom.client("annotator")
    session = annotator.post(f"videos/{video['id']}/sessions")["session"]["id"]
    masklet = annotator.post(f"sessions/{session}/masklets", name="Orange")["id"]
    annotator.post(f"sessions/{session}/close")
    manager.goto(f"{maskloom.url}/masklets/{masklet}")
    manager.get_by_role("button", name="Have it tracked").click()
    manager.get_by_role("dialog", name="Have it tracked").get_by_role(
        "button", name="Have it tracked"
    ).click()
    expect(manager.get_by_text("Track: waiting")).to_be_visible()
    page = people.sign_in("annotator")
    page.goto(f"{maskloom.url}/masklets/{masklet}")
    expect(page.get_by_role("heading", name="Orange")).to_be_visible()
    expect(page.get_by_role("link", name="The video")).to_be_visible()
    expect(page.get_by_text("Track: waiting")).to_have_count(0)
