"""How the project's owner leads it through its phases: a stretch of each, in the same order as in the paper."""

from __future__ import annotations

from collections.abc import Sequence

from annotator.simulation.client import Client
from annotator.simulation.people import Crew

FIRST, LAST = 1, 3
FIRST_VIDEOS = 10  # one video in so many is selected from in phase 1
LATER = "later phases"  # a skill that nobody has
LONGER = 2  # how much more is handed in before phase 3 than before phase 2


class Phases:
    """videos: of the project, of which all but a few wait for phase 2."""

    def __init__(self, client: Client, crew: Crew, videos: Sequence[int]) -> None:
        self.client, self._crew = client, crew
        self.phase = FIRST
        self._handed_in = 0  # when the phase began
        self._later: list[int] = []
        first = videos[: max(1, len(videos) // FIRST_VIDEOS)]
        crew.journal.write("owner", "phase", phase=FIRST)
        for video in set(videos) - set(first):
            [select] = client.get(f"projects/{crew.project}/tasks?kind=select&video={video}")["results"]
            client.patch(f"tasks/{select['id']}", skill=LATER)
            self._later.append(select["id"])

    def look(self, *, has_gold: bool) -> None:
        """Phase 2 begins when work can be measured on gold of phase 1."""
        if self.phase == FIRST:
            is_due = has_gold
        else:
            is_due = self.phase < LAST and self._done > (1 + LONGER) * self._handed_in
        if is_due:
            self._begin_next()

    def release(self) -> bool:
        """Go on where nobody finds anything to do in phase 1; whether anything waited for a later phase."""
        if self._later:
            self._begin_next()
            return True
        return False

    @property
    def _done(self) -> int:
        return sum(act["act"] == "submitted" for act in list(self._crew.journal.acts))

    def _begin_next(self) -> None:
        self._handed_in = self._done
        with self._crew.turn.nobody_hands_in():
            self.client.patch(f"projects/{self._crew.project}", phase=self.phase + 1)
            self.phase += 1
            self._crew.journal.write("owner", "phase", phase=self.phase)
        for task in self._later:
            self.client.patch(f"tasks/{task}", skill="")
        self._later = []
