"""A scripted crew works through a whole project; what the server counts is what its people wrote down."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from annotator.simulation import engine, people
from tests.journeys.maskloom_process import ROOT, Maskloom

pytestmark = pytest.mark.journey


@pytest.fixture(scope="module")
def maskloom() -> Iterator[Maskloom]:
    """One whose model costs no time: what is looked at is the queue."""
    running = Maskloom(MASKLOOM_ENGINE="scripted", MASKLOOM_SIGN_IN_RATE="1000/min")
    try:
        yield running.wait_until_ready()
    finally:
        running.stop()


def test_a_crew_finishes_a_project_and_the_numbers_are_those_of_its_own_log(
    maskloom: Maskloom, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # So small a project would be tracked before its reviewers have looked again and made blind gold possible.
    monkeypatch.setattr(people, "MOST_IDLE_S", 1.0)
    plan = engine.Plan(annotators=3, hours=0.25, videos=2, objects=3)
    found = engine.run(maskloom.url, maskloom.client("owner"), plan, tmp_path / "log.jsonl", print)
    assert found["faults"] == []
    assert found["differ"] == {}
    assert found["held_tasks"] == 0
    assert set(found["nobodys_tasks"]) <= {"verify", "audit", "decide"}  # the crew is small
    assert {"select", "track", "verify", "exhaust"} <= set(found["tasks_done"])
    assert found["numbers"]["tracked"] >= 6
    assert (found["gold"], found["promoted"]) == (3, 1)  # who joined late trained on them first
    acts = [json.loads(line) for line in (tmp_path / "log.jsonl").read_text().splitlines()]
    auto, judged, handed_in, gold = (
        {act["masklet"] for act in acts if act["act"] == name}
        for name in ("auto", "verdict", "submitted", "was_gold")
    )
    assert len(auto) == engine.PROTOCOL["auto_most"]  # the model's, of one of the two videos
    assert auto <= judged
    assert gold  # found out of what was handed in in production
    assert gold <= handed_in - judged
    assert len(acts) > 50
    assert found["numbers"]["masklets_in_phase_1"] > 0
    later = [found["numbers"][f"compared_in_phase_{phase}"] for phase in (2, 3)]
    assert sum(later) > 0  # work on gold of phase 1, at least
    assert "Everything holds" in check(maskloom, found["project"])


def check(maskloom: Maskloom, project: str) -> str:
    state = json.loads((maskloom.data / "state" / "environment.json").read_text())
    command = [sys.executable, "manage.py", "check_project", "--project", project]
    environment = os.environ | state | {"PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    return done.stdout + done.stderr
