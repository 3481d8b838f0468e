"""An image is a video of one frame, and goes through the whole loop as one."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from inference_worker.protocol import rle
from tests.journeys.conftest import People
from tests.journeys.maskloom_process import Maskloom
from tests.journeys.pages import SLOW_MS, Review, Workspace, start_export, upload

pytestmark = pytest.mark.journey

ORIENTATION, QUARTER_TURN = 0x0112, 6  # of EXIF: shown turned by 90 degrees clockwise
SQUARE = 120, 200, 80  # x, y and side, in the image as it is shown


def test_an_image_is_boxed_reviewed_and_exported_the_way_up_it_is_shown(
    people: People, maskloom: Maskloom, project: str, tmp_path: Path
) -> None:
    manager, annotator, reviewer = (people.sign_in(name) for name in ("manager", "annotator", "reviewer"))
    card = upload(manager, maskloom.url, project, _write_turned(tmp_path / "sign.png"))
    expect(card.get_by_text("320 × 480 · image")).to_be_visible(timeout=SLOW_MS)
    [video] = maskloom.client("manager").get(f"projects/{project}/videos")["results"]

    workspace = Workspace(annotator, maskloom.url, video).open()
    expect(workspace.act("propagate")).to_be_hidden()
    x, y, side = SQUARE
    workspace.press("t")
    workspace.canvas.drag((x - 10, y - 10), (x + side + 10, y + side + 10))
    workspace.expect_answered()
    workspace.expect_state("Edited")
    [shown] = workspace.masks(workspace.masklet_id("Object 1")).values()
    mask = workspace.decoded(shown)
    square = _square(mask.shape)
    assert (mask & square).sum() / (mask | square).sum() > 0.8
    workspace.press("w")
    workspace.canvas.assert_drawn(workspace.overlay(), mask)
    _submit(workspace)

    Review(reviewer, maskloom.url, video).open_next(project).judge("Satisfactory")
    _be_told_what_the_export_lacks(manager, maskloom, project)
    _say_where_it_was_taken(manager, maskloom, video)
    archive = start_export(manager, maskloom.url, project, tmp_path)
    assert _exported(archive, video) == {"size": [480, 320], "counts": shown["counts"]}
    assert rle.area(shown["counts"], 480, 320) == shown["area"]


def _write_turned(path: Path) -> Path:
    """A square that lies elsewhere in the file's pixels than where it is shown."""
    picture = np.full((480, 320, 3), 90, np.uint8)
    picture[::7, ::5] = 60
    picture[_square((480, 320))] = (240, 220, 40)
    stored = Image.fromarray(picture).transpose(Image.Transpose.ROTATE_90)
    exif = Image.Exif()
    exif[ORIENTATION] = QUARTER_TURN
    stored.save(path, exif=exif)
    return path


def _square(shape: tuple[int, ...]) -> np.ndarray:
    x, y, side = SQUARE
    square = np.zeros(shape, bool)
    square[y : y + side, x : x + side] = True
    return square


def _submit(workspace: Workspace) -> None:
    workspace.press("Control+Enter")
    workspace.page.get_by_role("button", name="Submit 1 masklet").click()
    expect(workspace.page.get_by_role("dialog", name="All masklets are submitted")).to_be_visible()


def _be_told_what_the_export_lacks(manager: Page, maskloom: Maskloom, project: str) -> None:
    manager.goto(f"{maskloom.url}/projects/{project}/exports")
    manager.get_by_role("button", name="Start SA-V export").click()
    expect(manager.get_by_text("SA-V says of each video whether it is Indoor or Outdoor")).to_be_visible(
        timeout=SLOW_MS
    )


def _say_where_it_was_taken(manager: Page, maskloom: Maskloom, video: dict[str, Any]) -> None:
    manager.goto(f"{maskloom.url}/videos/{video['id']}")
    manager.get_by_label("Environment").select_option("Indoor")
    manager.get_by_role("button", name="Save").click()
    expect(manager.get_by_text("Saved.")).to_be_visible()


def _exported(archive: Path, video: dict[str, Any]) -> Any:
    """The one mask of the archive's one frame."""
    with zipfile.ZipFile(archive) as files:
        [name] = [name for name in files.namelist() if name.endswith(f"{video['video_id']}_manual.json")]
        [[mask]] = json.loads(files.read(name))["masklet"]
    return mask
