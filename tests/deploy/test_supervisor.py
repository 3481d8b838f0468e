"""Processes are kept running, started once, and stopped in order."""

from __future__ import annotations

import os
import re
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from deploy.local.processes import Lock, Process
from deploy.local.supervisor import Supervisor

SLEEP = "import time; time.sleep(600)"
STUBBORN = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True); time.sleep(600)"
LAST_WORD = """
import signal, sys, time
def stop(*_):
    open(sys.argv[1], "a").write(sys.argv[2] + "\\n")
    sys.exit(0)
signal.signal(signal.SIGTERM, stop)
print("up", flush=True)
time.sleep(600)
"""


@pytest.fixture
def make(tmp_path: Path):
    made: list[Process] = []

    def make(name: str, program: str, *arguments: str) -> Process:
        process = Process(
            name,
            [sys.executable, "-c", program, *arguments],
            state=tmp_path / "state",
            log=tmp_path / f"{name}.log",
            env=dict(os.environ),
            cwd=tmp_path,
        )
        made.append(process)
        return process

    yield make
    for process in made:
        process.kill9()


def _until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline, "it never came about"
        time.sleep(0.02)


def _says_up(process: Process) -> bool:
    return process.log.exists() and "up" in process.log.read_text()


def test_what_is_killed_is_started_again(make) -> None:
    process, said = make("worker", SLEEP), []
    supervisor = Supervisor(said.append)
    supervisor.add([(process, process.start)])
    first = process.pid
    os.kill(first, signal.SIGKILL)

    def back() -> bool:
        supervisor.look()
        return process.pid not in (None, first)

    _until(back)
    assert "worker ended (status -9)" in said[0]
    supervisor.stop(timeout=5)


def test_what_keeps_ending_is_started_with_growing_pauses(make) -> None:
    process, said = make("worker", "raise SystemExit(3)"), []
    supervisor = Supervisor(said.append)
    supervisor.add([(process, process.start)])

    def three_ends() -> bool:
        supervisor.look()
        return len(said) == 3

    _until(three_ends)
    assert [re.search(r"again in (\S+) s", line)[1] for line in said] == ["0.2", "0.4", "0.8"]
    supervisor.stop(timeout=5)


def test_the_latest_stage_stops_first(make, tmp_path: Path) -> None:
    words = tmp_path / "words"
    supervisor = Supervisor(lambda _: None)
    for name in ("database", "worker", "web"):
        process = make(name, LAST_WORD, str(words), name)
        supervisor.add([(process, process.start)])
        _until(lambda process=process: _says_up(process))
    supervisor.stop(timeout=5)
    assert words.read_text().split() == ["web", "worker", "database"]


def test_what_does_not_obey_is_ended_by_force(make) -> None:
    process = make("worker", STUBBORN)
    process.start()
    _until(lambda: _says_up(process))
    process.stop(timeout=0.1)
    assert process.exit_status == -signal.SIGKILL


def test_a_start_ends_what_an_earlier_supervisor_left_running(make) -> None:
    left = make("worker", SLEEP)
    left.start()
    again = make("worker", SLEEP)
    again.start()
    assert left.exit_status == -signal.SIGTERM
    assert again.pid is not None


def test_what_a_killed_worker_had_forked_is_ended_before_the_next_one_starts(make, tmp_path: Path) -> None:
    process = make("worker", "import os; os.fork(); print('up', flush=True)\n" + SLEEP)
    process.start()
    _until(lambda: process.log.exists() and process.log.read_text().count("up") == 2)
    os.kill(process.pid, signal.SIGKILL)
    _until(lambda: process.pid is None)
    lock = Lock(tmp_path / "state" / "worker.lock")
    assert not lock.take(), "the fork should still hold it"
    process.clear()
    assert lock.take()
    lock.let_go()


def test_a_lock_is_held_by_one_and_free_when_its_holder_is_gone(tmp_path: Path) -> None:
    first, second = Lock(tmp_path / "lock"), Lock(tmp_path / "lock")
    assert first.take()
    assert not second.take()
    first.let_go()
    assert second.take()
    second.let_go()


def test_a_log_that_has_grown_large_is_put_aside_at_the_next_start(make) -> None:
    process = make("worker", "print('fresh')")
    process.log.write_bytes(b"x" * 5_000_001)
    process.start()
    _until(lambda: process.exit_status is not None)
    assert process.log.read_text() == "fresh\n"
    assert process.log.with_suffix(".old.log").stat().st_size == 5_000_001
