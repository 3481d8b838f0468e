"""The data engine at work: a project of known videos, a crew of scripted people, and its numbers compared."""

from __future__ import annotations

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

from annotator.simulation import comparison, journal, phases, scenes
from annotator.simulation.annotators import ScriptedAnnotator
from annotator.simulation.client import Client
from annotator.simulation.people import Crew, Person
from annotator.simulation.reviewers import AllRounder, ScriptedReviewer
from annotator.simulation.steering import Owner

POLL_S = 1.0
IN_VAIN = 5  # pulls in a row that gave everybody nothing
PROTOCOL: dict[str, Any] = {
    "pull_only": True, "audit_share": 0.2, "consensus_share": 0.1, "coverage": "mark", "min_edited_frames": 2,
    "promotion_tasks": 3, "promotion_score": 0.6, "auto_most": 4, "auto_refine_share": 0.5,
}  # fmt: skip
AUTO_EVERY = 2  # of so many videos one has auto masklets


HIRED: dict[str, type[Person]] = {
    "annotator": ScriptedAnnotator, "reviewer": ScriptedReviewer, "manager": AllRounder,
}  # fmt: skip


@dataclass(frozen=True)
class Plan:
    """annotators: people who select and track; besides them one reviewer for two, three at least, one who does
    everything, and one who joins later and has to train first. hours: of real time, at most. videos, objects:
    drifting squares; folders: labelled sequences besides."""

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
    owner.post("projects", name="Simulation", slug=slug, phase=phases.FIRST, **PROTOCOL)
    written = journal.Journal(log)
    with _uploaded(owner, slug, plan, say) as known:
        for video, scene in known.items():
            whole = range(0, scene.frames, scenes.STRIDE)
            written.write(
                "owner", "uploaded", video=video, size=scene.size, frames=scene.frames, annotated=len(whole)
            )
        crew = Crew(base, slug, known, written)
        steering = Owner(owner, crew, lambda: _hire(crew, owner, "annotator", care=0.8))
        steering.begin_auto(sorted(known)[::AUTO_EVERY])
        _gather(crew, owner, plan.annotators)
        say(f"{len(crew.people)} people begin on {len(known)} videos")
        _wait(steering, crew, began + 3600 * plan.hours, say)
        crew.over.set()
        for person in crew.people:
            person.join()
        steering.stop_auto()
    found = comparison.compare(steering, written, PROTOCOL["min_edited_frames"])
    written.close()
    return {
        "project": slug, "seconds": round(time.monotonic() - began, 1), "log": str(log),
        "tasks_done": journal.tasks_done(written.acts), "acts": journal.counts(written.acts, "act"),
        "refused": journal.counts(written.acts, "code"), "verdicts": journal.counts(written.acts, "verdict"),
        "gold": len(steering.gold), "promoted": len(steering.promoted),
        "held_tasks": steering.open_tasks(states=("claimed", "on_hold")),
        "nobodys_tasks": _nobodys(owner, slug), "numbers": found.ours, "differ": found.differ,
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


def _gather(crew: Crew, owner: Client, annotators: int) -> None:
    for role, count in (("annotator", annotators), ("reviewer", max(3, annotators // 2)), ("manager", 1)):
        for care in np.linspace(0.3, 1, count):
            _hire(crew, owner, role, float(care))


def _hire(crew: Crew, owner: Client, role: str, care: float) -> None:
    """One more member of the project, at work."""
    username, password = f"{crew.project}-{role}-{len(crew.people)}", secrets.token_urlsafe(16)
    owner.post("people", username=username, password=password)
    owner.put(f"projects/{crew.project}/members/{username}", role=role)
    person = HIRED[role](crew, username, Client.sign_in(crew.base, username, password), care)
    crew.people.append(person)
    person.start()


def _wait(steering: Owner, crew: Crew, until: float, say: Callable[[str], None]) -> None:
    """Until nothing is left to do, nobody here may do what is left, or the time is up."""
    told, busy_at = 0.0, time.monotonic()
    while time.monotonic() < until:
        steering.look()
        if not steering.is_at_rest or steering.open_tasks(states=("claimed", "on_hold")):
            busy_at = time.monotonic()
        # What somebody or a model had may be in the queue by now: everybody has to have asked since.
        if all(p.pulls_in_vain >= IN_VAIN and p.idle_at > busy_at for p in crew.people):
            if not steering.find_work():
                return
            busy_at = time.monotonic()
        if time.monotonic() - told > 10:
            told = time.monotonic()
            say(
                f"{steering.open_tasks()} tasks are open, {len(crew.journal.acts)} acts done, {len(crew.faults)} faults"
            )
        time.sleep(POLL_S)


def _nobodys(owner: Client, slug: str) -> dict[str, int]:
    """Tasks left waiting, by kind: those whose earlier stages everybody here had a part in."""
    left = owner.get(f"projects/{slug}/tasks?state=waiting&page_size=200")["results"]
    return dict(Counter(task["kind"] for task in left))
