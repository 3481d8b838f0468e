"""Work that comes from the queue: selecting, tracking, refining, looking whether anything is left."""

from __future__ import annotations

import re
import secrets
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from annotator.simulation.client import Client
from tests.journeys import clips
from tests.journeys.conftest import WINDOW, People
from tests.journeys.maskloom_process import Maskloom, wait_for
from tests.journeys.pages import SLOW_MS, Workspace, sign_in

pytestmark = pytest.mark.journey


class Crew:
    """A project whose annotators open nothing by themselves, with two of them."""

    def __init__(self, maskloom: Maskloom, people: People, browser: Browser, project: str) -> None:
        self.maskloom, self.project = maskloom, project
        self.name, password = f"tracker-{secrets.token_hex(4)}", secrets.token_urlsafe(12)
        owner = maskloom.client("owner")
        owner.post("people", username=self.name, password=password)
        owner.put(f"projects/{project}/members/{self.name}", role="annotator")
        owner.patch(f"projects/{project}", pull_only=True)
        self.manager, self.reviewer = maskloom.client("manager"), maskloom.client("reviewer")
        self.second_client = Client.sign_in(maskloom.url, self.name, password)
        self.first = people.sign_in("annotator")
        page = people.watch(browser.new_context(viewport=WINDOW).new_page())
        self.second = sign_in(page, maskloom.url, self.name, password)

    def task(self, kind: str, video: int) -> int:
        made: dict[str, Any] = self.manager.post(f"projects/{self.project}/tasks", kind=kind, video=video)
        return made["id"]

    def work(self, page: Page) -> None:
        page.goto(f"{self.maskloom.url}/projects/{self.project}/work")
        expect(page.get_by_role("heading", name="Work", exact=True)).to_be_visible()
        expect(page.locator("[aria-busy=true]")).to_have_count(0)

    def take(self, page: Page, video: dict[str, Any], kind: str, finish: str) -> Workspace:
        """The workspace of the next task, which is of this kind; opened from the Work page by key."""
        self.work(page)
        expect(page.get_by_role("button", name="Next task", exact=False).first).to_be_visible()
        page.keyboard.press("Enter")
        workspace = Workspace(page, self.maskloom.url, video).wait_until_open(finish)
        expect(bar(page).locator(".chip").first).to_have_text(kind)
        return workspace

    def judge(self, verdict: str, **more: Any) -> None:
        """By the reviewer, on the next masklet to verify."""
        [task] = self.reviewer.post(f"projects/{self.project}/tasks/next", kinds=["verify"])["tasks"]
        session = f"sessions/{task['session']}"
        [masklet] = self.reviewer.get(session)["masklets"]
        body = {"marks": [], "base_version": masklet["version"], **more}
        self.reviewer.post(f"{session}/verdict", verdict=verdict, **body)

    def tasks(self, **query: str) -> list[dict[str, Any]]:
        asked = "&".join(f"{name}={value}" for name, value in query.items())
        found: list[dict[str, Any]] = self.manager.get(f"projects/{self.project}/tasks?{asked}")["results"]
        return found


@pytest.fixture
def crew(maskloom: Maskloom, people: People, browser: Browser, project: str, video: dict[str, Any]) -> Crew:
    return Crew(maskloom, people, browser, project)


def bar(page: Page) -> Locator:
    return page.get_by_role("region", name="Task")


def over(page: Page, title: str) -> Locator:
    """The dialog that says how the task ended."""
    dialog = page.get_by_role("dialog", name=title)
    expect(dialog).to_be_visible(timeout=SLOW_MS)
    expect(dialog.get_by_role("button", name="Next task")).to_be_focused()
    return dialog


def click_orange(workspace: Workspace, frame: int = 0) -> None:
    x, y = clips.orange_at(frame)
    workspace.canvas.click(x + clips.SIDE / 2, y + clips.SIDE / 2)
    workspace.expect_answered()


def select_both(workspace: Workspace) -> None:
    click_orange(workspace)
    workspace.press("n")
    expect(workspace.page.locator(".masklet")).to_have_count(2)
    x, y = clips.blue_at(0)
    workspace.canvas.click(x + clips.SIDE / 2, y + clips.SIDE / 2)
    workspace.expect_answered()


