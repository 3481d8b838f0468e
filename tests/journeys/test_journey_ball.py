"""The whole loop on a real video: three people, two rounds of review, and an export of what was seen."""

from __future__ import annotations

import json
import re
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from inference_worker.protocol import rle
from tests.journeys.conftest import People
from tests.journeys.maskloom_process import Maskloom
from tests.journeys.pages import SLOW_MS, Review, Workspace, start_export, upload

pytestmark = pytest.mark.journey

NAME = "05_default_juggle"
LAST = 244
RADIUS = 38  # of the ball, in pixels
BALL = {0: (653, 322), 120: (676, 240), 160: (625, 528), 200: (838, 337)}  # its middle, by frame index


def test_a_ball_is_labelled_corrected_reviewed_twice_and_exported_as_it_was_shown(
    people: People, maskloom: Maskloom, project: str, test_data: Path, tmp_path: Path
) -> None:
    manager, annotator, reviewer = (people.sign_in(name) for name in ("manager", "annotator", "reviewer"))
    video = _upload(manager, maskloom, project, test_data / "videos" / f"{NAME}.mp4")
    workspace = _take_from_library(annotator, maskloom, project, video)
    _click_the_ball(workspace, 0)
    _watch_it_tracked_to_the_end(workspace)
    _click_the_ball(workspace, 120)
    workspace.press("p")
    workspace.wait_until_tracked()
    workspace.go_to(120)
    workspace.press("k")
    workspace.expect_state("Accepted")
    _leave_one_frame_unknown_and_be_told(workspace)
    _submit(workspace)

    review = Review(reviewer, maskloom.url, video).open_next(project)
    review.press("Home", *["v"] * 5)
    review.mark(*BALL[200], "Look at the ball here")
    review.judge("Unsatisfactory")

    _refine_what_is_marked(annotator, workspace, project)
    shown = workspace.masks(workspace.masklet_id("Object 1"))
    _assert_the_page_draws(workspace, shown)
    workspace.press("Control+Enter")
    expect(annotator.get_by_role("dialog", name="Submitted")).to_be_visible()

    _satisfy(reviewer, maskloom, video, project, shown, workspace)
    archive = start_export(manager, maskloom.url, project, tmp_path)
    _assert_exported(archive, video, shown)


def _upload(manager: Page, maskloom: Maskloom, project: str, path: Path) -> dict[str, Any]:
    card = upload(manager, maskloom.url, project, path, environment="Outdoor")
    expect(card.get_by_text("247 frames")).to_be_visible(timeout=3 * SLOW_MS)
    listed = maskloom.client("manager").get(f"projects/{project}/videos")["results"]
    assert [video["name"] for video in listed] == [NAME]
    video: dict[str, Any] = listed[0]
    return video


def _take_from_library(annotator: Page, maskloom: Maskloom, project: str, video: dict[str, Any]) -> Workspace:
    annotator.goto(f"{maskloom.url}/projects/{project}")
    annotator.get_by_role("link", name=f"Annotate {NAME}").click()
    return Workspace(annotator, maskloom.url, video).wait_until_open()


def _click_the_ball(workspace: Workspace, frame: int) -> None:
    workspace.go_to(frame)
    workspace.canvas.click(*BALL[frame])
    workspace.expect_answered()
    workspace.expect_state("Edited")
    mask = workspace.decoded(workspace.masks(workspace.masklet_id("Object 1"))[frame])
    assert _overlap(mask, *BALL[frame]) > 0.5


def _overlap(mask: np.ndarray, x: float, y: float) -> float:
    """IoU with the ball."""
    ys, xs = np.mgrid[: mask.shape[0], : mask.shape[1]]
    ball = np.hypot(xs - x, ys - y) <= RADIUS
    return float((mask & ball).sum() / (mask | ball).sum())


