"""Auto masklets, from the videos that a manager chooses to the failures of the model that made them."""

from __future__ import annotations

import csv
import json
import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect
from pycocotools import mask as coco

from tests.journeys import clips
from tests.journeys.conftest import People, ingested
from tests.journeys.maskloom_process import Maskloom, wait_for
from tests.journeys.pages import SLOW_MS

pytestmark = pytest.mark.journey
# Read from a copy: reading a canvas of the page again and again has the browser warn in its console.
OPAQUE_JS = """(canvas) => {
  const copy = new OffscreenCanvas(canvas.width, canvas.height).getContext('2d', { willReadFrequently: true });
  copy.drawImage(canvas, 0, 0);
  const { data } = copy.getImageData(0, 0, canvas.width, canvas.height);
  return data.filter((value, place) => place % 4 === 3 && value > 0).length;
}"""


@pytest.fixture
def other(maskloom: Maskloom, project: str, tmp_path: Path) -> dict[str, Any]:
    """A second video, with fewer frames."""
    return ingested(maskloom.client("manager"), project, clips.write_squares(tmp_path / "other.mp4", 9))


def opened(people: People, maskloom: Maskloom, project: str) -> Page:
    page = people.sign_in("manager")
    page.goto(f"{maskloom.url}/projects/{project}/auto")
    expect(page.get_by_role("button", name="Choose videos")).to_be_visible()
    return page


def run_of(page: Page, name: str) -> Locator:
    """The newest run of a video."""
    return page.get_by_role("row").filter(has=page.get_by_role("link", name=name, exact=True)).first


def test_what_a_run_of_a_chosen_video_made_is_verified_and_its_failure_is_kept(
    people: People, maskloom: Maskloom, project: str, video: dict[str, Any], other: dict[str, Any]
) -> None:
    maskloom.client("owner").patch(f"projects/{project}", auto_refine_share=0)
    page = people.sign_in("manager")
    page.goto(f"{maskloom.url}/projects/{project}/settings")
    page.get_by_label("Most of a video").fill("2")
    page.get_by_role("button", name="Save protocol").click()
    expect(page.get_by_text("Protocol saved.")).to_be_visible()

    page.goto(f"{maskloom.url}/projects/{project}/auto")
    expect(page.get_by_text("at most 2 a video")).to_be_visible()
    expect(page.get_by_role("button", name="Run on all 2 new videos")).to_be_enabled()
    _choose(page, other["name"])
    row = run_of(page, other["name"])
    expect(row.get_by_role("progressbar")).to_be_visible()
    expect(row.get_by_text("Finished")).to_be_visible(timeout=SLOW_MS)
    expect(row.get_by_text("2 waiting for review")).to_be_visible()
    expect(page.get_by_role("button", name="Run on the new video")).to_be_enabled()

    _verify_both(people, maskloom, project)
    page.reload()
    outcome = page.get_by_role("row").filter(has=page.get_by_role("button", name=re.compile("^Failures of")))
    expect(outcome.get_by_role("cell")).to_contain_text(["opencv", "2", "0", "1", "1", "0", "0", "50 %"])
    with page.expect_download() as downloading:
        outcome.get_by_role("link", name=re.compile("CSV$")).click()
    [line] = csv.DictReader(downloading.value.path().read_text().splitlines())
    assert (line["video"], line["state"], line["comment"]) == (other["video_id"], "set_aside", "It slips off")
    with page.expect_download() as downloading:
        outcome.get_by_role("link", name=re.compile("with their masks$")).click()
    [failed] = map(json.loads, downloading.value.path().read_text().splitlines())
    assert [mask["frame_index"] for mask in failed["masks"]] == [0, 4, 8]
    assert coco.area(failed["masks"][0]["segmentation"]) > 0
    outcome.get_by_role("button").click()
    failures = page.get_by_role("dialog")
    expect(failures.get_by_text("It slips off")).to_be_visible()
    drawn = failures.get_by_role("row").nth(1).locator("canvas")
    wait_for("the mask over the frame", lambda: drawn.evaluate(OPAQUE_JS) > clips.SIDE**2 / 2, 20)
    page.keyboard.press("Escape")
    outcome.get_by_role("link", name="1", exact=True).first.click()
    expect(page.get_by_text("outcome: accepted")).to_be_visible()
    expect(page.get_by_role("link", name="Auto 1")).to_be_visible()
    expect(page.get_by_text("1 masklet", exact=True)).to_be_visible()


def test_a_stopped_run_puts_away_what_it_made_and_its_video_can_be_run_on_again(
    people: People, maskloom: Maskloom, project: str, video: dict[str, Any], other: dict[str, Any]
) -> None:
    page = opened(people, maskloom, project)
    page.keyboard.press("n")
    expect(run_of(page, video["name"]).get_by_text("Proposing")).to_be_visible()
    run_of(page, video["name"]).get_by_role("button", name="Stop").click()
    page.get_by_role("dialog").get_by_role("button", name="Stop the run").click()
    expect(run_of(page, video["name"]).get_by_text("Stopped")).to_be_visible()
    run_of(page, video["name"]).get_by_role("button", name="Run again").click()
    expect(page.get_by_role("button", name="All 3")).to_be_visible()
    page.get_by_role("button", name="Stop all").click()
    page.get_by_role("button", name="Stop all runs").click()
    expect(page.get_by_text("2 runs were stopped.")).to_be_visible()
    expect(page.get_by_role("button", name="Run on all 2 new videos")).to_be_enabled()
    manager = maskloom.client("manager")
    assert [run["state"] for run in manager.get(f"projects/{project}/auto-runs")["results"]] == [
        "stopped"
    ] * 3
    for one in (video, other):
        assert manager.get(f"videos/{one['id']}/masklets")["results"] == []


def _choose(page: Page, name: str) -> None:
    """One of the videos, with keys only."""
    page.keyboard.press("c")
    dialog = page.get_by_role("dialog", name="Choose videos for auto masklets")
    expect(dialog.get_by_role("checkbox", name=name)).to_be_visible()
    page.keyboard.type(name)
    expect(dialog.get_by_role("row")).to_have_count(2)  # its own and the headings
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Space")
    expect(dialog.get_by_text("1 chosen")).to_be_visible()
    page.keyboard.press("Enter")
    expect(page.get_by_text("1 run will begin as workers come free.")).to_be_visible()


def _verify_both(people: People, maskloom: Maskloom, project: str) -> None:
    page = people.sign_in("reviewer")
    page.goto(f"{maskloom.url}/projects/{project}/reviews")
    page.get_by_role("link", name="Review next").click()
    expect(page.get_by_role("heading", name="Auto 1")).to_be_visible()
    page.get_by_role("button", name=re.compile("^Satisfactory")).click()
    expect(page.get_by_role("heading", name="Auto 2")).to_be_visible()
    page.get_by_label("Comment", exact=True).fill("It slips off")
    page.get_by_role("button", name=re.compile("^Unsatisfactory")).click()
    expect(page.get_by_role("heading", name="Reviews")).to_be_visible()
