"""From installed packages to a running Maskloom, one announced step after the other."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
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
    _check_port(port)
    check_space(data, shutil.disk_usage(data).free)
    supervisor = Supervisor(_say)
    try:
        environment = _start_services(data, supervisor)
        _clear_leftovers(data, environment, port)
        logins = _prepare(data, environment)
        _start_processes(data, environment, port, supervisor)
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
        urls[name] = url
    secret = os.environ.get("DJANGO_SECRET_KEY") or secret_file(data / "django.secret")
    return maskloom.annotator_environment(data, urls["DATABASE_URL"], urls["REDIS_URL"], secret)


def _prepare(data: Path, environment: dict[str, str]) -> str:
    with _Step("Bringing the database up to date"):
        _manage(data, environment, "migrate", "--no-input")
    with _Step("Collecting the pages' files"):
        _manage(data, environment, "collectstatic", "--no-input")
    with _Step("Making the sample project (the first time it is rendered and segmented)"):
        return _manage(data, environment, "make_sample")


def _clear_leftovers(data: Path, environment: dict[str, str], port: int) -> None:
    # Processes that outlived a killed start would work with the new code and old addresses.
    for process in [maskloom.web(data, environment, port), *maskloom.workers(data, environment)]:
        process.clear()


def _start_processes(data: Path, environment: dict[str, str], port: int, supervisor: Supervisor) -> None:
    workers, web = maskloom.workers(data, environment), maskloom.web(data, environment, port)
    with _Step("Starting the workers and the web server"):
        # Results must still be recorded while the others finish what they have in hand.
        supervisor.add([(process, process.start) for process in workers[:1]])
        supervisor.add([(process, process.start) for process in workers[1:]])
        supervisor.add([(web, web.start)])
        _await_health(web, workers, f"http://127.0.0.1:{port}/healthz")


def _await_health(web: Process, workers: list[Process], url: str) -> None:
    started = time.monotonic()
    while (status := _status(url)) != 200:
        for process in [web, *workers]:
            if process.exit_status is not None:
                raise StartError(f"{process.name} stopped while starting:\n{log_tail(process.log)}")
        waited = time.monotonic() - started
        if status is None and waited > _WEB_WAIT:
            raise StartError(f"The web server does not answer at {url}:\n{log_tail(web.log)}")
        if status is not None and waited > _WORKERS_WAIT:
            _say(f"Not every part is ready yet; {url} says which")
            return
        time.sleep(0.1)


def _status(url: str) -> int | None:
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with direct.open(url, timeout=5) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code
    except OSError:
        return None


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
