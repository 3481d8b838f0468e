"""The data engine at work: a project of known videos, a crew of scripted people, and its numbers compared."""

from __future__ import annotations

import math
import secrets
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from annotator.simulation import journal, scenes
from annotator.simulation.client import Client
from annotator.simulation.people import AllRounder, Crew, Person, ScriptedAnnotator, ScriptedReviewer

POLL_S = 0.5
IN_VAIN = 6  # pulls in a row that gave everybody nothing
SETTLED_S = 60  # the server adds its numbers up a few seconds behind
PROTOCOL: dict[str, Any] = {
    "pull_only": True, "audit_share": 0.2, "consensus_share": 0.1, "coverage": "mark", "min_edited_frames": 2,
}  # fmt: skip


@dataclass(frozen=True)
class Plan:
    """annotators: people who select and track; one reviewer for two of them, three at least, and one who does everything.
    hours: of real time, at most. videos, objects: drifting squares; folders: labelled sequences besides."""

    annotators: int
    hours: float
    videos: int
    objects: int
    sample: bool = False
    folders: Sequence[Path] = ()


def run(base: str, owner: Client, plan: Plan, log: Path, say: Callable[[str], None]) -> dict[str, Any]:
    """Do it, and tell what was done, by whom it was refused, and where the numbers of log and server differ."""
    began = time.monotonic()
    slug = f"simulation-{secrets.token_hex(3)}"
    owner.post("projects", name="Simulation", slug=slug, **PROTOCOL)
    written = journal.Journal(log)
    with _uploaded(owner, slug, plan, say) as known:
        crew = Crew(base, slug, known, written)
        people = _people(crew, owner, plan.annotators)
        say(f"{len(people)} people begin on {len(known)} videos")
        for person in people:
            person.start()
        _wait(owner, crew, people, began + 3600 * plan.hours, say)
        crew.over.set()
        for person in people:
            person.join()
    written.close()
    ours = journal.numbers(written.acts, PROTOCOL["min_edited_frames"])
    theirs = _numbers(owner, slug, ours)
    return {
        "project": slug, "seconds": round(time.monotonic() - began, 1), "log": str(log),
        "tasks_done": journal.tasks_done(written.acts), "refused": _refusals(written.acts),
        "held_tasks": _open_tasks(owner, slug, ("claimed", "on_hold")),
        "nobodys_tasks": _nobodys(owner, slug), "numbers": theirs,
        "differ": {name: [ours[name], theirs[name]] for name in ours if not _same(ours[name], theirs[name])},
        "faults": crew.faults,
    }  # fmt: skip


@contextmanager
def _uploaded(
    owner: Client, slug: str, plan: Plan, say: Callable[[str], None]
) -> Iterator[Mapping[int, scenes.Scene]]:
    with tempfile.TemporaryDirectory() as folder:
        made = list(_scenes(Path(folder), plan))
        say(f"Uploading {len(made)} videos")
        known = {owner.upload(slug, scene.path, environment="Indoor"): scene for scene in made}
        for pk in known:
            while (video := owner.get(f"videos/{pk}"))["state"] in ("queued", "ingesting"):
                time.sleep(POLL_S)
            if video["state"] != "ready":
                raise OSError(f"A video was refused: {video['refusal']}")
        yield known


def _scenes(folder: Path, plan: Plan) -> Iterator[scenes.Scene]:
    for number in range(plan.videos):
        yield scenes.drifting(folder / f"drifting_{number:03}.mp4", number, plan.objects)
    if plan.sample:
        yield scenes.balloons(folder / "balloons.mp4")
    for number, sequence in enumerate(plan.folders):
        yield scenes.labelled(folder / f"{sequence.name}_{number}.mp4", sequence)


def _people(crew: Crew, owner: Client, annotators: int) -> list[Person]:
    crowd: list[tuple[type[Person], str, int]] = [
        (ScriptedAnnotator, "annotator", annotators),
        (ScriptedReviewer, "reviewer", max(3, annotators // 2)),
        (AllRounder, "manager", 1),
    ]
    return [
        kind(crew, *_member(crew, owner, role, number), float(care))
        for kind, role, count in crowd
        for number, care in enumerate(np.linspace(0.3, 1, count))
    ]


def _member(crew: Crew, owner: Client, role: str, number: int) -> tuple[str, Client]:
    username, password = f"{crew.project}-{role}-{number}", secrets.token_urlsafe(16)
    owner.post("people", username=username, password=password)
    owner.put(f"projects/{crew.project}/members/{username}", role=role)
    return username, Client.sign_in(crew.base, username, password)


def _wait(
    owner: Client, crew: Crew, people: Sequence[Person], until: float, say: Callable[[str], None]
) -> None:
    """Until nothing is left to do, nobody here may do what is left, or the time is up."""
    told = 0.0
    while time.monotonic() < until:
        left = _open_tasks(owner, crew.project)
        held = _open_tasks(owner, crew.project, ("claimed", "on_hold"))
        if not left or (not held and all(person.pulls_in_vain >= IN_VAIN for person in people)):
            return
        if time.monotonic() - told > 10:
            told = time.monotonic()
            say(f"{left} tasks are open, {len(crew.journal.acts)} acts done, {len(crew.faults)} faults")
        time.sleep(POLL_S)


def _open_tasks(owner: Client, slug: str, states: Sequence[str] = ("waiting", "claimed", "on_hold")) -> int:
    return sum(owner.get(f"projects/{slug}/tasks?state={state}")["count"] for state in states)


def _numbers(owner: Client, slug: str, ours: Mapping[str, Any]) -> dict[str, Any]:
    """The server's numbers, once they have caught up with what was done."""
    until = time.monotonic() + SETTLED_S
    while True:
        funnel = {row["label"]: row["value"] for row in owner.get(f"projects/{slug}/numbers/funnel")["rows"]}
        every = (owner.get(f"projects/{slug}/numbers/table1")["rows"] or [{}])[0]
        found = {name: (funnel | every).get(name) for name in ours}
        if all(_same(ours[name], found[name]) for name in ours) or time.monotonic() > until:
            return found
        time.sleep(POLL_S)


def _same(one: float | None, other: float | None) -> bool:
    if one is None or other is None:
        return one == other
    return math.isclose(one, other, rel_tol=1e-6)


def _nobodys(owner: Client, slug: str) -> dict[str, int]:
    """Tasks left waiting, by kind: those whose earlier stages everybody here had a part in."""
    left = owner.get(f"projects/{slug}/tasks?state=waiting")["results"]
    return dict(Counter(task["kind"] for task in left))


def _refusals(acts: list[dict[str, Any]]) -> dict[str, int]:
    found: dict[str, int] = {}
    for act in acts:
        if act["act"] == "refused":
            found[act["code"]] = found.get(act["code"], 0) + 1
    return found
