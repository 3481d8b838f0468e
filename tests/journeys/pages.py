"""What a person sees and does on each page, in the pages' own words."""

from __future__ import annotations

import base64
import io
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import cv2
import numpy as np
from PIL import Image
from playwright.sync_api import Locator, Page, expect

from inference_worker.protocol import rle
from tests.journeys.maskloom_process import wait_for

MARGIN = 12  # CSS pixels around a frame that fits
EDGE = 5.0  # CSS pixels that an outline may reach to either side
POINT = 9  # CSS pixels of radius
TAG = 16  # CSS pixels of the masklet's number
CLOSE, MOST = 16, 0.8  # grey levels, share of the frame: masks and prompts cover the rest
SLOW_MS = 60_000
TRIES = 3  # a server may close a connection that was idle in the moment it is used again
TICK_JS = "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"


def sign_in(page: Page, url: str, username: str, password: str) -> Page:
    page.goto(f"{url}/sign-in?next=/me")  # a page that does not lead on by itself, and says whose it is
    page.get_by_label("Username").fill(username)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(username)
    return page


def upload(page: Page, url: str, project: str, path: Path, environment: str = "") -> Locator:
    """The card of the video that the file becomes."""
    page.goto(f"{url}/projects/{project}")
    with page.expect_file_chooser() as choosing:
        page.get_by_role("button", name="Upload videos").first.click()
    choosing.value.set_files(path)
    if environment:
        page.get_by_text("Metadata for all of them").click()
        page.get_by_label("Environment").select_option(environment)
    page.get_by_role("button", name=re.compile("^Upload 1 file")).click()
    return page.get_by_role("article").filter(has=page.get_by_role("link", name=path.stem, exact=True))


def start_export(page: Page, url: str, project: str, folder: Path) -> Path:
    """The downloaded archive of the project's accepted masklets."""
    page.goto(f"{url}/projects/{project}/exports")
    page.get_by_role("button", name="Start SA-V export").click()
    download = page.get_by_role("link", name=re.compile("^Download"))
    expect(download).to_be_visible(timeout=SLOW_MS)
    with page.expect_download() as downloading:
        download.click()
    archive = folder / "export.zip"
    downloading.value.save_as(archive)
    return archive


