"""The pages without a mouse, and for eyes and readers that need words and contrast."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.journeys import clips
from tests.journeys.conftest import People
from tests.journeys.maskloom_process import Maskloom
from tests.journeys.pages import Review, Workspace

pytestmark = pytest.mark.journey

LEAST_CONTRAST = 4.5  # WCAG 2 AA, of text that is not large
TABS = 60

FOCUS_JS = """() => {
  const at = document.activeElement;
  return at ? (at.getAttribute("aria-label") ?? at.textContent ?? "").trim() : "";
}"""

NAMELESS_JS = """() => {
  const controls = document.querySelectorAll("button, a[href], input, select, textarea, [role=slider], canvas[tabindex]");
  const nameOf = (control) => control.getAttribute("aria-label")
    || (control.labels && [...control.labels].map((label) => label.textContent).join(" "))
    || control.textContent || control.title || control.alt || "";
  return [...controls]
    .filter((control) => control.checkVisibility() && control.type !== "hidden" && control.getAttribute("aria-hidden") !== "true")
    .filter((control) => !nameOf(control).trim())
    .map((control) => control.outerHTML.slice(0, 120));
}"""

FAINT_JS = """() => {
  const canvas = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });
  const rgba = (color) => {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = color;
    canvas.fillRect(0, 0, 1, 1);
    const [r, g, b, a] = canvas.getImageData(0, 0, 1, 1).data;
    return { rgb: [r, g, b], a: a / 255 };
  };
  const over = (top, under) => top.rgb.map((value, i) => value * top.a + under[i] * (1 - top.a));
  const backgroundOf = (element) => {
    const layers = [];
    for (let at = element; at; at = at.parentElement) layers.push(rgba(getComputedStyle(at).backgroundColor));
    return layers.reverse().reduce((under, layer) => over(layer, under), [0, 0, 0]);
  };
  const linear = (value) => (value / 255 <= 0.04045 ? value / 255 / 12.92 : ((value / 255 + 0.055) / 1.055) ** 2.4);
  const luminance = ([r, g, b]) => 0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b);
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const found = [];
  while (texts.nextNode()) {
    const element = texts.currentNode.parentElement;
    const text = texts.currentNode.textContent.trim();
    if (!text || element.closest("script, style, :disabled, .visually-hidden, .skip-link, [aria-hidden=true]")) continue;
    if (!element.checkVisibility({ opacityProperty: true, visibilityProperty: true })) continue;
    const background = backgroundOf(element);
    const [light, dark] = [luminance(over(rgba(getComputedStyle(element).color), background)), luminance(background)].sort((a, b) => b - a);
    found.push({ text: text.slice(0, 40), where: element.className || element.tagName, contrast: (light + 0.05) / (dark + 0.05) });
  }
  return found;
}"""


def test_a_masklet_lives_its_whole_life_by_keys_but_for_the_click_on_the_object(
    people: People, maskloom: Maskloom, project: str, video: dict[str, Any]
) -> None:
    annotator = people.sign_in("annotator")
    annotator.goto(f"{maskloom.url}/projects/{project}")
    _tab_to(annotator, f"Annotate {video['name']}")
    annotator.keyboard.press("Enter")
    workspace = Workspace(annotator, maskloom.url, video).wait_until_open()
    workspace.add("Orange")
    x, y = clips.orange_at(0)
    workspace.canvas.click(x + clips.SIDE / 2, y + clips.SIDE / 2)
    workspace.expect_answered()
    workspace.press("k")
    workspace.expect_state("Accepted")
    workspace.press("p")
    workspace.wait_until_tracked()
    expect(workspace.row("Orange")).to_contain_text("13 of 13")
    workspace.press("End", "k")
    workspace.expect_state("Accepted")
    workspace.press("Control+Enter")
    expect(annotator.get_by_role("button", name="Submit 1 masklet")).to_be_focused()
    workspace.press("Enter")
    expect(annotator.get_by_role("dialog", name="All masklets are submitted")).to_be_visible()
    _tab_to(annotator, "To the project")
    annotator.keyboard.press("Enter")

    reviewer = people.sign_in("reviewer")
    reviewer.goto(f"{maskloom.url}/projects/{project}/reviews")
    _tab_to(reviewer, "Review next")
    reviewer.keyboard.press("Enter")
    expect(reviewer.get_by_role("heading", name="Orange")).to_be_visible()
    review = Review(reviewer, maskloom.url, video)
    review.press("Space", "End", "Home", "Shift+i")
    reviewer.keyboard.type("The whole frame is fine")
    review.press("Enter", "a")
    expect(reviewer.get_by_role("dialog", name="Satisfactory, with marks?")).to_be_visible()
    review.press("Enter")
    expect(reviewer.get_by_role("heading", name="Nothing waits for a verdict")).to_be_visible()
    [masklet] = maskloom.client("annotator").get(f"videos/{video['id']}/masklets")["results"]
    assert masklet["state"] == "accepted"


def _tab_to(page: Page, name: str) -> None:
    expect(page.get_by_role("link", name=name)).to_be_visible()
    for _ in range(TABS):
        page.keyboard.press("Tab")
        if page.evaluate(FOCUS_JS) == name:
            return
    raise AssertionError(f"{name} is not reached with the Tab key")


@pytest.mark.parametrize(
    "path",
    [
        "",
        "me",
        "projects/sample",
        "projects/sample/work",
        "projects/sample/reviews",
        "projects/sample/exports",
        "projects/sample/settings",
        "VIDEO",
        "VIDEO/annotate",
    ],
)
def test_every_control_has_a_name_and_every_text_stands_out(
    people: People, maskloom: Maskloom, path: str
) -> None:
    video = maskloom.client("manager").get("projects/sample/videos")["results"][-1]["id"]
    page = people.sign_in("manager")
    page.goto(f"{maskloom.url}/{path.replace('VIDEO', f'videos/{video}')}")
    _assert_readable(page)


def test_the_review_page_and_the_sign_in_page_are_readable_too(people: People, maskloom: Maskloom) -> None:
    people.expect_refusal(401)  # what a page still asks for while one signs out
    reviewer = people.sign_in("reviewer")
    reviewer.goto(f"{maskloom.url}/projects/sample/reviews")
    reviewer.get_by_role("link", name="Review next").click()
    expect(reviewer.get_by_role("button", name="Unsatisfactory")).to_be_visible()
    _assert_readable(reviewer)
    reviewer.goto(maskloom.url)
    reviewer.get_by_role("button", name="Sign out").click()
    expect(reviewer.get_by_role("heading", name="Sign in to Maskloom")).to_be_visible()
    _assert_readable(reviewer)


REFRESHED_JS = """async () => {
  const loaded = performance.getEntriesByType("resource").map(({ name }) => name);
  const { fillKeyed, h } = await import(loaded.find((name) => /[/]ui[/]dom[.]/.test(name)));
  const list = h("ul", { id: "refreshed" });
  document.body.prepend(list);
  window.show = (...rows) => fillKeyed(list, rows, ({ id }) => id, ({ id, words }) => h("li", {}, h("button", { "aria-label": `Stop ${id}` }, words)));
}"""


def test_a_list_that_is_refreshed_keeps_the_focus_and_the_button_that_is_being_pressed(
    people: People, maskloom: Maskloom
) -> None:
    page = people.sign_in("manager")
    page.goto(f"{maskloom.url}/projects/sample/exports")
    expect(page.get_by_role("heading", name="Exports", exact=True)).to_be_visible()
    page.evaluate(REFRESHED_JS)
    page.evaluate("show({ id: 1, words: '10 %' }, { id: 2, words: '20 %' })")
    second = page.get_by_role("button", name="Stop 2")
    second.focus()
    page.evaluate("show({ id: 3, words: '0 %' }, { id: 1, words: '11 %' }, { id: 2, words: '20 %' })")
    expect(second).to_be_focused()  # its row is the same, in another place
    page.evaluate("show({ id: 1, words: '12 %' }, { id: 2, words: '22 %' })")
    expect(second).to_be_focused()  # its row is another one
    expect(second).to_have_text("22 %")
    second.hover()
    page.mouse.down()
    page.evaluate("show({ id: 1, words: '13 %' }, { id: 2, words: '23 %' })")
    expect(second).to_have_text("22 %")
    page.evaluate(
        "document.querySelector('#refreshed').addEventListener('click', () => { window.pressed = true; })"
    )
    page.mouse.up()
    assert page.evaluate("window.pressed")
    page.evaluate("show({ id: 1, words: '13 %' }, { id: 2, words: '24 %' })")
    expect(second).to_have_text("24 %")


def _assert_readable(page: Page) -> None:
    expect(page.locator("[aria-busy=true], .skeleton, .spinner").filter(visible=True)).to_have_count(0)
    texts = page.evaluate(FAINT_JS)
    assert len(texts) > 3
    assert [text for text in texts if text["contrast"] < LEAST_CONTRAST] == []
    assert page.evaluate(NAMELESS_JS) == []