def test_objects_are_selected_by_one_person_and_tracked_refined_and_accepted_by_others(
    crew: Crew, people: People, video: dict[str, Any]
) -> None:
    crew.task("select", video["id"])
    _select_two_objects(crew, video)
    _track_one_and_skip_the_other(crew, video)
    crew.judge("unsatisfactory", marks=[{"frame_index": 24, "x": 80, "y": 60, "text": "Too wide here"}])
    _refine_what_is_marked(crew, video)
    crew.judge("satisfactory")
    [accepted] = crew.tasks(kind="refine", state="done")
    assert accepted["masklet"]["state"] == "accepted"
    _say_that_something_is_left(crew, video)


def _select_two_objects(crew: Crew, video: dict[str, Any]) -> None:
    workspace = crew.take(crew.first, video, "Select", "Done selecting")
    for absent in ("propagate", "accept", "submit"):
        expect(workspace.act(absent)).to_have_count(0)
    select_both(workspace)
    expect(crew.first.get_by_text("Chosen by you · 2")).to_be_visible()
    workspace.go_to(8)
    workspace.canvas.click(100, 200)
    expect(crew.first.get_by_text("It is chosen on frame 0: one frame is enough.")).to_be_visible()
    workspace.press("p")  # nothing is propagated here
    workspace.expect_saved()
    workspace.press("Control+Enter")
    over(crew.first, "2 objects chosen")
    crew.first.keyboard.press("Enter")
    expect(crew.first.get_by_text("Nothing waits for you now.")).to_be_visible()  # others track them


def _track_one_and_skip_the_other(crew: Crew, video: dict[str, Any]) -> None:
    crew.work(crew.second)
    expect(crew.second.get_by_text("2 tasks wait for you: 2 to track")).to_be_visible()
    workspace = crew.take(crew.second, video, "Track", "Submit for review")
    assert len(workspace.names()) == 1
    expect(workspace.act("add")).to_have_count(0)
    workspace.press("p")
    workspace.wait_until_tracked()
    workspace.press("Control+Enter")
    over(crew.second, "Submitted")
    with crew.second.expect_event("load"):
        crew.second.keyboard.press("Enter")
    workspace.wait_until_open()
    [skipped] = workspace.names()
    workspace.press("Alt+s")
    dialog = crew.second.get_by_role("dialog", name="Skip the task")
    dialog.get_by_label("The object has no clear edge").check()
    dialog.get_by_label("In your words").fill("It melts into the noise")
    crew.second.keyboard.press("Enter")
    over(crew.second, "Skipped")
    crew.second.keyboard.press("Enter")
    expect(crew.second.get_by_text("Nothing waits for you now.")).to_be_visible()
    [waiting] = crew.tasks(kind="track", state="waiting")
    assert waiting["masklet"]["name"] == skipped
    assert crew.second_client.post(f"projects/{crew.project}/tasks/next", kinds=[])["tasks"] == []
    reason = crew.maskloom.rows(
        "SELECT reason FROM annotator_taskevent WHERE task_id = %s AND kind = 'skipped'", waiting["id"]
    )
    assert reason == [("The object has no clear edge: It melts into the noise",)]


def _refine_what_is_marked(crew: Crew, video: dict[str, Any]) -> None:
    workspace = crew.take(crew.second, video, "Refine", "Submit for review")
    assert workspace.frame() == 24  # where the mark is
    expect(crew.second.get_by_role("button", name="Too wide here")).to_be_visible()
    workspace.press("k")
    workspace.expect_state("Accepted")
    workspace.expect_saved()
    workspace.press("Control+Enter")
    over(crew.second, "Submitted")


def _say_that_something_is_left(crew: Crew, video: dict[str, Any]) -> None:
    crew.task("exhaust", video["id"])
    workspace = crew.take(crew.first, video, "Exhaust", "Nothing is left")
    assert (
        len(workspace.names()) == 2
    )  # the accepted one, and what this person chose and nobody has tracked yet
    for absent in ("add", "submit", "undo", "tool-point", "accept"):
        expect(workspace.act(absent)).to_have_count(0)
    workspace.press("s")
    dialog = crew.first.get_by_role("dialog", name="Something is left in this video")
    dialog.get_by_label("Note (optional)").fill("The noise itself")
    crew.first.keyboard.press("Enter")
    over(crew.first, "Something is left")
    [select] = crew.tasks(kind="select", state="waiting")
    assert select["note"] == "The noise itself"
    [answer] = crew.tasks(kind="exhaust", state="done")
    assert answer["outcome"] == "something_left"