def _watch_it_tracked_to_the_end(workspace: Workspace) -> None:
    workspace.press("p")
    words = workspace.page.locator(".pass-words")
    expect(words).to_have_text(re.compile(r"^Tracking forward · [1-9]\d* of 61"), timeout=SLOW_MS)
    first = int(re.findall(r"\d+", words.inner_text())[0])
    expect(words).to_have_text(re.compile(rf"· (?!{first} )\d+ of 61 · about .* left"), timeout=SLOW_MS)
    assert workspace.frame() > 0  # it follows
    workspace.wait_until_tracked()
    expect(workspace.row("Object 1")).to_contain_text("62 of 62")


def _leave_one_frame_unknown_and_be_told(workspace: Workspace) -> None:
    workspace.go_to(LAST)
    workspace.press("Backspace")
    workspace.expect_state("Unknown")
    workspace.go_to(0)
    workspace.press("Control+Enter")
    dialog = workspace.page.get_by_role("dialog", name="Submit for review")
    expect(dialog.get_by_text("frames left")).to_be_visible()
    dialog.get_by_role("button", name=f"Frame {LAST}").click()
    workspace.wait_for_frame()
    assert workspace.frame() == LAST
    workspace.go_to(LAST - 4)
    workspace.press("p")
    workspace.wait_until_tracked()
    expect(workspace.row("Object 1")).to_contain_text("62 of 62")


def _submit(workspace: Workspace) -> None:
    workspace.press("Control+Enter")
    dialog = workspace.page.get_by_role("dialog", name="Submit for review")
    expect(dialog.get_by_text("every frame decided")).to_be_visible()
    dialog.get_by_role("button", name="Submit 1 masklet").click()
    done = workspace.page.get_by_role("dialog", name="All masklets are submitted")
    done.get_by_role("link", name="To the project").click()
    expect(workspace.page.get_by_role("heading", name="Videos", exact=True)).to_be_visible()


def _refine_what_is_marked(annotator: Page, workspace: Workspace, project: str) -> None:
    annotator.goto(f"{workspace.url}/projects/{project}")
    expect(annotator.get_by_text("1 task waits for you: 1 to refine")).to_be_visible()
    annotator.get_by_role("button", name="Next task").click()
    workspace.wait_until_open()
    annotator.get_by_role("button", name="Look at the ball here").click()
    assert workspace.frame() == 200
    workspace.tool("brush")
    workspace.canvas.drag((828, 337), (848, 337))
    workspace.tool("point")
    workspace.expect_answered()
    workspace.expect_state("Edited")


def _assert_the_page_draws(workspace: Workspace, shown: dict[int, Any]) -> None:
    for frame in (0, 60, 120, 180, LAST):
        workspace.go_to(frame)
        points = [BALL[frame]] if frame in (0, 120) else []
        workspace.canvas.assert_drawn(workspace.overlay(), _visible(workspace, shown[frame]), points)


def _visible(workspace: Workspace, mask: dict[str, Any]) -> np.ndarray:
    decoded = workspace.decoded(mask)
    return decoded & (mask["state"] != "absent")


def _satisfy(
    reviewer: Page,
    maskloom: Maskloom,
    video: dict[str, Any],
    project: str,
    shown: dict[int, Any],
    workspace: Workspace,
) -> None:
    review = Review(reviewer, maskloom.url, video).open_next(project)
    review.press("Home")
    for frame in range(0, 21, 4):
        review.canvas.assert_drawn(review.overlay_at(frame), _visible(workspace, shown[frame]))
        review.press("f")
    review.judge("Satisfactory")


def _assert_exported(archive: Path, video: dict[str, Any], shown: dict[int, Any]) -> None:
    with zipfile.ZipFile(archive) as files:
        members = {Path(name).name: name for name in files.namelist()}
        document = json.loads(files.read(members[f"{video['video_id']}_manual.json"]))
        assert len(files.read(members[f"{video['video_id']}.mp4"])) > 100_000
    empty = rle.empty(video["height"], video["width"])
    exported = [masks[0] for masks in document["masklet"]]
    assert [mask["size"] for mask in exported] == [[720, 1280]] * 62
    held = [shown[frame] for frame in range(0, LAST + 1, 4)]
    assert [mask["counts"] for mask in exported] == [
        empty if mask["state"] == "absent" else mask["counts"] for mask in held
    ]
    assert document["masklet_edited_frame_count"] == [sum(mask["human"] for mask in held)]
