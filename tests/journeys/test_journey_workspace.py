"""Every tool and key of the workspace, on a clip whose objects are told apart by colour."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Route, expect

from tests.journeys import clips
from tests.journeys.conftest import People, ingested
from tests.journeys.maskloom_process import Maskloom, wait_for
from tests.journeys.pages import Workspace

pytestmark = pytest.mark.journey


@pytest.fixture
def workspace(people: People, maskloom: Maskloom, video: dict[str, Any]) -> Workspace:
    return Workspace(people.sign_in("annotator"), maskloom.url, video).open()


def click_orange(workspace: Workspace, frame: int = 0) -> None:
    x, y = clips.orange_at(frame)
    workspace.canvas.click(x + clips.SIDE / 2, y + clips.SIDE / 2)
    workspace.expect_answered()
    workspace.expect_state("Edited")


def iou(first: np.ndarray, second: np.ndarray) -> float:
    return float((first & second).sum() / max((first | second).sum(), 1))


def test_the_mask_of_each_frame_is_drawn_on_that_frame_zoomed_and_moved_too(workspace: Workspace) -> None:
    click_orange(workspace)
    workspace.press("p")
    workspace.wait_until_tracked()
    masks = workspace.masks(workspace.masklet_id("Object 1"))
    for frame in (0, 4, 24, 48):
        workspace.go_to(frame)
        _assert_drawn_on_its_object(workspace, workspace.decoded(masks[frame]))
    workspace.press("+", "+", "+")
    workspace.canvas.zoomed(1.25**3)
    workspace.canvas.drag((200, 100), (230, 130), button="middle")
    workspace.canvas.panned(30 * workspace.canvas.scale, 30 * workspace.canvas.scale)
    for frame in (24, 48):
        workspace.go_to(frame)
        _assert_drawn_on_its_object(workspace, workspace.decoded(masks[frame]))


def _assert_drawn_on_its_object(workspace: Workspace, mask: np.ndarray) -> None:
    workspace.canvas.assert_drawn(workspace.overlay(), mask)
    shown = clips.orange_in(workspace.bare())
    seen = workspace.canvas.in_sight()
    assert shown.any()
    assert iou(mask & seen, shown & seen) > 0.6  # one frame off, it would be 0.47 at most


def test_points_are_added_and_taken_back_and_every_step_is_undone_and_redone(workspace: Workspace) -> None:
    click_orange(workspace)
    x, y = clips.orange_at(0)
    first = _mask(workspace)
    workspace.canvas.click(x + 8, y + 8, button="right")
    workspace.expect_answered()
    assert not np.array_equal(_mask(workspace), first)
    assert not _mask(workspace)[y + 8, x + 8]
    workspace.press("Control+z")
    _wait_for_mask(workspace, first)
    workspace.press("Control+Shift+z")
    wait_for("the point again", lambda: not _mask(workspace)[y + 8, x + 8], 20)
    workspace.expect_answered()
    workspace.canvas.click(x + 8, y + 8)  # on the point: takes it back
    workspace.expect_answered()
    wait_for("the point's removal", lambda: _mask(workspace)[y + 8, x + 8], 20)


def test_a_box_the_brush_and_the_eraser_make_the_mask_that_is_shown(workspace: Workspace) -> None:
    x, y = clips.blue_at(0)
    workspace.tool("box")
    workspace.canvas.drag((x - 6, y - 6), (x + clips.SIDE + 6, y + clips.SIDE + 6))
    workspace.expect_answered()
    workspace.expect_state("Edited")
    boxed = _mask(workspace)
    assert iou(boxed, _square(boxed.shape, x, y)) > 0.6

    workspace.tool("brush")
    workspace.canvas.drag((100, 200), (160, 200))
    workspace.expect_answered()
    painted = _mask(workspace)
    assert painted[200, 100:160].all()
    assert (painted & boxed).sum() == boxed.sum()

    workspace.press("x")
    workspace.canvas.drag((130, 190), (130, 210))
    workspace.expect_answered()
    assert not _mask(workspace)[200, 130]
    assert _mask(workspace)[200, 105]
    workspace.canvas.drag((128, 200), (132, 200), button="right")  # the other of the two
    workspace.expect_answered()
    assert _mask(workspace)[200, 130]

    workspace.press("w")
    workspace.page.mouse.move(2, 2)
    workspace.canvas.assert_drawn(workspace.overlay(), _mask(workspace))


def test_a_person_decides_on_frames_by_key(workspace: Workspace) -> None:
    click_orange(workspace)
    workspace.press("k")
    workspace.expect_state("Accepted")
    workspace.press("f", "f")
    assert workspace.frame() == 8
    workspace.expect_state("Unknown")
    workspace.press("o")
    workspace.expect_state("Absent")
    workspace.press("e")
    assert workspace.frame() == 0
    workspace.press("r")
    assert workspace.frame() == 8
    workspace.press("Backspace")
    workspace.expect_state("Unknown")
    workspace.press("Control+z")
    workspace.expect_state("Absent")
    workspace.press("End")
    assert workspace.frame() == 48
    workspace.press("d")
    assert workspace.frame() == 44
    workspace.press("Home", "v")
    assert workspace.frame() == 40
    workspace.press("Home", "Space")
    wait_for("the video to play to its end", lambda: workspace.frame() == 48, 30)
    expect(workspace.act("play").locator("svg")).to_be_visible()


def test_masklets_are_named_hidden_deleted_and_brought_back(workspace: Workspace) -> None:
    click_orange(workspace)
    workspace.add("Blue one")
    workspace.add("k?xb w")  # keys in a field are letters
    assert workspace.names() == ["Object 1", "Blue one", "k?xb w"]
    expect(workspace.act("tool-point")).to_have_attribute("aria-pressed", "true")
    expect(workspace.page.get_by_role("dialog")).to_have_count(0)

    workspace.press("1")
    expect(workspace.row("Object 1")).to_have_attribute("aria-current", "true")
    workspace.canvas.assert_drawn(workspace.overlay(), _mask(workspace))  # hides and shows it
    workspace.press("2", "Delete")
    workspace.page.get_by_role("button", name="Undo", exact=True).last.click()
    workspace.expect_saved()
    expect(workspace.row("Blue one")).to_be_visible()
    workspace.press("3", "Delete")
    workspace.expect_saved()
    expect(workspace.page.locator(".masklet-name")).to_have_count(2)
    workspace.page.get_by_text("Deleted (1)").click()
    workspace.page.get_by_role("button", name="Restore").click()
    expect(workspace.page.locator(".masklet-name")).to_have_count(3)

    workspace.press("?")
    keys = workspace.page.get_by_role("dialog", name="Keys")
    expect(keys.get_by_text("Propagate forward")).to_be_visible()
    workspace.press("?")
    expect(keys).to_have_count(0)


def test_a_reload_in_the_middle_of_a_pass_loses_nothing(workspace: Workspace) -> None:
    click_orange(workspace)
    workspace.rename("Orange")
    workspace.press("p")
    expect(workspace.page.locator(".pass")).to_be_visible()
    workspace.page.reload()
    workspace.wait_until_open()
    workspace.wait_until_tracked()
    assert workspace.names() == ["Orange"]
    masks = workspace.masks(workspace.masklet_id("Orange"))
    assert sorted(masks) == list(range(0, clips.FRAMES, 4))
    expect(workspace.row("Orange")).to_contain_text("13 of 13")
    workspace.go_to(0)
    workspace.canvas.assert_drawn(workspace.overlay(), workspace.decoded(masks[0]))
    expect(workspace.act("undo")).to_be_enabled()


def test_a_stopped_pass_keeps_the_frames_that_are_done(
    people: People, maskloom: Maskloom, project: str, tmp_path: Path
) -> None:
    long = clips.write_squares(tmp_path / "long.mp4", frames=4 * 96 + 1)
    video = ingested(maskloom.client("manager"), project, long)
    workspace = Workspace(people.sign_in("annotator"), maskloom.url, video).open()
    click_orange(workspace)
    workspace.press("p")
    expect(workspace.page.locator(".pass-words")).to_have_text(re.compile(r" [1-9]\d* of 96"), timeout=30_000)
    workspace.press("Escape")
    workspace.wait_until_tracked()
    done = sorted(workspace.masks(workspace.masklet_id("Object 1")))
    assert 1 < len(done) < 97
    assert done == list(range(0, 4 * len(done), 4))
    expect(workspace.row("Object 1")).to_contain_text(f"{len(done)} of 97")


def test_a_second_person_sees_who_holds_the_video(people: People, workspace: Workspace, project: str) -> None:
    people.expect_refusal(409)
    other = people.sign_in("manager")
    other.goto(f"{workspace.url}/projects/{project}")
    expect(other.get_by_text("Held by annotator")).to_be_visible()
    other.goto(f"{workspace.url}/videos/{workspace.video['id']}/annotate")
    expect(other.get_by_role("heading", name="Somebody else holds this video")).to_be_visible()
    expect(other.get_by_text("annotator is working on this video")).to_be_visible()
    workspace.page.get_by_role("button", name="Done").click()
    expect(workspace.page.get_by_role("heading", name="Videos")).to_be_visible()
    other.get_by_role("button", name="Try again").click()
    Workspace(other, workspace.url, workspace.video).wait_until_open()


def test_a_stale_act_shows_the_newer_state_in_its_place(people: People, workspace: Workspace) -> None:
    people.expect_refusal(409)
    click_orange(workspace)
    tab = people.watch(workspace.page.context.new_page())
    second = Workspace(tab, workspace.url, workspace.video).open()
    second.expect_state("Edited")
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    tab.route("**/absent", hold)
    second.act("absent").click()
    wait_for("the act to be held", lambda: bool(second.frame() == 0 and held), 60)
    workspace.press("k")
    workspace.expect_state("Accepted")
    held[0].continue_()
    expect(tab.get_by_text("Object 1 was changed elsewhere")).to_be_visible()
    second.expect_state("Accepted")
    second.expect_saved()
    second.press("Backspace")
    second.expect_state("Unknown")
    workspace.expect_state("Unknown")


def _mask(workspace: Workspace) -> np.ndarray:
    """Of the first masklet on the frame that is shown."""
    masks = workspace.masks(workspace.masklet_id("Object 1"))
    return workspace.decoded(masks[workspace.frame()])


def _wait_for_mask(workspace: Workspace, wanted: np.ndarray) -> None:
    wait_for("the mask", lambda: bool(np.array_equal(_mask(workspace), wanted)), 20)


def _square(shape: tuple[int, ...], x: int, y: int) -> np.ndarray:
    square = np.zeros(shape, bool)
    square[y : y + clips.SIDE, x : x + clips.SIDE] = True
    return square
