"""What the pages say when something is wrong."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.journeys import clips
from tests.journeys.conftest import People
from tests.journeys.maskloom_process import Maskloom
from tests.journeys.pages import SLOW_MS, Workspace, upload

pytestmark = pytest.mark.journey


def test_a_text_file_that_poses_as_a_video_is_refused_with_the_reason(
    people: People, maskloom: Maskloom, project: str, tmp_path: Path
) -> None:
    poser = tmp_path / "holiday.mp4"
    poser.write_text("This is a shopping list, and not a film.\n" * 40)
    manager = people.sign_in("manager")
    card = upload(manager, maskloom.url, project, poser)
    expect(card.get_by_text("This is a text file, not a video")).to_be_visible(timeout=SLOW_MS)
    expect(card.get_by_role("button", name="Try again")).to_be_visible()
    expect(card.get_by_role("link", name="Annotate")).to_have_count(0)


def test_a_wrong_password_is_said_and_an_unknown_video_is_too(people: People, maskloom: Maskloom) -> None:
    people.expect_refusal(404)
    people.expect_refusal(401)  # what a page still asks for while one signs out
    page = people.sign_in("annotator")
    page.goto(f"{maskloom.url}/videos/999999/annotate")
    expect(page.get_by_role("heading", name="There is no such video")).to_be_visible()
    page.get_by_role("link", name="To the projects").click()
    page.get_by_role("button", name="Sign out").click()
    page.get_by_label("Username").fill("annotator")
    page.get_by_label("Password").fill("not this one")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_contain_text("password")


def test_a_click_without_a_worker_is_kept_and_answered_when_one_is_back(
    people: People, maskloom: Maskloom, video: dict[str, Any]
) -> None:
    workspace = Workspace(people.sign_in("annotator"), maskloom.url, video).open()
    stopped = maskloom.pid("inference-worker")
    os.kill(stopped, signal.SIGSTOP)  # gives no sign of life, as one that hangs
    try:
        x, y = clips.orange_at(0)
        workspace.canvas.click(x + clips.SIDE / 2, y + clips.SIDE / 2)
        workspace.expect_saved()
        banner = workspace.page.get_by_text("No inference worker is running")
        expect(banner).to_be_visible(timeout=SLOW_MS)
        expect(workspace.page.locator(".masklet .spinner")).to_be_visible()
        workspace.expect_state("Unknown")
        workspace.page.reload()
        workspace.wait_until_open()
        expect(banner).to_be_visible()
    finally:
        os.kill(stopped, signal.SIGKILL)
    workspace.expect_state("Edited")
    workspace.expect_answered()
    expect(banner).to_be_hidden(timeout=SLOW_MS)
    mask = workspace.masks(workspace.masklet_id("Object 1"))[0]
    workspace.canvas.assert_drawn(workspace.overlay(), workspace.decoded(mask))


def test_pages_say_that_answers_are_not_written_until_the_recorder_is_back(
    people: People, maskloom: Maskloom, video: dict[str, Any]
) -> None:
    page = people.sign_in("annotator")
    workspace = Workspace(page, maskloom.url, video).open()
    engine = page.locator(".editor-header .chip")
    expect(engine).to_contain_text("ready")
    work = people.sign_in("reviewer")
    work.goto(f"{maskloom.url}/projects/{video['project']}/work")
    said, said_at_work = (
        at.get_by_text("Answers are not being written: the recorder") for at in (page, work)
    )
    stopped = maskloom.pid("recorder")
    os.kill(stopped, signal.SIGSTOP)
    try:
        workspace.canvas.click(clips.SIDE, clips.SIDE)
        workspace.expect_saved()
        expect(said).to_be_visible(timeout=SLOW_MS)
        expect(engine).to_contain_text("answers wait")
        expect(said_at_work).to_be_visible(timeout=SLOW_MS)
        workspace.expect_state("Unknown")
    finally:
        os.kill(stopped, signal.SIGCONT)
    workspace.expect_answered()
    expect(said).to_be_hidden(timeout=SLOW_MS)
    expect(said_at_work).to_be_hidden(timeout=SLOW_MS)
    expect(engine).to_contain_text("ready")
