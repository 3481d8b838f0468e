"""What the project's owner does while people work: auto masklets, gold, training and promotion."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from annotator.simulation.client import Client, Refused
from annotator.simulation.exhaustivity import Exhaustivity
from annotator.simulation.people import Crew
from annotator.simulation.phases import Phases

GOLD = 3  # masklets that people are measured on
# Of the track tasks in production, until everybody has met all there is: a small project has few of them.
GOLD_SHARE = 1.0
_AT_WORK = ("queued", "proposing", "tracking")


class Owner:
    """hire: has one more annotator join."""

    def __init__(self, client: Client, crew: Crew, hire: Callable[[], None]) -> None:
        self.client, self.project, self._crew, self._hire = client, crew.project, crew, hire
        self.gold: list[int] = []
        self.promoted: list[str] = []
        self.auto_runs: set[int] = set()  # that were begun, and of which nothing is in the journal yet
        self._in_training = False
        self._has_trainee = False
        self._phases = Phases(client, crew, sorted(crew.scenes))
        self._exhaustivity = Exhaustivity(client, crew, self._all)

    @property
    def is_at_rest(self) -> bool:
        """Nobody in training may be promoted yet, and no model is at work."""
        return not self._in_training and not self.auto_runs

    def begin_auto(self, videos: Sequence[int]) -> None:
        """Have the model propose masklets of these videos."""
        begun = self.client.post(f"projects/{self.project}/auto-runs", videos=list(videos))
        self.auto_runs = set(begun["runs"])

    def look(self) -> None:
        """Do what is due by now."""
        self.take_auto()
        if not self._has_trainee:
            self._make_gold()
        elif not self.promoted:
            self._promote()
        self._phases.look(has_gold=self._has_trainee)
        self._exhaustivity.look()

    def find_work(self) -> bool:
        """For people who find nothing to do; whether there was any."""
        return self._phases.release() or self._exhaustivity.ask(everywhere=True) > 0

    def numbers(self, path: str) -> dict[str, Any]:
        """The server's, of this project."""
        return dict(self.client.get(f"projects/{self.project}/{path}"))

    def take_auto(self) -> None:
        """Write down what the runs that have ended by now made."""
        for pk in sorted(self.auto_runs):
            run = self.client.get(f"auto-runs/{pk}")
            if run["state"] in _AT_WORK:
                continue
            self.auto_runs.remove(pk)
            if run["state"] == "failed":
                self._crew.faults.append(f"auto run {pk}: {run['error']}")
            made = self._all(f"videos/{run['video']['id']}/masklets")
            for masklet in made:
                if masklet["created_by"] == run["requested_by"] and masklet["state"] != "in_work":
                    self._note("auto", masklet=masklet["id"], run=pk)

    def stop_auto(self) -> None:
        """What is not through by now is put away."""
        self.client.post(f"projects/{self.project}/auto-runs/stop")
        self.take_auto()

    def open_tasks(self, query: str = "", states: tuple[str, ...] = ("waiting", "claimed", "on_hold")) -> int:
        """How many tasks wait or are in somebody's hands."""
        path = f"projects/{self.project}/tasks?{query}&page_size=1&state="
        return sum(self.client.get(f"{path}{state}")["count"] for state in states)

    def blind_gold(self) -> list[tuple[str, float]]:
        """Who handed in work on gold in production without knowing, and when (seconds since 1970)."""
        found = []
        for person in self._crew.people:
            card = self.client.get(f"projects/{self.project}/people/{person.username}/scorecard")
            blind = [score for score in card["gold_scores"] if score["queue"] == "production"]
            found += [(person.username, datetime.fromisoformat(s["created_at"]).timestamp()) for s in blind]
        return found

    def tasks_done(self) -> dict[str, int]:
        """How many tasks of each kind are done, by the list of people; `track_tasks` and so on."""
        rows = self._all(f"projects/{self.project}/people")
        return {f"{kind}_tasks": sum(row["tasks"][kind] for row in rows) for kind in rows[0]["tasks"]}

    def _make_gold(self) -> None:
        """Of the first accepted masklets that somebody chose; then somebody new joins, who begins in training as
        there is gold."""
        chosen = {act["masklet"] for act in list(self._crew.journal.acts) if act["act"] == "selected"}
        for row in self._all(f"projects/{self.project}/numbers/masklets", "state=accepted"):
            if row["id"] not in chosen - set(self.gold):
                continue
            try:
                self.client.post(f"masklets/{row['id']}/gold")
            except Refused as refused:  # somebody audits it, or found it not so good meanwhile
                if refused.code not in ("held", "not_accepted"):
                    raise
                continue
            self.gold.append(row["id"])
            self._note("gold", masklet=row["id"])
            if len(self.gold) == GOLD:
                self.client.patch(f"projects/{self.project}", gold_share=GOLD_SHARE)
                self._has_trainee = self._in_training = True
                self._hire()
                return

    def _promote(self) -> None:
        rows = self._all(f"projects/{self.project}/people")
        for row in [row for row in rows if row["queue"] == "training"]:
            training, username = row["training"], row["user"]["username"]
            self._in_training = training["scored"] < GOLD
            if training["eligible"]:
                self.client.post(f"projects/{self.project}/members/{username}/promotion")
                self.promoted.append(username)

    def _note(self, act: str, **facts: Any) -> None:
        self._crew.journal.write("owner", act, **facts)

    def _all(self, path: str, query: str = "") -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        page = f"{path}?{query}&page_size=200"
        while page:
            answer = self.client.get(page)
            found += answer["results"]
            page = answer["next"]
        return found
