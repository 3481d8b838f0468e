"""A key goes to the frame where the object was lost, says why, and then to the next worst."""

from __future__ import annotations

import csv
import json
import re
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import expect

from annotator.simulation.client import Client
from inference_worker.protocol import rle
from tests.journeys import clips
from tests.journeys.conftest import People
from tests.journeys.maskloom_process import Maskloom, wait_for
from tests.journeys.pages import Workspace
from tests.journeys.reviewing import accept, hand_in

pytestmark = pytest.mark.journey
LAST = clips.FRAMES - 1


class Hand:
    """An annotator's masklet whose masks are drawn through the API."""

    def __init__(self, client: Client, video: dict[str, Any]) -> None:
        self.client, self.session = client, client.post(f"videos/{video['id']}/sessions")["session"]["id"]
        self.masklet = self._ask("masklets", name="Square")

    def draw(self, frame: int, corner: tuple[int, int], side: int = clips.SIDE) -> None:
        mask = np.zeros((clips.HEIGHT, clips.WIDTH), bool)
        mask[corner[1] : corner[1] + side, corner[0] : corner[0] + side] = True
        self._change("prompts", frame_index=frame, prompts=[{"kind": "mask", "counts": rle.encode(mask)}])

    def fill(self, start: int) -> None:
        """By a pass, to the next frame that was drawn."""
        based = [{"id": self.masklet["id"], "base_version": self._version()}]
        made = self._ask("propagations", masklets=based, start_frame=start, direction="forward")
        wait_for("the pass", lambda: self._state(made["id"]) == "finished", 60)

    def submit(self) -> None:
        self._ask("submit", masklets=[{"id": self.masklet["id"], "base_version": self._version()}])

    def suspicions(self) -> dict[int, float]:
        masks = self.client.get(f"masklets/{self.masklet['id']}/masks")
        return {mask["frame_index"]: mask["suspicion"] for mask in masks if mask["suspicion"] is not None}

    def _version(self) -> int:
        version: int = self.client.get(f"masklets/{self.masklet['id']}")["version"]
        return version

    def _state(self, propagation: int) -> str:
        passes = self.client.get(f"sessions/{self.session}")["propagations"]
        return next(row["state"] for row in passes if row["id"] == propagation)

    def _change(self, path: str, **body: Any) -> None:
        self._ask(f"masklets/{self.masklet['id']}/{path}", base_version=self._version(), **body)

    def _ask(self, path: str, **body: Any) -> Any:
        return self.client.post(f"sessions/{self.session}/{path}", **body)


