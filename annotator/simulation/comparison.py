"""The server's numbers beside those of the crew's own log."""

from __future__ import annotations

import math
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from annotator.simulation import journal
from annotator.simulation.history import History
from annotator.simulation.journal import Journal
from annotator.simulation.steering import Owner
from annotator.simulation.tables import funnel, people, table1, table3, throughput
from annotator.simulation.tables.answers import Get

SETTLED_S = 60  # the server adds its numbers up, and scores work on gold, a few seconds behind
POLL_S = 1.0
TABLES = (funnel, table1, table3, throughput, people)


@dataclass(frozen=True)
class Comparison:
    """ours: from the log; theirs: the server's, under the same names."""

    ours: Mapping[str, Any]
    theirs: Mapping[str, Any]

    @property
    def differ(self) -> dict[str, list[Any]]:
        """[ours, theirs] of each number that is not the same."""
        each = {name: [self.ours[name], self.theirs.get(name)] for name in self.ours}
        return {name: pair for name, pair in each.items() if not _same(*pair)}


def compare(steering: Owner, written: Journal, min_edited_frames: int) -> Comparison:
    """Both, once the server has caught up with what was done. Work on gold is written down as it gets known."""
    until, known = time.monotonic() + SETTLED_S, set[int]()
    while True:
        for masklet in journal.on_gold(written.acts, steering.blind_gold()) - known:
            known.add(masklet)
            written.write("owner", "was_gold", masklet=masklet)
        history = History(written.acts, min_edited_frames)
        done = {f"{kind}_tasks": count for kind, count in journal.tasks_done(written.acts).items()}
        found = Comparison(of_log(history) | done, of_server(steering.numbers) | steering.tasks_done())
        if not found.differ or time.monotonic() > until:
            return found
        time.sleep(POLL_S)


def of_log(history: History) -> dict[str, Any]:
    """What the acts come to, computed from them alone, under the names of the server's own numbers."""
    return {name: value for table in TABLES for name, value in table.of_log(history).items()}


def of_server(get: Get) -> dict[str, Any]:
    return {name: value for table in TABLES for name, value in table.of_server(get).items()}


def _same(one: Any, other: Any) -> bool:
    if isinstance(one, float) and isinstance(other, float):
        return math.isclose(one, other, rel_tol=1e-6)
    return bool(one == other)
