"""A new annotator trains on gold, sees where they went wrong, is promoted, and gets production work."""

from __future__ import annotations

import re
import uuid
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from annotator.simulation.client import Client
from tests.journeys.conftest import People
from tests.journeys.maskloom_process import Maskloom, wait_for
from tests.journeys.reviewing import hand_in, square

pytestmark = pytest.mark.journey
BESIDE = 12  # pixels that the trainee draws beside the gold


def accept(client: Client, masklet: int) -> None:
    opened = client.post(f"masklets/{masklet}/sessions")
    version = opened["masklets"][0]["version"]
    client.post(
        f"sessions/{opened['session']['id']}/verdict", verdict="satisfactory", base_version=version, marks=[]
    )


@pytest.fixture
def gold(maskloom: Maskloom, people: People, project: str, video: dict[str, Any]) -> int:
    """A masklet that the owner drew and the manager made gold on the video's page."""
    masklet = hand_in(maskloom.client("owner"), video, "Square")
    accept(maskloom.client("reviewer"), masklet)
    page = people.sign_in("manager")
    page.goto(f"{maskloom.url}/videos/{video['id']}")
    page.get_by_role("button", name="Make Square gold").click()
    expect(page.get_by_role("button", name="Take Square out of gold")).to_be_visible()
    return masklet


def draw_beside(client: Client, page: Page, video: dict[str, Any]) -> None:
    """The trainee's masks, as their brush would leave them: all frames but the given one are off by some pixels."""
    task = int(re.findall(r"task=(\d+)", page.url)[0])
    held = client.get(f"tasks/{task}")
    at, version = f"sessions/{held['session']}/masklets/{held['masklet']['id']}", held["masklet"]["version"]
    for frame in range(video["stride"], video["frame_count"], video["stride"]):
        made = client.post(
            f"{at}/prompts",
            frame_index=frame,
            prompts=[{"kind": "mask", "counts": square(video, 20 + frame + BESIDE * (frame > 20))}],
            base_version=version,
            client_id=str(uuid.uuid4()),
        )
        version = made["masklet"]["version"]


def test_a_trainee_is_measured_sees_the_difference_is_promoted_and_gets_production_work(
    people: People, maskloom: Maskloom, project: str, video: dict[str, Any], gold: int
) -> None:
    owner, trainee = maskloom.client("owner"), maskloom.client("annotator")
    owner.patch(f"projects/{project}", promotion_tasks=1, promotion_score=0.5)
    owner.put(f"projects/{project}/members/annotator", role="annotator", queue="training")
    owner.post(f"projects/{project}/tasks", kind="select", video=video["id"])

    page = people.sign_in("annotator")
    page.goto(f"{maskloom.url}/projects/{project}/work")
    page.get_by_role("button", name="Next task").first.click()
    expect(page.get_by_text("Square").first).to_be_visible()
    page.wait_for_url(re.compile("task="))
    draw_beside(trainee, page, video)
    page.reload()
    page.get_by_role("button", name=re.compile("^Submit")).first.click()
    expect(page.get_by_role("dialog", name="Submitted")).to_be_visible()
    card = f"projects/{project}/people/annotator/scorecard"
    wait_for("the score", lambda: trainee.get(card)["gold_scores"], 60)

    page.goto(f"{maskloom.url}/projects/{project}/me")
    expect(page.get_by_role("heading", name="annotator")).to_be_visible()
    page.get_by_role("link", name="Square", exact=True).click()
    frames = page.get_by_role("list", name="Frames, the worst first")
    expect(frames.get_by_role("button").first).to_be_visible()
    scores = [float(text.split()[-1]) for text in frames.get_by_role("button").all_inner_texts()]
    assert scores == sorted(scores) and scores[0] < 0.6 and scores[-1] == 1
    expect(page.get_by_role("status").filter(has_text="missing")).to_contain_text(f"{BESIDE * 40} px missing")
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("status").filter(has_text="missing")).to_contain_text(
        f"{BESIDE * 40} px too much"
    )

    manager = people.sign_in("manager")
    manager.goto(f"{maskloom.url}/projects/{project}/people")
    expect(manager.get_by_text("Eligible")).to_be_visible()
    manager.get_by_role("link", name="annotator").click()
    manager.get_by_role("button", name="Promote to production").click()
    expect(manager.get_by_text("Promoted to production.")).to_be_visible()

    page.goto(f"{maskloom.url}/projects/{project}/work")
    page.get_by_role("button", name="Next task").first.click()
    page.wait_for_url(re.compile("task="))
    task = trainee.get(f"tasks/{re.findall(r'task=([0-9]+)', page.url)[0]}")
    assert (task["kind"], task["queue"]) == ("select", "production")