class Canvas:
    """The frame as drawn, and how the video lies on it. Coordinates are those of the video."""

    def __init__(self, page: Page, video: dict[str, Any], element: Locator | None = None) -> None:
        self.page, self.video = page, video
        self.element = element or page.locator("canvas.stage-canvas")
        self.fit()

    def fit(self) -> None:
        """What the page shows first: the whole frame, in the middle."""
        self.width, self.height = self.element.evaluate("(c) => [c.clientWidth, c.clientHeight]")
        room = self.width - 2 * MARGIN, self.height - 2 * MARGIN
        self.scale = min(room[0] / self.video["width"], room[1] / self.video["height"])
        self.left = (self.width - self.video["width"] * self.scale) / 2
        self.top = (self.height - self.video["height"] * self.scale) / 2

    def zoomed(self, factor: float) -> None:
        """The page was zoomed about the canvas's middle."""
        self.left = self.width / 2 - (self.width / 2 - self.left) * factor
        self.top = self.height / 2 - (self.height / 2 - self.top) * factor
        self.scale *= factor

    def panned(self, dx: float, dy: float) -> None:
        self.left += dx
        self.top += dy

    def at(self, x: float, y: float) -> tuple[float, float]:
        """The point in the window."""
        box = self.element.bounding_box()
        assert box
        return box["x"] + self.left + x * self.scale, box["y"] + self.top + y * self.scale

    def click(self, x: float, y: float, button: Any = "left") -> None:
        self.page.mouse.click(*self.at(x, y), button=button)

    def drag(self, start: tuple[float, float], end: tuple[float, float], button: Any = "left") -> None:
        self.page.mouse.move(*self.at(*start))
        self.page.mouse.down(button=button)
        self.page.mouse.move(*self.at(*end), steps=8)
        self.page.mouse.up(button=button)

    def wait_for_frame(self, index: int) -> None:
        """The frame itself is drawn, not only a thumbnail in its place."""
        path = self.video["urls"]["frame"].replace("{index}", str(index))
        answer = self.page.request.get(urljoin(self.page.url, path), max_retries=TRIES)
        stored = np.array(Image.open(io.BytesIO(answer.body())).convert("RGB")).astype(int)
        wait_for("the frame", lambda: self._shows(stored), 20)

    def _shows(self, frame: np.ndarray) -> bool:
        drawn = self.on_video(self.picture()).astype(int)
        off = np.abs(frame - drawn).max(axis=2)[self.in_sight()]
        return bool(np.mean(off <= CLOSE) > MOST)

    def picture(self) -> np.ndarray:
        """uint8, height x width x 3 of the canvas."""
        self.page.evaluate(TICK_JS)
        url = self.element.evaluate("(canvas) => canvas.toDataURL('image/png')")
        return np.array(Image.open(io.BytesIO(base64.b64decode(url.partition(",")[2]))).convert("RGB"))

    def on_video(self, picture: np.ndarray) -> np.ndarray:
        """The canvas's pixel under the middle of each video pixel; False or black beyond the canvas."""
        height, width = self.video["height"], self.video["width"]
        ys = np.floor(self.top + (np.arange(height) + 0.5) * self.scale).astype(int)
        xs = np.floor(self.left + (np.arange(width) + 0.5) * self.scale).astype(int)
        seen = picture[np.clip(ys, 0, self.height - 1)][:, np.clip(xs, 0, self.width - 1)].copy()
        seen[(ys < 0) | (ys >= self.height)] = 0
        seen[:, (xs < 0) | (xs >= self.width)] = 0
        return seen

    def in_sight(self) -> np.ndarray:
        """bool, video's height x width: whether the pixel lies on the canvas."""
        return self.on_video(np.ones((self.height, self.width), bool))

    def assert_drawn(
        self, changed: np.ndarray, mask: np.ndarray, points: Iterable[tuple[float, float]] = ()
    ) -> None:
        """Raises when what an overlay changed is not this mask, save for the width of its outline.

        points: prompts on this frame, which cover the mask.
        """
        reach = int(np.ceil(EDGE / self.scale))
        disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * reach + 1, 2 * reach + 1))
        outer = cv2.dilate(mask.astype(np.uint8), disc).astype(bool)
        if mask.any():
            outer[self._number_of(mask)] = True
        missing = mask & self.in_sight() & ~changed
        for x, y in points:
            ys, xs = np.ogrid[: mask.shape[0], : mask.shape[1]]
            missing &= np.hypot(xs + 0.5 - x, ys + 0.5 - y) * self.scale > POINT
        assert missing.sum() <= 0.02 * mask.sum(), f"{missing.sum()} of {mask.sum()} pixels are not drawn"
        beyond = np.argwhere(changed & ~outer)
        assert not len(beyond), f"drawn beyond the mask at (y, x) {beyond[:9].tolist()}"

    def _number_of(self, mask: np.ndarray) -> tuple[slice, slice]:
        """Where the masklet's number stands: above the mask's upper left corner, and never off the canvas."""
        (y, x), side = np.argwhere(mask).min(axis=0), TAG + 2
        left = (max(self.left + x * self.scale, 2) - 1 - self.left) / self.scale
        bottom = (max(self.top + y * self.scale - 3, TAG + 2) + 1 - self.top) / self.scale
        rows = slice(max(int(bottom - side / self.scale), 0), int(bottom) + 1)
        return rows, slice(max(int(left), 0), int(left + side / self.scale) + 1)


