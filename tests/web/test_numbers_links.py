"""Every number on the page of numbers leads to rows, and the rows come to that number."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Page, expect, sync_playwright

from annotator.models import MaskletFacts, ModelVersion, Project, Task, User, Video
from annotator.services import cells
from tests.annotator.api.http import Http
from tests.annotator.counted import World
from tests.factories import make_member, make_video

pytestmark = pytest.mark.journey
Rows = list[dict[str, Any]]
# Each number with its name, its text and where it leads; the paper's own numbers lead nowhere.
SHOWN = """() => [...document.querySelectorAll('#page td, #page dd, #page svg .chart-mark')].flatMap((cell) => {
  if (cell.closest('.numbers-published') || cell.querySelector('.chart-published')) return [];
  const figure = cell.closest('figure');
  const line = cell.closest('tr, dl > div');
  if (line?.firstElementChild === cell || line?.textContent.startsWith('Paper')) return [];
  const name = figure ? figure.querySelector('figcaption span').textContent
    : cell.matches('dd') ? line.querySelector('dt').textContent
    : cell.closest('table').querySelectorAll('thead th')[cell.cellIndex].textContent;
  const bar = cell.matches('.chart-mark');
  if (bar && figure.querySelector('.chart-line')) return [];  // a day says several numbers; the table has each
  const text = bar ? cell.getAttribute('aria-label').split(': ').at(-1) : cell.textContent;
  if (!/[0-9]/.test(text)) return [];
  return [{ name, text, href: (bar ? cell : cell.querySelector('a'))?.getAttribute('href') ?? null }];
})"""


def _name(head: str) -> str:
    """Without the time that it is of."""
    return re.sub(r", (all time|weeks asked|28 days|days asked)$", "", head)


def _share(sub: float, whole: float) -> float:
    return 100 * sub / whole


def _total(rows: Rows, column: str) -> float:
    return sum(row[column] for row in rows)


def _seconds_per_frame(rows: Rows) -> float:
    timed = [row for row in rows if row["active_ms"]]
    return _total(timed, "active_ms") / 1000 / _total(timed, "frames")


def _edited(rows: Rows) -> float:
    return 100 * sum(row["edited_frames"] / row["frames"] for row in rows) / len(rows)


def _aligned(rows: Rows) -> float:
    return _share(_total(rows, "aligned"), _total(rows, "compared"))


def _closed_per_day(rows: Rows, since: str) -> float:
    return len(rows) / ((timezone.now().date() - date.fromisoformat(since)).days + 1)


COMES_TO: dict[str, Callable[[Rows], float]] = {
    "Seconds / frame": _seconds_per_frame,
    "Edited frames": _edited,
    "Clicks / clicked frame": lambda rows: _total(rows, "clicks") / _total(rows, "clicked_frames"),
    **dict.fromkeys(("Phase 1 alignment", "Small", "Medium", "Large"), _aligned),
    "GPU seconds in all": lambda rows: _total(rows, "engine_ms") / 1000,
    "GPU seconds per accepted masklet": lambda rows: (
        _total(rows, "engine_ms") / 1000 / sum(row["state"] == "accepted" for row in rows)
    ),
    "Active": lambda rows: _total(rows, "active_ms") / 3_600_000,
    "Duration": lambda rows: _total(rows, "duration_s") / 3600,
    "Masks": lambda rows: _total(rows, "visible_frames"),
    "Frames": lambda rows: _total(rows, "annotated_count"),
}
# Shares: what of the link the whole is without.
PART_OF = {
    "Sent back": "verdict",
    "Satisfactory": "verdict",
    "Disappearance rate": "disappears",
}
MOMENTS = ("Through at this pace", "Oldest waits", "Mean wait")


class Behind:
    """The rows that links of the page lead to, asked of the API once each."""

    def __init__(self, manager: User) -> None:
        self._http = Http(manager)
        self._known: dict[str, Rows] = {}

    def rows(self, href: str) -> Rows:
        if href not in self._known:
            self._known[href] = self._all(href)
        return self._known[href]

    def _all(self, href: str) -> Rows:
        path, query = urlsplit(href).path.strip("/"), parse_qsl(urlsplit(href).query)
        if path.endswith("/queue"):
            path = path.replace("/queue", "/tasks")
            query = [("state" if name == "view" else name, value) for name, value in query]
        elif "/numbers/" not in path:
            path += "/videos"
        answer = self._http("GET", f"{path}?{urlencode([*query, ('page_size', '200')])}")
        assert answer.status_code == 200, (href, answer.content)
        found = answer.json()  # type: ignore[attr-defined]
        assert found["count"] == len(found["results"])
        return found["results"]

    def comes_to(self, name: str, href: str) -> float:
        """What a number of this name is by the rows behind it."""
        rows = self.rows(href)
        if name.startswith("Closed per day"):
            return _closed_per_day(rows, name.rsplit(" ", 1)[1])
        name = _name(name)
        if name in PART_OF:
            kept = [pair for pair in parse_qsl(urlsplit(href).query) if pair[0] != PART_OF[name]]
            whole = f"{urlsplit(href).path}?{urlencode(kept)}"
            return _share(len(rows), len(self.rows(whole)))
        return COMES_TO[name](rows) if name in COMES_TO else len(rows)


def _fill(world: World) -> None:
    """Masklets of every kind, drawn by chance that is the same each time."""
    chance = random.Random(7)
    people = [world.person, make_member(world.project, "annotator", "ben")]
    models = [world.model, ModelVersion.objects.create(engine="opencv"), None]
    videos = [make_video(world.project, world.manager, frames=41 + 8 * n) for n in range(30)]
    for n, video in enumerate(videos):
        told = {"country": f"Country {n % 23}" if n % 5 else "", "environment": ("Indoor", "")[n % 2]}
        Video.objects.filter(pk=video.pk).update(author=f"author {n}", **told)
    gold = world.masklet("accepted", videos[0], phase=1)
    states = ("in_work", "submitted", "refine", "accepted", "accepted", "rejected", "set_aside")
    for n in range(120):
        state, is_auto = states[n % 7], n % 4 == 0
        is_copy = n % 13 == 0 and not is_auto
        days_ago = chance.choice((0, 1, 3, 9, 20, 40))
        row = world.masklet(
            "set_aside" if is_copy else state, chance.choice(videos), type="auto" if is_auto else "manual",
            set_aside="gold" if is_copy else chance.choice(("too_easy", "not_chosen")) if state == "set_aside" else "",
            gold_of=gold.masklet if is_copy else None, phase=chance.choice((1, 2, 3, None)),
            submitted_at=None if state == "in_work" and not is_copy else timezone.now() - timedelta(days=days_ago),
            person=chance.choice(people), model_version=chance.choice(models), **_counted(chance),
        )  # fmt: skip
        MaskletFacts.objects.filter(pk=row.pk).update(
            moved_at=timezone.now() - timedelta(days=chance.choice((0, 2, 5)))
        )
        _task(world, row, n)
        if row.submitted_at and not is_copy:
            world.verdict(
                row, chance.choice(("satisfactory", "unsatisfactory", "rejected")),
                timezone.now() - timedelta(days=chance.choice((1, 9, 50))),
                worker=None if is_auto else chance.choice(people), reviewer=chance.choice([world.manager, *people]),
                stage=("verify", "audit")[n % 3 == 0],
            )  # fmt: skip


def _counted(chance: random.Random) -> dict[str, Any]:
    area, compared = chance.choice((500.0, 3000.0, 20_000.0)), chance.choice((0, 0, 8))
    return {
        "frames": chance.choice((10, 40)), "edited_frames": chance.randrange(8), "clicks": chance.randrange(1, 9),
        "clicked_frames": chance.randrange(1, 5), "active_ms": chance.choice((0, 90_000, 700_000)),
        "visible_frames": chance.randrange(1, 10), "mean_area": area, "relative_area": area / 40_000,
        "first_slot": chance.randrange(10), "visibility_changes": chance.randrange(4),
        "engine_ms": chance.randrange(9000), "verdicts": (verdicts := chance.randrange(3)),
        "returns": min(verdicts, chance.randrange(2)), "compared": compared,
        "aligned": compared and chance.randrange(8),
        "bucket": chance.choice(("small", "medium", "large")) if compared else "",
    }  # fmt: skip


def _task(world: World, row: MaskletFacts, n: int) -> None:
    state = ("waiting", "claimed", "on_hold", "done", "done")[n % 5]
    done = {"done_at": timezone.now(), "outcome": "satisfactory"}
    Task.objects.create(
        project=world.project, video=row.video, masklet_id=row.pk, state=state,
        kind=("verify", "audit", "track")[n % 3], holder=None if state == "waiting" else world.manager,
        **(done if state == "done" else {}),
    )  # fmt: skip


@pytest.fixture
def world(within_a_day: None, transactional_db: None, project: Project, manager: User) -> World:
    world = World(project, manager)
    _fill(world)
    cells.add_up_touched()
    return world


def _open(page: Page, address: str, query: str, by: str) -> list[dict[str, Any]]:
    page.goto(f"{address}/projects/street/numbers?{query}")
    expect(page.get_by_text("As of")).to_be_visible(timeout=30_000)
    if by:
        with page.expect_response(lambda answer: f"by={by}" in answer.url):
            page.get_by_label("Table 1 by").select_option(by)
        expect(page.get_by_text("As of")).to_be_visible(timeout=30_000)
        expect(page.get_by_label("Table 1 by")).to_have_value(by)
    return page.evaluate(SHOWN)


def _weeks() -> str:
    today = datetime.now(UTC).date()
    return urlencode({"since": today - timedelta(days=21), "until": today - timedelta(days=7)})


def test_every_number_is_what_the_rows_behind_it_come_to(
    world: World, live_server: Any, browser_path: str
) -> None:
    visitor = Client()
    visitor.force_login(world.manager)
    cookie = visitor.cookies[settings.SESSION_COOKIE_NAME].value
    views = [("", ""), ("", "person"), ("", "model"), ("", "week"), ("type=auto", ""), ("phase=2", ""),
             ("person=ben", ""), (_weeks(), "")]  # fmt: skip
    shown = {}
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=browser_path, args=["--no-sandbox"])
        context = browser.new_context()
        context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": live_server.url}])
        page = context.new_page()
        for query, by in views:
            shown[query, by] = _open(page, live_server.url, query, by)
        browser.close()
    behind = Behind(world.manager)
    wrong = [
        (view, number, found)
        for view, numbers in shown.items()
        for number in numbers
        if (found := _mistake(behind, number)) is not None
    ]
    assert wrong == []
    assert len(shown["", ""]) > 250
    names = {_name(number["name"]) for number in shown["", ""]}
    assert names >= {*COMES_TO, *PART_OF, "Masklets", "Videos", "Countries", "Masklets per day", "Waiting"}


def _mistake(behind: Behind, number: dict[str, Any]) -> str | None:
    """Why the number does not follow from the rows that it leads to; None where it does."""
    if number["href"] is None:
        return "leads nowhere"
    if number["name"] in MOMENTS:
        return None if behind.rows(number["href"]) else "no rows"
    said = re.match(r"-?[\d,]+(\.\d+)?", number["text"])
    assert said, number
    exact = 0.5 * 10 ** -len((said[1] or ".")[1:])
    found = behind.comes_to(number["name"], number["href"])
    return None if abs(float(said[0].replace(",", "")) - found) <= exact + 1e-9 else f"rows come to {found}"
