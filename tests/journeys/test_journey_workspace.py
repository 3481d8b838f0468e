"""Every tool and key of the workspace, on a clip whose objects are told apart by colour."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from inference_worker.protocol import rle
from tests.journeys import clips
from tests.journeys.conftest import People
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
    for frame in (0, 48):
        workspace.go_to(frame)
        _assert_drawn_on_its_object(workspace, workspace.decoded(masks[frame]))


def _assert_drawn_on_its_object(workspace: Workspace, mask: np.ndarray) -> None:
    workspace.canvas.assert_drawn(workspace.overlay(), mask)
    shown = clips.orange_in(workspace.bare())
    seen = workspace.canvas.in_sight()
    assert shown.any()
    assert iou(mask & seen, shown & seen) > 0.8
