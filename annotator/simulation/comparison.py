"""The server's numbers beside those of the crew's own log."""

from __future__ import annotations

import math
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from annotator.simulation import journal
from annotator.simulation.client import Client
from annotator.simulation.journal import Journal
from annotator.simulation.steering import Owner

SETTLED_S = 60  # the server adds its numbers up, and scores work on gold, a few seconds behind
POLL_S = 1.0


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
        done = {f"{kind}_tasks": count for kind, count in journal.tasks_done(written.acts).items()}
        ours = journal.numbers(written.acts, min_edited_frames) | done
        found = Comparison(ours, _of_server(steering.client, steering.project) | steering.tasks_done())
        if not found.differ or time.monotonic() > until:
            return found
        time.sleep(POLL_S)


def _of_server(owner: Client, slug: str) -> dict[str, Any]:
    funnel = owner.get(f"projects/{slug}/numbers/funnel")
    every = (owner.get(f"projects/{slug}/numbers/table1")["rows"] or [{}])[0]
    kinds = owner.get(f"projects/{slug}/numbers/dataset")["rows"]
    people = owner.get(f"projects/{slug}/numbers/people")["rows"]
    return {
        **{row["label"]: row["value"] for row in funnel["rows"]},
        **{f"set_aside_{row['label']}": row["value"] for row in funnel["set_aside"]},
        **every,
        "masklets": every.get("masklets", 0),
        "accepted_auto": sum(row["masklets"] for row in kinds if row["label"] == "auto"),
        **{
            f"{name}_by_person": {row["label"]: row[name] for row in people if row[name]}
            for name in ("masklets", "accepted", "verdicts")
        },
    }


def _same(one: Any, other: Any) -> bool:
    if isinstance(one, float) and isinstance(other, float):
        return math.isclose(one, other, rel_tol=1e-6)
    return bool(one == other)
