"""How the project's owner asks whether anything is left in a video, and what comes of the answer."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from annotator.simulation.client import Client
from annotator.simulation.people import Crew

# Before new videos, after what was sent back: else both would be last in line until everything is selected.
FIRST = 5
EVERY_S = 5.0
EARLY = 4  # while there are new videos, one in so many is asked about
_AT_WORK = ("in_work", "submitted", "refine")


class Exhaustivity:
    """listed: all rows of a list. Each video is asked about once, when nothing of it is in work any more."""

    def __init__(self, client: Client, crew: Crew, listed: Callable[[str], list[dict[str, Any]]]) -> None:
        self._client, self._crew, self._listed = client, crew, listed
        self._early = set(sorted(crew.scenes)[::EARLY])
        self._asked: set[int] = set()
        self._raised: set[int] = set()  # videos in which something is left, whose objects are selected next
        self._at = 0.0

    def look(self) -> None:
        """Do what is due, every few seconds."""
        if time.monotonic() > self._at + EVERY_S:
            self.raise_what_is_left()
            self.ask()
            self._at = time.monotonic()

    def ask(self, *, everywhere: bool = False) -> int:
        """Ask of videos that came to an end, of a few of them while others are not begun; how many those are.

        everywhere: of all, as nobody has anything else to do."""
        project = f"projects/{self._crew.project}"
        acts = list(self._crew.journal.acts)
        selected = {act["video"] for act in acts if act["act"] == "done" and act["kind"] == "select"}
        due = selected - self._asked
        if not everywhere and selected != set(self._crew.scenes):
            due &= self._early
        if not due:
            return 0
        at_an_end = [
            video["id"]
            for video in self._listed(f"{project}/videos")
            if video["id"] in due and not any(video["masklets"][state] for state in _AT_WORK)
        ]
        for video in at_an_end:
            asked = self._client.post(f"{project}/tasks", kind="exhaust", video=video)
            self._client.patch(f"tasks/{asked['id']}", priority=FIRST)
            self._asked.add(video)
        return len(at_an_end)

    def raise_what_is_left(self) -> None:
        """Have what was overlooked chosen before anything new: the video is nearly done."""
        acts = list(self._crew.journal.acts)
        left = {act["video"] for act in acts if act["act"] == "answered" and act["left"]}
        for video in left - self._raised:
            path = f"projects/{self._crew.project}/tasks?kind=select&state=waiting&video={video}"
            for task in self._client.get(path)["results"]:
                self._client.patch(f"tasks/{task['id']}", priority=FIRST)
            self._raised.add(video)