@pytest.fixture
def hand(maskloom: Maskloom, video: dict[str, Any]) -> Hand:
    """Tracked on the orange square up to where a person drew the blue one, and from there to a smaller one."""
    hand = Hand(maskloom.client("annotator"), video)
    hand.draw(0, clips.orange_at(0))
    hand.draw(24, clips.blue_at(24))
    hand.draw(LAST, clips.blue_at(LAST), side=clips.SIDE // 2)
    hand.fill(0)
    hand.fill(24)
    return hand


def test_q_goes_to_the_worst_frame_of_the_workspace_and_on_to_the_next_worst(
    maskloom: Maskloom, people: People, video: dict[str, Any], hand: Hand
) -> None:
    ranked = sorted(hand.suspicions().items(), key=lambda item: -item[1])
    assert [frame for frame, _ in ranked[:2]] == [20, LAST - 4]
    page = people.sign_in("annotator")
    workspace = Workspace(page, maskloom.url, video).open()
    workspace.press("q")
    assert workspace.frame() == 20
    told = re.compile(f"{round(ranked[0][1] * 100)} % suspicious")
    expect(page.locator(".frame-panel .frame-state")).to_have_attribute("title", told)
    why = page.get_by_role("region", name="Why this mask is suspicious")
    expect(why.get_by_role("heading")).to_have_text(told)
    expect(why.get_by_role("listitem").first).to_contain_text("jumped")
    workspace.act("worst").click()
    expect(why.get_by_role("listitem").first).to_contain_text("area")
    assert workspace.frame() == LAST - 4
    # What a person decides is no more suspected: the worst is another frame then.
    workspace.go_to(20)
    workspace.press("k")
    workspace.expect_state("Accepted")
    expect(why).to_be_hidden()
    workspace.expect_saved()
    workspace.press("q")
    assert workspace.frame() == LAST - 4
    workspace.press("Control+z")
    workspace.expect_saved()
    workspace.press("q")
    assert workspace.frame() == 20


def test_q_leads_a_reviewer_to_the_worst_frame_and_says_why_on_it(
    maskloom: Maskloom, people: People, hand: Hand
) -> None:
    hand.submit()
    page = people.sign_in("reviewer")
    page.goto(f"{maskloom.url}/masklets/{hand.masklet['id']}/review")
    expect(page.get_by_text("Frame 0 of ")).to_be_visible()
    page.keyboard.press("q")
    expect(page.get_by_text("Frame 20 of ")).to_be_visible()
    expect(page.get_by_text(re.compile("% suspicious: jumped"))).to_be_visible()
    page.get_by_role("button", name=re.compile("^Worst frame")).click()
    expect(page.get_by_text(f"Frame {LAST - 4} of ")).to_be_visible()
    page.keyboard.press("Home")
    expect(page.get_by_text("% suspicious")).to_be_hidden()


REPORT = {
    "verdicts": 120, "satisfactory": 80, "folds": 5, "brier": 0.101, "brier_of_the_share": 0.222,
    "calibration": [
        {"from": n / 10, "to": (n + 1) / 10, "predicted": n / 10 + 0.05, "observed": n / 10, "count": 4 * n + 4}
        for n in range(10)
    ],
    "confusion": [
        {"threshold": 0.5, "both": 74, "model_only": 9, "people_only": 6, "neither": 31},
        {"threshold": 0.9, "both": 40, "model_only": 1, "people_only": 40, "neither": 39},
    ],
}  # fmt: skip
WEIGHTS = {
    "names": ["suspicion_max", "score_mean"], "means": [0, 0], "scales": [1, 1], "coefficients": [-2.1, 0.4],
    "intercept": 0,
}  # fmt: skip


def test_a_manager_sees_how_far_the_verifier_model_agrees_with_people(
    maskloom: Maskloom, people: People, project: str, video: dict[str, Any]
) -> None:
    page = people.sign_in("manager")
    people.expect_refusal(422)
    page.goto(f"{maskloom.url}/projects/{project}/verifier")
    expect(page.get_by_text("It decides nothing")).to_be_visible()
    page.get_by_role("button", name="Train on the verdicts so far").click()
    expect(page.get_by_text("People found 0 masklets satisfactory and 0 not.")).to_be_visible()
    maskloom.execute(
        "INSERT INTO annotator_verifiermodel (project_id, trained_by_id, state, weights, report, error, "
        "created_at, progress_at) SELECT project.id, member.user_id, 'done', %s::jsonb, %s::jsonb, '', now(), now() "
        "FROM annotator_project project JOIN annotator_membership member ON member.project_id = project.id "
        "WHERE project.slug = %s LIMIT 1",
        json.dumps(WEIGHTS), json.dumps(REPORT), project,
    )  # fmt: skip
    owner = maskloom.client("owner")
    owner.patch(f"projects/{project}", verifier_threshold=0.92, verifier_audit_share=0.2)
    page.reload()
    expect(
        page.get_by_text("It accepts by itself what it gives 92 % or more; people audit 20 %")
    ).to_be_visible()
    expect(page.locator("svg.calibration circle")).to_have_count(10)
    chosen = page.locator("tr.verifier-chosen td")
    expect(chosen).to_have_text(["90 %", "40", "1", "40", "39", "34 %", "98 %"])
    expect(page.get_by_text("highest suspicion of a mask")).to_be_visible()
    expect(chosen.get_by_role("link")).to_have_count(0)  # a report of before the cases were kept

    masklet = hand_in(maskloom.client("annotator"), video, "Left square")
    accept(maskloom.client("reviewer"), masklet)
    maskloom.execute(
        "UPDATE annotator_verifiermodel SET report = report || jsonb_build_object('held_out', jsonb_build_object("
        "verdict.id::text, 0.9731)) FROM annotator_verification verdict WHERE verdict.masklet_id = %s",
        masklet,
    )
    page.reload()
    expect(chosen.get_by_role("link")).to_have_count(6)
    chosen.nth(1).get_by_role("link").click()
    expect(page.get_by_role("heading", name="Cases behind a number")).to_be_visible()
    expect(page.get_by_text("both satisfactory")).to_be_visible()
    expect(page.get_by_role("cell", name="97.3 %")).to_be_visible()
    page.get_by_role("link", name="Verifier model").click()
    page.get_by_role("link", name=re.compile("^90 % to 100 %")).click()
    expect(page.get_by_role("link", name="Left square")).to_be_visible()
    page.go_back()
    with page.expect_download() as downloading:
        page.get_by_role("link", name="CSV").click()
    [line] = csv.DictReader(downloading.value.path().read_text().splitlines())
    assert (line["masklet"], line["verdict"], line["probability"]) == (str(masklet), "satisfactory", "0.9731")
