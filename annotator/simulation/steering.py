"""What the project's owner does while people work: gold, training, promotion, and asking whether anything is left."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from annotator.simulation.client import Client, Refused

GOLD = 3  # masklets that trainees are measured on


class Owner:
    """hire: has one more annotator join."""

    def __init__(self, client: Client, project: str, hire: Callable[[], None]) -> None:
        self.client, self.project, self._hire = client, project, hire
        self.gold: list[int] = []
        self.promoted: list[str] = []
        self.is_at_rest = True  # nobody in training may be promoted yet
        self._asked_what_is_left = False
        self._has_trainee = False

    def look(self) -> None:
        """Do what is due by now."""
        if not self._has_trainee:
            self._make_gold()
        elif not self.promoted:
            self._promote()
        if not self._asked_what_is_left and self.open_tasks("kind=select") == 0:
            self._asked_what_is_left = True
            for video in self._all(f"projects/{self.project}/videos"):
                self.client.post(f"projects/{self.project}/tasks", kind="exhaust", video=video["id"])

    def open_tasks(self, query: str = "", states: tuple[str, ...] = ("waiting", "claimed", "on_hold")) -> int:
        """How many tasks wait or are in somebody's hands."""
        path = f"projects/{self.project}/tasks?{query}&page_size=1&state="
        return sum(self.client.get(f"{path}{state}")["count"] for state in states)

    def _make_gold(self) -> None:
        """Of the first accepted masklets; then somebody new joins, who begins in training as there is gold."""
        for row in self._all(f"projects/{self.project}/numbers/masklets", "state=accepted"):
            if row["id"] in self.gold:
                continue
            try:
                self.client.post(f"masklets/{row['id']}/gold")
            except Refused as refused:  # somebody audits it, or found it not so good meanwhile
                if refused.code not in ("held", "not_accepted"):
                    raise
                continue
            self.gold.append(row["id"])
            if len(self.gold) == GOLD:
                self._has_trainee, self.is_at_rest = True, False
                self._hire()
                return

    def _promote(self) -> None:
        rows = self._all(f"projects/{self.project}/people")
        for row in [row for row in rows if row["queue"] == "training"]:
            training, username = row["training"], row["user"]["username"]
            self.is_at_rest = training["scored"] >= GOLD
            if training["eligible"]:
                self.client.post(f"projects/{self.project}/members/{username}/promotion")
                self.promoted.append(username)

    def _all(self, path: str, query: str = "") -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        page = f"{path}?{query}&page_size=200"
        while page:
            answer = self.client.get(page)
            found += answer["results"]
            page = answer["next"]
        return found