class Workspace:
    """The annotator's page of one video."""

    def __init__(self, page: Page, url: str, video: dict[str, Any]) -> None:
        self.page, self.url, self.video = page, url, video

    def open(self) -> Workspace:
        self.page.goto(f"{self.url}/videos/{self.video['id']}/annotate")
        return self.wait_until_open()

    def wait_until_open(self, finish: str = "Submit for review") -> Workspace:
        """finish: the button that ends the work on this page."""
        expect(self.page.get_by_role("button", name=finish)).to_be_visible(timeout=SLOW_MS)
        self.canvas = Canvas(self.page, self.video)
        self.wait_for_frame()
        return self

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)

    def act(self, name: str) -> Locator:
        return self.page.locator(f"[data-act={name}]")

    def tool(self, name: str) -> None:
        self.act(f"tool-{name}").click()

    def go_to(self, frame: int) -> None:
        self.press("g")
        self.page.keyboard.type(str(frame))
        self.press("Enter")
        assert self.frame() == frame
        self.wait_for_frame()

    def frame(self) -> int:
        self.page.evaluate(TICK_JS)
        return int(self.page.locator(".frame-label input").input_value())

    def wait_for_frame(self) -> None:
        self.canvas.wait_for_frame(self.frame())

    def row(self, name: str) -> Locator:
        return self.page.get_by_label("Masklets", exact=True).get_by_role("listitem").filter(has_text=name)

    def names(self) -> list[str]:
        self.page.evaluate(TICK_JS)
        return self.page.locator(".masklet-name").all_inner_texts()

    def expect_state(self, state: str) -> None:
        """Of the selected masklet on this frame."""
        expect(self.page.locator(".frame-panel .frame-state")).to_have_text(state, timeout=SLOW_MS)

    def expect_saved(self) -> None:
        self.page.evaluate(TICK_JS)  # what was just done is seen by then
        expect(self.page.locator(".saved")).to_have_text("Saved", timeout=SLOW_MS)

    def expect_answered(self) -> None:
        """Everything is saved, and the model owes no mask."""
        self.expect_saved()
        expect(self.page.locator(".masklet .spinner")).to_have_count(0, timeout=SLOW_MS)

    def add(self, name: str) -> None:
        """A new masklet of that name, selected."""
        before = len(self.names())
        self.press("n")
        expect(self.page.locator(".masklet-name")).to_have_count(before + 1)
        expect(self.page.locator(".masklet").last).to_have_attribute("aria-current", "true")
        self.rename(name)

    def rename(self, name: str) -> None:
        """The selected masklet."""
        self.press("F2")
        self.page.keyboard.type(name)
        self.press("Enter")
        expect(self.row(name)).to_have_attribute("aria-current", "true")
        self.expect_saved()

    def wait_until_tracked(self) -> None:
        """The pass that was asked for is over."""
        self.expect_saved()
        expect(self.page.locator(".pass")).to_be_hidden(timeout=3 * SLOW_MS)
        self.expect_answered()

    def overlay(self) -> np.ndarray:
        """bool, video's height x width: the pixels that the selected masklet's overlay changes."""
        shown = self.canvas.picture()
        self.press("h")
        hidden = self.canvas.picture()
        self.press("h")
        self.page.evaluate(TICK_JS)
        return self.canvas.on_video((shown != hidden).any(axis=2))

    def bare(self) -> np.ndarray:
        """uint8, video's height x width x 3: the frame without the selected masklet's overlay."""
        self.press("h")
        picture = self.canvas.on_video(self.canvas.picture())
        self.press("h")
        return picture

    def masks(self, masklet: int) -> dict[int, dict[str, Any]]:
        """The masklet's masks as the server holds them, by frame index."""
        answer = self.page.request.get(f"{self.url}/api/masklets/{masklet}/masks", max_retries=TRIES)
        assert answer.ok, answer.text()
        return {mask["frame_index"]: mask for mask in answer.json()}

    def masklet_id(self, name: str) -> int:
        return int(self.row(name).get_attribute("data-id") or 0)

    def decoded(self, mask: dict[str, Any]) -> np.ndarray:
        return rle.decode(mask["counts"], self.video["height"], self.video["width"])


class Review:
    """The reviewer's page of one masklet."""

    def __init__(self, page: Page, url: str, video: dict[str, Any]) -> None:
        self.page, self.url, self.video = page, url, video

    def open_next(self, project: str) -> Review:
        self.page.goto(f"{self.url}/projects/{project}/reviews")
        self.page.get_by_role("link", name="Review next").click()
        expect(self.page.get_by_role("button", name=re.compile("^Satisfactory"))).to_be_visible()
        self.canvas = Canvas(self.page, self.video)
        return self

    def overlay_at(self, frame: int) -> np.ndarray:
        """bool, video's height x width: the pixels that the overlay changes on the frame that is shown."""
        expect(self.page.get_by_text(re.compile(f"^Frame {frame} of "))).to_be_visible()
        self.canvas.wait_for_frame(frame)
        self.press("h", "h")  # outline, off
        hidden = self.canvas.picture()
        self.press("h")
        return self.canvas.on_video((self.canvas.picture() != hidden).any(axis=2))

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)

    def mark(self, x: float, y: float, text: str) -> None:
        self.press("i")
        self.canvas.click(x, y)
        self.page.keyboard.type(text)
        self.press("Enter")

    def judge(self, verdict: str) -> None:
        self.page.get_by_role("button", name=re.compile(f"^{verdict}")).click()
        expect(self.page.get_by_role("heading", name="Reviews")).to_be_visible()
