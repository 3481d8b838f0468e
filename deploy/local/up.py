"""From installed packages to a running Maskloom, one announced step after the other."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path

from deploy.local import maskloom
from deploy.local.errors import StartError, check_space, log_tail
from deploy.local.processes import Lock, Process
from deploy.local.services import Server, port_is_free, secret_file, start_postgres, start_valkey
from deploy.local.setup import ROOT
from deploy.local.supervisor import Supervisor

_WEB_WAIT = 60.0  # seconds
_WORKERS_WAIT = 30.0  # seconds
_STOP_WAIT = 8.0  # seconds a stage may take to finish what it has in hand


def up(data: Path, port: int) -> None:
    """Everything runs until Ctrl-C or SIGTERM; all of it has stopped when this returns.

    Raises StartError with a sentence for people when something cannot start.
    """
    started, stopping = threading.Event(), threading.Event()
    _listen_for_stop(started, stopping)
    lock = _hold(data)
    _clear_leftovers(data)
    _check_port(port)
    check_space(data, shutil.disk_usage(data).free)
    supervisor = Supervisor(_say)
    try:
        environment = _start_services(data, supervisor)
        maskloom.remember(data, environment, port)
        _prepare(data, environment)
        processes = _start_processes(data, environment, port, supervisor)
        health = f"http://127.0.0.1:{port}/healthz"
        with _Step("Starting the web server"):
            _await(processes, _WEB_WAIT, lambda: unwell(health) is not None)
        with _Step("Looking after the sample project (rendered and segmented the first time)"):
            logins = _manage(data, environment, "make_sample")
        with _Step("Waiting for the workers"):
            _await(processes, _WORKERS_WAIT, lambda: unwell(health) == {})
        for part, message in (unwell(health) or {}).items():
            _say(f"Not ready yet: {part.replace('_', ' ')} ({message}). Logs: {data / 'log'}")
        _say(
            f"\nMaskloom is ready: http://127.0.0.1:{port}\n{logins}\nCtrl-C stops it; ./run starts it again."
        )
        started.set()
        supervisor.run(stopping)
    except KeyboardInterrupt:
        pass
    finally:
        stopping.set()
        _say("\nStopping")
        supervisor.stop(_STOP_WAIT)
        maskloom.forget(data)
        lock.let_go()
        _say("Stopped. All data is kept in " + str(data))


def _listen_for_stop(started: threading.Event, stopping: threading.Event) -> None:
    def on_signal(*_: object) -> None:
        breaks_off = not started.is_set() and not stopping.is_set()
        stopping.set()
        if breaks_off:
            raise KeyboardInterrupt

    for name in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(name) is not signal.SIG_IGN:  # as under nohup
            signal.signal(name, on_signal)


def _hold(data: Path) -> Lock:
    try:
        data.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = Lock(data / "state" / "maskloom.lock")
        free = lock.take()
    except OSError as error:
        raise StartError(f"The data directory {data} cannot be used: {error.strerror}.") from error
    if not free:
        raise StartError(
            f"Maskloom already runs on {data}. Stop it there, or use other data: ./run --data DIR"
        )
    return lock


def _check_port(port: int) -> None:
    if not port_is_free(port):
        other = next(p for p in range(port + 1, 65536) if port_is_free(p))
        raise StartError(f"Port {port} is taken by another program. Choose another one: ./run --port {other}")


def _start_services(data: Path, supervisor: Supervisor) -> dict[str, str]:
    urls = {}
    for name, start in (("DATABASE_URL", start_postgres), ("REDIS_URL", start_valkey)):
        if url := os.environ.get(name):
            _say(f"Using {name} from the environment")
        else:
            with _Step(f"Starting {start.__name__.removeprefix('start_').capitalize()}"):
                server: Server = start(data)
                supervisor.add([(server.process, server.launch)])
                url = server.url
            if not server.process.cwd.is_relative_to(data):
                _say(f"  its files are in {server.process.cwd}, because its user may not enter {data}")
        urls[name] = url
    secret = os.environ.get("DJANGO_SECRET_KEY") or secret_file(data / "django.secret")
    return maskloom.annotator_environment(data, urls["DATABASE_URL"], urls["REDIS_URL"], secret)


def _prepare(data: Path, environment: dict[str, str]) -> None:
    with _Step("Bringing the database up to date"):
        _manage(data, environment, "migrate", "--no-input")
    stamp, wanted = data / "state" / "static", _static_fingerprint()
    if not stamp.exists() or stamp.read_text() != wanted:
        with _Step("Collecting the pages' files"):
            _manage(data, environment, "collectstatic", "--no-input", "--clear")
        stamp.write_text(wanted)


def _static_fingerprint() -> str:
    """Changes with the pages' own files and with the packages that bring some."""
    files = sorted(path for path in (ROOT / "web" / "static").rglob("*") if path.is_file())
    digest = hashlib.sha256((ROOT / ".venv" / "requirements.json").read_bytes())
    for path in files:
        digest.update(str(path).encode() + path.read_bytes())
    return digest.hexdigest()


def _clear_leftovers(data: Path) -> None:
    # What outlived a killed start holds its port, and would work on with old code and addresses.
    for process in [maskloom.web(data, {}, 0), *maskloom.workers(data, {})]:
        process.clear()


def _start_processes(
    data: Path, environment: dict[str, str], port: int, supervisor: Supervisor
) -> list[Process]:
    recorder, *workers = maskloom.workers(data, environment)
    web = maskloom.web(data, environment, port)
    # The recorder starts first and stops last: the others' last results must still be recorded.
    for stage in ([recorder], workers, [web]):
        supervisor.add([(process, process.start) for process in stage])
    return [recorder, *workers, web]


def _await(processes: list[Process], seconds: float, arrived: Callable[[], bool]) -> None:
    deadline = time.monotonic() + seconds
    while not arrived() and time.monotonic() < deadline:
        for process in processes:
            if process.exit_status is not None:
                raise StartError(f"{process.name} stopped while starting:\n{log_tail(process.log)}")
        time.sleep(0.1)


def unwell(url: str) -> dict[str, str] | None:
    """Message of each part that is not well, by its name; None while the web server does not say."""
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with direct.open(url, timeout=5) as answer:
            said = answer.read()
    except urllib.error.HTTPError as error:
        said = error.read()
    except OSError:
        return None
    try:
        health = json.loads(said)
    except ValueError:  # it fails before it comes to its parts
        return None
    return {name: part["message"] for name, part in health["parts"].items() if not part["ok"]}


def _manage(data: Path, environment: dict[str, str], *command: str) -> str:
    log = data / "log" / f"{command[0]}.log"
    with open(log, "w") as errors:
        done = subprocess.run(
            [sys.executable, "manage.py", *command],
            cwd=ROOT,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
            start_new_session=True,
            check=False,
        )
        errors.write(done.stdout)
    if done.returncode != 0:
        check_space(data, shutil.disk_usage(data).free)
        raise StartError(f"manage.py {command[0]} failed:\n{log_tail(log)}")
    return done.stdout


class _Step:
    """Says what begins, and how long it took."""

    def __init__(self, title: str) -> None:
        self._title = title

    def __enter__(self) -> None:
        print(f"{self._title} ... ", end="", flush=True)
        self._started = time.monotonic()

    def __exit__(self, kind: object, *_: object) -> None:
        print("failed" if kind else f"{time.monotonic() - self._started:.1f} s", flush=True)


def _say(text: str) -> None:
    print(text, flush=True)