def test_who_tracks_with_too_few_edited_frames_is_told_before_and_after_it_is_set_aside(
    crew: Crew, video: dict[str, Any]
) -> None:
    crew.maskloom.client("owner").patch(f"projects/{crew.project}", min_edited_frames=2)
    crew.task("select", video["id"])
    _select_two_objects(crew, video)
    page = crew.second
    for ending in ("Set aside as too easy", "Submitted"):
        workspace = crew.take(page, video, "Track", "Submit for review")
        workspace.press("p")
        workspace.wait_until_tracked()
        workspace.press("Control+Enter")
        dialog = page.get_by_role("dialog", name="Submit for review")
        expect(dialog).to_contain_text("1 of 2 edited frames: it will be set aside as too easy.")
        if ending == "Submitted":
            page.keyboard.press("Escape")
            workspace.go_to(8)
            workspace.act("absent").click()
            workspace.expect_state("Absent")
            workspace.expect_saved()
            workspace.press("Control+Enter")
        else:
            dialog.get_by_role("button", name="Submit 1 masklet").click()
        over(page, ending)
    states = sorted(row["masklet"]["state"] for row in crew.tasks(kind="track"))
    assert states == ["set_aside", "submitted"]


def test_a_task_is_held_with_a_note_resumed_and_given_back(crew: Crew, video: dict[str, Any]) -> None:
    crew.task("select", video["id"])
    page = crew.first
    workspace = crew.take(page, video, "Select", "Done selecting")
    click_orange(workspace)
    workspace.press("Alt+h")
    page.get_by_role("dialog", name="Put the task on hold").get_by_role("textbox").fill("Ask which shapes")
    page.keyboard.press("Enter")
    over(page, "On hold").get_by_role("link", name="To the Work page").click()
    row = page.get_by_role("row").filter(has_text="Ask which shapes")
    expect(row).to_contain_text("On hold")
    expect(page.get_by_text("Nothing waits for you", exact=True)).to_be_visible()
    row.get_by_role("link", name=re.compile("^Resume")).click()
    workspace.wait_until_open("Done selecting")
    expect(workspace.row("Object 1")).to_contain_text("on frame 0")  # what was done is there
    workspace.press("Alt+g")
    over(page, "Given back")
    [waiting] = crew.tasks(kind="select")
    assert (waiting["state"], waiting["holder"]) == ("waiting", None)


def test_a_task_that_lapsed_says_so_and_is_taken_up_again_or_was_taken_by_another(
    crew: Crew, people: People, video: dict[str, Any]
) -> None:
    people.expect_refusal(409)
    task = crew.task("select", video["id"])
    workspace = crew.take(crew.first, video, "Select", "Done selecting")
    _lapse(crew, task)
    lost = crew.first.get_by_role("dialog", name="You no longer hold this task")
    expect(lost).to_be_visible(timeout=SLOW_MS)
    lost.get_by_role("button", name="Take it up again").click()
    expect(lost).to_be_hidden()
    click_orange(workspace)
    expect(workspace.row("Object 1")).to_contain_text("on frame 0")

    _lapse(crew, task)
    expect(lost).to_be_visible(timeout=SLOW_MS)
    crew.second_client.post(f"projects/{crew.project}/tasks/next", kinds=["select"])
    lost.get_by_role("button", name="Take it up again").click()
    expect(lost).to_contain_text(f"{crew.name} has the task to select this")
    crew.first.reload()
    expect(crew.first.get_by_role("heading", name=re.compile("You do not hold this task"))).to_be_visible()


def _lapse(crew: Crew, task: int) -> None:
    """As if no heartbeat had come for long."""
    lapse = "UPDATE annotator_session SET lease_until = now() - interval '1 hour' WHERE task_id = %s AND state = 'open'"

    def is_back() -> bool:
        crew.maskloom.execute(lapse, task)  # again, should a heartbeat have come in between
        return crew.tasks(kind="select")[0]["state"] == "waiting"

    wait_for("the task to be back", is_back, 30)


def test_where_work_is_pulled_a_video_cannot_be_opened_and_the_page_says_where_work_is(
    crew: Crew, people: People, video: dict[str, Any]
) -> None:
    people.expect_refusal(403)
    crew.first.goto(f"{crew.maskloom.url}/projects/{crew.project}")
    expect(crew.first.get_by_role("link", name=video["name"], exact=True)).to_be_visible()
    expect(crew.first.get_by_role("link", name=f"Annotate {video['name']}")).to_have_count(0)
    crew.first.goto(f"{crew.maskloom.url}/videos/{video['id']}/annotate")
    crew.first.get_by_role("link", name="To the Work page").click()
    expect(crew.first.get_by_text("1 task waits for you: 1 to select.")).to_be_visible()
