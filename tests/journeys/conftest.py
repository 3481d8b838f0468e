"""One whole Maskloom for all journeys, a browser, and people who are signed in."""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, expect, sync_playwright

from annotator.simulation.client import Client
from tests.journeys import clips
from tests.journeys.maskloom_process import Maskloom, wait_for
from tests.journeys.pages import sign_in

CAST = ("annotator", "reviewer", "manager")
SWITCHES = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)
FAILED = pytest.StashKey[bool]()
SHOWN_JS = """() => JSON.stringify({
  focus: document.hasFocus(), visible: document.visibilityState,
  active: document.activeElement?.outerHTML.slice(0, 200),
  dialogs: [...document.querySelectorAll('dialog[open]')].map((dialog) => dialog.innerText),
  text: document.body.innerText.slice(0, 2000),
}, null, 1)"""
WINDOW: Any = {"width": 1440, "height": 900}
PATIENCE_MS = 20_000
expect.set_options(timeout=PATIENCE_MS)


@pytest.fixture(scope="session")
def maskloom() -> Iterator[Maskloom]:
    running = Maskloom(MASKLOOM_SIGN_IN_RATE="1000/min")  # the cast signs in again for every journey
    try:
        yield running.wait_until_ready()
    finally:
        running.stop()


@pytest.fixture(scope="module")  # its event loop must not outlive the journeys
def browser(browser_path: str) -> Iterator[Browser]:
    with (
        sync_playwright() as playwright,
        playwright.chromium.launch(executable_path=browser_path, args=list(SWITCHES)) as running,
    ):
        yield running


class People:
    """Signs people in, each in a browser of their own, and remembers every fault of their pages."""

    def __init__(self, browser: Browser, maskloom: Maskloom) -> None:
        self._browser, self._maskloom = browser, maskloom
        self._logins: dict[str, str] = json.loads(
            (maskloom.data / "state" / "sample-logins.json").read_text()
        )
        self._pages: list[Page] = []
        self._refusals: set[int] = set()
        self.faults: list[str] = []

    def sign_in(self, username: str) -> Page:
        page = self.watch(self._browser.new_context(viewport=WINDOW, accept_downloads=True).new_page())
        return sign_in(page, self._maskloom.url, username, self._logins[username])

    def watch(self, page: Page) -> Page:
        page.set_default_timeout(PATIENCE_MS)
        page.on("console", self._hear)
        page.on("pageerror", lambda error: self.faults.append(f"{error.name}: {error.message}"))
        self._pages.append(page)
        return page

    def expect_refusal(self, status: int) -> None:
        """The server will answer so to something: the browser itself writes that to its console."""
        self._refusals.add(status)

    def describe(self) -> str:
        """What each page shows and holds, for the report of a journey that failed."""
        return "\n".join(
            f"{page.url}\n{page.evaluate(SHOWN_JS)}" for page in self._pages if not page.is_closed()
        )

    def leave(self) -> None:
        for page in self._pages:
            page.context.close()

    def _hear(self, message: ConsoleMessage) -> None:
        refused = re.search(r"responded with a status of (\d+)", message.text)
        expected = refused and int(refused[1]) in self._refusals
        if message.type in ("error", "warning") and not expected:
            self.faults.append(f"{message.type}: {message.text}")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    item.stash.setdefault(FAILED, False)
    item.stash[FAILED] |= report.failed
    return report


@pytest.fixture
def people(request: pytest.FixtureRequest, browser: Browser, maskloom: Maskloom) -> Iterator[People]:
    everybody = People(browser, maskloom)
    yield everybody
    if request.node.stash.get(FAILED, False):
        print(everybody.describe())
    everybody.leave()
    assert everybody.faults == []


@pytest.fixture
def project(maskloom: Maskloom) -> str:
    """The slug of a new project with the whole cast, so that no journey meets another one's work."""
    owner = maskloom.client("owner")
    slug: str = owner.post("projects", name=f"Journey {secrets.token_hex(4)}")["slug"]
    for username in CAST:
        owner.put(f"projects/{slug}/members/{username}", role=username)
    return slug


@pytest.fixture(scope="session")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return clips.write_squares(tmp_path_factory.mktemp("clips") / "squares.mp4")


@pytest.fixture
def video(maskloom: Maskloom, project: str, clip: Path) -> dict[str, Any]:
    """The clip of two squares, ready to be worked on."""
    return ingested(maskloom.client("manager"), project, clip)


def ingested(client: Client, project: str, path: Path) -> dict[str, Any]:
    pk = client.upload(project, path)
    wait_for(f"{path.name} to be ingested", lambda: client.get(f"videos/{pk}")["state"] == "ready", 60)
    video: dict[str, Any] = client.get(f"videos/{pk}")
    return video
