"""A whole Maskloom as ./run starts it, whose processes a test can end at any moment."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import psycopg
import redis

from annotator.simulation.client import Client, Refused
from deploy.local.services import free_port

ROOT = Path(__file__).resolve().parents[2]
START_S = 400.0
BACK_S = 60.0


class Maskloom:
    """Runs on a data directory and a port of its own until `stop`. environment: beyond what ./run sets."""

    def __init__(self, **environment: str) -> None:
        self.data = Path(tempfile.mkdtemp(prefix="maskloom-whole-"))
        self.url = f"http://127.0.0.1:{(port := free_port())}"
        self._said = self.data / "said.log"
        ours = {
            k: v for k, v in os.environ.items() if not re.match(r"MASKLOOM_|DJANGO_|(DATABASE|REDIS)_URL", k)
        }
        command = [sys.executable, "-P", "-m", "deploy.local", "--port", str(port), "--data", str(self.data)]
        with self._said.open("wb") as said:
            self._process = subprocess.Popen(
                command,
                cwd=ROOT,
                env=ours | {"PYTHONPATH": str(ROOT)} | environment,
                stdout=said,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def wait_until_ready(self) -> Maskloom:
        wait_for("Maskloom is ready", lambda: "Maskloom is ready" in self.said() or self._ended(), START_S)
        assert not self._ended(), self.said()
        return self

    def client(self, username: str) -> Client:
        logins = json.loads((self.data / "state" / "sample-logins.json").read_text())
        return Client.sign_in(self.url, username, logins[username])

    def rows(self, query: str, *values: object) -> list[tuple[object, ...]]:
        """What Postgres itself holds."""
        with psycopg.connect(self._address("DATABASE_URL")) as connection:
            return connection.execute(query, values).fetchall()

    def execute(self, statement: str, *values: object) -> None:
        with psycopg.connect(self._address("DATABASE_URL"), autocommit=True) as connection:
            connection.execute(statement, values or None)  # several at once, where there are no values

    def redis(self) -> redis.Redis:
        return redis.Redis.from_url(self._address("REDIS_URL"))

    def pid(self, name: str) -> int:
        return int((self.data / "state" / f"{name}.pid").read_text())

    def kill9(self, name: str) -> int:
        """The id of the process that was ended without a chance to tidy up."""
        pid = self.pid(name)
        os.kill(pid, signal.SIGKILL)
        return pid

    def wait_until_back(self, name: str, killed: int) -> None:
        """Another process of that name runs, and every part is well."""
        wait_for(f"{name} to be back", lambda: self.pid(name) != killed and self.well(), BACK_S)

    def well(self) -> bool:
        try:
            return bool(Client(self.url).get(f"{self.url}/healthz")["ok"])
        except (OSError, Refused):
            return False

    def said(self) -> str:
        return self._said.read_text()

    def stop(self) -> None:
        self._process.terminate()
        try:
            self._process.wait(60)
        finally:
            self._process.kill()
            shutil.rmtree(self.data, ignore_errors=True)

    def _address(self, name: str) -> str:
        return str(json.loads((self.data / "state" / "environment.json").read_text())[name])

    def _ended(self) -> bool:
        return self._process.poll() is not None


def wait_for(what: str, happened: Callable[[], bool], seconds: float) -> None:
    give_up = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < give_up, f"waited {seconds:.0f} s for {what}"
        time.sleep(0.1)
