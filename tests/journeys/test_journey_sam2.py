"""The workspace with SAM 2 at work: a small one, whose masks are of no use but whose ways are the real ones."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.inference_worker.engines import small_sam2
from tests.journeys import clips
from tests.journeys.conftest import People
from tests.journeys.maskloom_process import Maskloom
from tests.journeys.pages import Workspace

pytestmark = pytest.mark.journey
NOTICE = "SAM 2 is not at work, opencv stands in."


@pytest.fixture(scope="module")
def maskloom(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Maskloom]:
    weights = tmp_path_factory.mktemp("models") / "small-sam2"
    small_sam2.modules().save_pretrained(weights)
    running = Maskloom(MASKLOOM_ENGINE=f"sam2:{weights}")
    try:
        yield running.wait_until_ready()
    finally:
        running.stop()


def test_clicks_and_passes_are_answered_by_the_model_that_the_page_and_every_mask_name(
    people: People, maskloom: Maskloom, video: dict[str, Any]
) -> None:
    workspace = Workspace(people.sign_in("annotator"), maskloom.url, video).open()
    expect(workspace.page.get_by_text("small-sam2 · ready")).to_be_visible()
    for x, y in (clips.orange_at(0), (clips.orange_at(0)[0] + 4, clips.orange_at(0)[1] + 4)):
        workspace.canvas.click(x + clips.SIDE / 2, y + clips.SIDE / 2)
        workspace.expect_answered()
    workspace.press("p")
    workspace.wait_until_tracked()
    tracked = workspace.masks(workspace.masklet_id("Object 1"))
    assert sorted(tracked) == list(range(0, video["frame_count"], video["stride"]))
    makers = maskloom.rows(
        "SELECT DISTINCT v.engine, v.weights, length(v.weights_sha256) FROM annotator_mask m "
        "JOIN annotator_modelversion v ON v.id = m.model_version_id "
        "JOIN annotator_masklet t ON t.id = m.masklet_id WHERE t.video_id = %s",
        video["id"],
    )
    assert makers == [("sam2", "small-sam2", 64)]


def test_the_page_says_why_another_engine_stands_in_until_that_is_read(
    people: People, maskloom: Maskloom, video: dict[str, Any]
) -> None:
    workspace = Workspace(people.sign_in("annotator"), maskloom.url, video).open()
    maskloom.execute(
        "UPDATE annotator_session SET engine_notice = %s WHERE video_id = %s", NOTICE, video["id"]
    )
    workspace.page.reload()
    workspace.wait_until_open()
    notice = workspace.page.get_by_text(NOTICE)
    expect(notice).to_be_visible()
    workspace.page.get_by_role("button", name="Got it").click()
    expect(notice).to_be_hidden()
    workspace.page.reload()
    workspace.wait_until_open()
    expect(notice).to_be_hidden()
