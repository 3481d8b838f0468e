"""The Maskloom on this machine that scripted people work with: the one that runs, or one of their own."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings

START_S = 600  # a first start installs and renders
POLL_S = 0.5


@contextmanager
def running_maskloom(say: Callable[[str], None]) -> Iterator[str]:
    """The address of a Maskloom that is well: ./run's, if it is up, else one that ends with this block.

    Raises OSError when none can be started.
    """
    if _well(settings.LOCAL_URL):
        yield settings.LOCAL_URL
        return
    port = _free_port()
    say("Starting Maskloom")
    command = [sys.executable, "-m", "deploy.local", "--port", str(port), "--data", str(settings.DATA_DIR)]
    process = subprocess.Popen(command, cwd=settings.BASE_DIR, stdout=sys.stderr)
    try:
        url = f"http://127.0.0.1:{port}"
        deadline = time.monotonic() + START_S
        while not (_well(url) and _logins_file().exists()):
            if process.poll() is not None or time.monotonic() > deadline:
                raise OSError("Maskloom did not start; what it said above tells why.")
            time.sleep(POLL_S)
        yield url
    finally:
        process.terminate()  # a start in the background ignores SIGINT
        process.wait()


def logins() -> dict[str, str]:
    """The sample's people and their passwords. Raises OSError when ./run has not made the sample yet."""
    return dict(json.loads(_logins_file().read_text()))


def _logins_file() -> Path:
    return Path(settings.DATA_DIR, "state", "sample-logins.json")


def _well(url: str) -> bool:
    try:
        with urllib.request.urlopen(f"{url}/healthz", timeout=5):  # noqa: S310
            return True
    except (OSError, urllib.error.URLError):
        return False


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
