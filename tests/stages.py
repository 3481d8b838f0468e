"""`./test`: every check, one line each. Arguments go to pytest."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from deploy.local import setup
from deploy.local.errors import StartError

ROOT = setup.ROOT
WEB = ROOT / "web"
BIN = ROOT / ".venv" / "bin"
OLDEST_NODE = 20
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
MAC_BROWSER = Path("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome")


def main(pytest_arguments: list[str]) -> int:
    """How many stages failed."""
    environment = os.environ | {"PYTHONPATH": str(ROOT), "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}"}
    environment.pop("DJANGO_SETTINGS_MODULE", None)
    stages: list[tuple[str, Callable[[], bool]]] = [
        ("ruff check", _command(environment, "ruff", "check", ".")),
        ("ruff format", _command(environment, "ruff", "format", "--check", "--quiet", ".")),
        ("mypy", _command(environment, "mypy", ".")),
        ("import contracts", _command(environment, "lint-imports")),
        ("JavaScript types", lambda: _typescript(environment)),
        ("JavaScript units", lambda: _node_tests(environment)),
        ("browser", lambda: _browser(environment)),
        ("pytest", lambda: _pytest(environment, pytest_arguments)),
    ]
    failed = [name for name, stage in stages if not _timed(name, stage)]
    print(f"\nFailed: {', '.join(failed)}" if failed else "\nAll stages passed")
    return len(failed)


def _timed(name: str, stage: Callable[[], bool]) -> bool:
    print(f"--- {name}", flush=True)
    started = time.monotonic()
    try:
        passed = stage()
    except (StartError, OSError, subprocess.CalledProcessError) as error:
        print(error)
        passed = False
    print(f"--- {name}: {'passed' if passed else 'FAILED'} in {time.monotonic() - started:.1f} s", flush=True)
    return passed


def _command(environment: dict[str, str], *command: str) -> Callable[[], bool]:
    # subprocess looks the program up in our own PATH, not in the one it hands on.
    program = shutil.which(command[0], path=environment["PATH"]) or command[0]
    return lambda: (
        subprocess.run([program, *command[1:]], cwd=ROOT, env=environment, check=False).returncode == 0
    )


def _pytest(environment: dict[str, str], arguments: list[str]) -> bool:
    """Unless told what to run: the journeys beside everything else, each half of the time waiting."""
    pytest = [str(BIN / "python"), "-m", "pytest"]
    if arguments:
        return subprocess.run([*pytest, *arguments], cwd=ROOT, env=environment, check=False).returncode == 0
    with tempfile.TemporaryFile() as said:
        journeys = subprocess.Popen(
            [*pytest, "tests/journeys"], cwd=ROOT, env=environment, stdout=said, stderr=subprocess.STDOUT
        )
        others = subprocess.run(
            [*pytest, "--ignore=tests/journeys"], cwd=ROOT, env=environment, check=False
        ).returncode
        failed = journeys.wait()
        said.seek(0)
        print(said.read().decode(errors="replace"), flush=True)
    return others == 0 and failed == 0


def _typescript(environment: dict[str, str]) -> bool:
    node, npm = _node(environment)
    stamp = WEB / "node_modules" / ".installed"
    lock = hashlib.sha256((WEB / "package-lock.json").read_bytes()).hexdigest()
    if not stamp.exists() or stamp.read_text() != lock:
        install = [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
        subprocess.run(install, cwd=WEB, env=environment, check=True)
        stamp.write_text(lock)
    check = [node, WEB / "node_modules/typescript/bin/tsc", "--project", WEB]
    return subprocess.run(check, env=environment, check=False).returncode == 0


def _node_tests(environment: dict[str, str]) -> bool:
    node, _ = _node(environment)
    tests = sorted(str(path) for path in (ROOT / "tests" / "web").rglob("*.test.js"))
    command = [node, "--test", "--test-reporter=dot", *tests]
    return not tests or subprocess.run(command, env=environment, check=False).returncode == 0


def _node(environment: dict[str, str]) -> tuple[str, str]:
    for _ in range(2):
        node = shutil.which("node", path=environment["PATH"])
        npm = shutil.which("npm", path=environment["PATH"])
        if node and npm and _major_version(node) >= OLDEST_NODE:
            return node, npm
        setup.ensure(ROOT / "tests" / "requirements-node.txt", ROOT / ".venv")
    raise StartError(f"Node {OLDEST_NODE} or newer could not be found or installed.")


def _major_version(node: str) -> int:
    answer = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout
    return int(answer.removeprefix("v").split(".")[0] or 0) if answer else 0


def _browser(environment: dict[str, str]) -> bool:
    found = environment.get("MASKLOOM_BROWSER") or _find_browser()
    if found is None and os.geteuid() == 0 and shutil.which("apt-get"):
        quiet = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
        subprocess.run(["apt-get", "update", "-q"], env=quiet, check=True)
        install = ["apt-get", "install", "-q", "-y", "--no-install-recommends", "chromium"]
        subprocess.run(install, env=quiet, check=True)
        found = _find_browser()
    if found is None:
        print("No Chromium was found for the journeys: install it, or name one in MASKLOOM_BROWSER.")
        return False
    environment["MASKLOOM_BROWSER"] = found
    print(found)
    return True


def _find_browser() -> str | None:
    on_path = (shutil.which(name) for name in BROWSERS)
    return next((path for path in on_path if path), str(MAC_BROWSER) if MAC_BROWSER.exists() else None)


if __name__ == "__main__":
    sys.exit(min(main(sys.argv[1:]), 1))
