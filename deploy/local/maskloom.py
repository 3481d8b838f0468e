"""Maskloom's own processes: what each runs, and what each may know."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

from deploy.local.processes import Process
from deploy.local.setup import ROOT

_SECRET_OF_THE_ANNOTATOR = ("DATABASE_URL", "DJANGO_SETTINGS_MODULE", "DJANGO_SECRET_KEY")
_QUIET = ["--without-gossip", "--without-mingle", "--loglevel", "INFO"]


def annotator_environment(data: Path, database: str, redis: str, secret: str) -> dict[str, str]:
    """Environment variables of manage.py, web, recorder and CPU worker."""
    return os.environ | {
        "DATABASE_URL": database,
        "REDIS_URL": redis,
        "DJANGO_SECRET_KEY": secret,
        "DJANGO_SETTINGS_MODULE": "annotator.settings",
        "MASKLOOM_DATA": str(data),
        "MASKLOOM_MEDIA_ROOT": os.environ.get("MASKLOOM_MEDIA_ROOT", str(data / "media")),
        "PYTHONUNBUFFERED": "1",
    }


def remember(data: Path, environment: dict[str, str], port: int) -> None:
    """Lets manage.py find the running Maskloom of this data directory: see annotator/environment.py."""
    known = {name: environment[name] for name in ("DATABASE_URL", "REDIS_URL", "DJANGO_SECRET_KEY")}
    path = data / "state" / "environment.json"
    path.touch(mode=0o600)
    path.write_text(json.dumps(known | {"MASKLOOM_URL": f"http://127.0.0.1:{port}"}))


def forget(data: Path) -> None:
    """What `remember` wrote no longer holds."""
    (data / "state" / "environment.json").unlink(missing_ok=True)


def inference_environment(annotator: dict[str, str]) -> dict[str, str]:
    """The same without the database, its password and Django."""
    return {key: value for key, value in annotator.items() if key not in _SECRET_OF_THE_ANNOTATOR}


def web(data: Path, environment: dict[str, str], port: int) -> Process:
    listen = ["--host", "127.0.0.1", "--port", str(port)]
    # Every frame is a request, so there is no access log.
    server = ["uvicorn", "annotator.asgi:application", "--no-access-log"]
    command = [*server, *listen, "--timeout-graceful-shutdown", "3"]
    return _python("web", command, data, environment)


def workers(data: Path, environment: dict[str, str]) -> list[Process]:
    """The recorder of results, the clock of periodic work, the CPU worker and the inference worker."""
    annotator = ["celery", "--app", "annotator.celery"]
    inference = ["celery", "--app", "inference_worker.celery"]
    # The schedule is a few intervals: the clock keeps it in memory and leaves no file to break.
    clock = ["beat", "--scheduler", "celery.beat:Scheduler", "--pidfile=", "--loglevel", "INFO"]
    return [
        _python("recorder", [*annotator, *_worker("results", 1), "-n", "recorder@%h"], data, environment),
        _python("clock", [*annotator, *clock], data, environment),
        _python("cpu-worker", [*annotator, *_worker("cpu", 2), "-n", "cpu@%h"], data, environment),
        _python(
            "inference-worker",
            [*inference, *_worker("inference", 1), "-n", "inference1@%h"],
            data,
            inference_environment(environment),
        ),
    ]


def _worker(queue: str, threads: int) -> list[str]:
    return ["worker", "-Q", queue, "-P", "threads", "-c", str(threads), *_QUIET]


def _python(name: str, module: list[str], data: Path, environment: dict[str, str]) -> Process:
    return Process(
        name,
        [sys.executable, "-m", *module],
        state=data / "state",
        log=data / "log" / f"{name}.log",
        env=environment,
        cwd=ROOT,
    )
