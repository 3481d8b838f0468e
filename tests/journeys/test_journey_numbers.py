"""The dashboard: what people did shows up in the numbers, and every number leads to its rows."""

from __future__ import annotations

import csv
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.journeys.conftest import People
from tests.journeys.maskloom_process import Maskloom, wait_for
from tests.journeys.pages import Workspace
from tests.journeys.reviewing import hand_in, send_back

pytestmark = pytest.mark.journey


def test_a_manager_goes_from_a_number_to_the_masklets_behind_it(
    people: People, maskloom: Maskloom, project: str, video: dict[str, Any]
) -> None:
    hand_in(maskloom.client("annotator"), video, "Left square")
    client = maskloom.client("manager")
    wait_for(
        "the masklet to be counted",
        lambda: client.get(f"projects/{project}/numbers/table1")["rows"][0]["masklets"] == 1,
        30,
    )
    page = people.sign_in("manager")
    page.goto(f"{maskloom.url}/projects/{project}")
    page.get_by_role("link", name="Numbers", exact=True).click()
    table = page.locator("section", has=page.get_by_role("heading", name="Table 1: effort and agreement"))
    row = table.get_by_role("row", name="Phase 3", exact=False).first
    expect(row.get_by_role("link").first).to_have_text("1")
    expect(table.get_by_role("row", name="SAM 2 paper, phase 3").first).to_contain_text("4.50 s")

    bar = page.get_by_role("link", name="submitted: 1 masklets")
    bar.focus()
    expect(page.get_by_text("submitted: 1 masklets", exact=True)).to_be_visible()
    with page.expect_download() as downloading:
        page.get_by_role("link", name="Funnel as CSV", exact=True).click()
    lines = list(csv.DictReader(downloading.value.path().read_text().splitlines()))
    assert {line["label"]: line["value"] for line in lines}["submitted"] == "1"

    page.locator("select[name=phase]").select_option("Phase 1")
    expect(table.get_by_role("row").nth(1).get_by_role("link").first).to_have_text("0")
    page.locator("select[name=phase]").select_option("Phase 3")
    expect(row.get_by_role("link").first).to_have_text("1")
    row.get_by_role("link").first.click()
    expect(page.get_by_role("heading", name="Masklets behind a number")).to_be_visible()
    expect(page.get_by_text("1 masklet", exact=True)).to_be_visible()
    expect(page.get_by_role("link", name="Left square")).to_be_visible()
    with page.expect_download() as downloading:
        page.get_by_role("link", name="All rows as CSV").click()
    [line] = csv.DictReader(downloading.value.path().read_text().splitlines())
    assert (line["name"], line["state"]) == ("Left square", "submitted")


def test_what_an_annotator_looks_at_is_counted_for_the_masklet_and_its_frame(
    people: People, maskloom: Maskloom, video: dict[str, Any]
) -> None:
    page = people.sign_in("annotator")
    workspace = Workspace(page, maskloom.url, video).open()
    workspace.press("n")
    workspace.canvas.click(40, 40)
    workspace.expect_answered()
    page.goto(maskloom.url)  # what is not told yet is told while the page goes away
    client = maskloom.client("annotator")
    [masklet] = client.get(f"videos/{video['id']}/masklets")["results"]

    def told() -> bool:
        return client.get(f"masklets/{masklet['id']}/coverage")["annotator_ms"][:1] > [0]

    wait_for("the looking to be counted", told, 20)
    found = client.get(f"masklets/{masklet['id']}/coverage")
    assert sum(found["annotator_ms"][1:]) == sum(found["reviewer_ms"]) == 0


def test_an_annotator_is_told_that_the_numbers_are_not_theirs(
    people: People, maskloom: Maskloom, project: str
) -> None:
    people.expect_refusal(403)
    page = people.sign_in("annotator")
    page.goto(f"{maskloom.url}/projects/{project}/numbers")
    expect(page.get_by_text("There is nothing here for you")).to_be_visible()
    expect(page.get_by_role("link", name="Numbers", exact=True)).to_have_count(0)


def test_people_read_what_was_said_of_their_work_and_what_they_said(
    people: People, maskloom: Maskloom, project: str, video: dict[str, Any]
) -> None:
    masklet = hand_in(maskloom.client("annotator"), video, "Left square")
    send_back(maskloom.client("reviewer"), masklet, "The edge slips")
    for name, words in (("annotator", "Sent back"), ("reviewer", "verify"), ("manager", "annotator")):
        page = people.sign_in(name)
        if name == "manager":
            page.goto(f"{maskloom.url}/projects/{project}/people")
            page.get_by_role("row", name=words).get_by_role("link", name="0 %").click()
            expect(page.get_by_text("No verdict is like this")).to_be_visible()
            page.goto(page.url.replace("verdict=satisfactory", "verdict=unsatisfactory"))
        else:
            page.goto(f"{maskloom.url}/projects/{project}/me")
            told = page.locator(".tile, tr").filter(has_text=words)
            told.get_by_role("link", name="1", exact=True).click()
        expect(page.get_by_role("heading", name="Verdicts behind a number")).to_be_visible()
        row = page.get_by_role("row", name="Left square")
        expect(row).to_contain_text("The edge slips")
        expect(row).to_contain_text("annotator")
        with page.expect_download() as downloading:
            page.get_by_role("link", name="All rows as CSV").click()
        [line] = csv.DictReader(downloading.value.path().read_text().splitlines())
        assert (line["verdict"], line["worker"], line["comment"]) == (
            "unsatisfactory", "annotator", "The edge slips",
        )  # fmt: skip
    annotator = people.sign_in("annotator")
    annotator.goto(f"{maskloom.url}/projects/{project}/me")
    tile = annotator.locator(".tile", has_text="Masklets handed in")
    tile.get_by_role("link", name="1", exact=True).click()
    row = annotator.get_by_role("row", name="Left square")
    expect(row).to_contain_text("To refine")
    row.get_by_role("link", name="Left square").click()
    expect(annotator.get_by_text("The edge slips")).to_be_visible()
