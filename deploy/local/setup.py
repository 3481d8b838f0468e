"""The virtual environment: made, filled, and kept equal to the requirement files.

Runs on the machine's own Python, before anything is installed.
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
import re
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request
import venv
from collections.abc import Iterator
from pathlib import Path

from deploy.local.errors import StartError, check_space, out_of_space

ROOT = Path(__file__).resolve().parents[2]
_PIP = "pip==26.3"  # reports download progress to a pipe
_PIP_WHEEL = (
    "https://files.pythonhosted.org/packages/07/25/"
    "ee8c38ae72d66b844ce8eb9711ba905dba21ca1a8a0c960057c41cd23337/pip-26.3-py3-none-any.whl"
)
_PIP_SHA256 = "f3b60b20ffaadd4415ed7957212a38ac63fa4c5fa375bd0f4a797777940fad13"
_NEEDED_SPACE = 1_500_000_000  # bytes, downloads and what they unpack to
_HINT = "Make room and start again."
_TRIES = 3
_PAUSE = 3.0  # seconds before another try
_NO_NETWORK = re.compile(
    r"NewConnectionError|NameResolutionError|Max retries|Retrying \(|Connection (?:reset|refused|aborted)"
    r"|timed out|ReadTimeout|IncompleteRead|Network is unreachable|ProxyError|SSLError|ConnectionError"
)


def ensure(requirements: Path, environment: Path) -> Path:
    """The Python of `environment`, which then holds what `requirements` names.

    Raises StartError with a sentence for people when it cannot be made.
    """
    python = environment / "bin" / "python"
    stamp = environment / "requirements.json"
    wanted = {str(path.relative_to(ROOT)): _sha256(path) for path in _with_included(requirements)}
    installed = _installed(python, stamp)
    if installed is None or not wanted.items() <= installed.items():
        check_space(ROOT, shutil.disk_usage(ROOT).free, _NEEDED_SPACE, hint=_HINT)
        if installed is None:
            _make(environment, python)
            installed = {}
        print("Installing packages", flush=True)
        stamp.unlink(missing_ok=True)
        _pip(python, [_PIP])
        _pip(python, ["--only-binary=:all:", "--progress-bar=raw", "-r", str(requirements)])
        stamp.write_text(json.dumps(installed | wanted))
    return python


def _installed(python: Path, stamp: Path) -> dict[str, str] | None:
    ask = [str(python), "-m", "pip", "--version"]
    if not python.exists() or subprocess.run(ask, capture_output=True, check=False).returncode != 0:
        return None
    return dict(json.loads(stamp.read_text())) if stamp.exists() else {}


def _make(environment: Path, python: Path) -> None:
    print("Making a virtual environment in", environment, flush=True)
    bundled = importlib.util.find_spec("ensurepip") is not None
    try:
        venv.EnvBuilder(clear=True, symlinks=True, with_pip=bundled).create(environment)
    except (OSError, subprocess.CalledProcessError) as error:
        raise StartError(f"The virtual environment {environment} could not be made: {error}") from error
    if not bundled:
        _fetch_pip(python)


def _fetch_pip(python: Path) -> None:
    print("This Python comes without pip (Debian's python3-venv): fetching it", flush=True)
    try:
        with urllib.request.urlopen(_PIP_WHEEL, timeout=60) as answer:
            wheel = answer.read()
    except OSError as error:
        raise StartError(
            f"pip could not be downloaded ({error}). Check the network connection and start again, "
            "or install it with the system: sudo apt install python3-venv"
        ) from error
    if hashlib.sha256(wheel).hexdigest() != _PIP_SHA256:
        raise StartError(f"What {_PIP_WHEEL} gave is not the expected file. Start again on another network.")
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, _PIP_WHEEL.rsplit("/", 1)[1])
        file.write_bytes(wheel)
        subprocess.run([python, file / "pip", "install", "--quiet", "--no-index", file], check=True)


def _pip(python: Path, arguments: list[str]) -> None:
    command = [str(python), "-m", "pip", "install", "--no-input", "--disable-pip-version-check", *arguments]
    for attempt in range(1, _TRIES + 1):
        output, status = _watched(command)
        if status == 0:
            return
        if "No space left on device" in output or "Disk quota exceeded" in output:
            raise out_of_space(ROOT, shutil.disk_usage(ROOT).free, _HINT)
        if not _NO_NETWORK.search(output):
            nothing = "(from versions: none)" in output
            why = " (is the network there, and this Python a usual one?)" if nothing else ""
            raise StartError(f"Installing failed{why}:\n{_end(output)}")
        if attempt < _TRIES:
            print(f"The download broke off; trying again ({attempt} of {_TRIES - 1})", flush=True)
            time.sleep(_PAUSE)
    raise StartError(
        f"A download failed {_TRIES} times. Check the network connection (and the proxy settings, if "
        f"there is a proxy), then start again: what is already there is kept.\n{_end(output)}"
    )


def _watched(command: list[str]) -> tuple[str, int]:
    lines: list[str] = []
    progress = _Progress()
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as pip:
        assert pip.stdout is not None
        for line in pip.stdout:
            if not line.startswith("Progress "):
                lines.append(line.rstrip())
            progress.show(line)
    progress.end()
    return "\n".join(lines), pip.returncode


class _Progress:
    """What pip is at: one line that changes on a terminal, a line per package elsewhere."""

    def __init__(self) -> None:
        self._terminal = sys.stdout.isatty()
        self._package = ""

    def show(self, line: str) -> None:
        if found := re.match(r"\s*Downloading (\S+?)-\d\S* \((.*)\)", line):
            self._package = f"{found[1].rsplit('/')[-1]} ({found[2]})"
            self._say(f"  downloading {self._package}")
        elif found := re.match(r"Progress (\d+) of (\d+)", line):
            if self._terminal and int(found[2]):
                self._say(f"  downloading {self._package}: {100 * int(found[1]) // int(found[2])} %")
        elif found := re.match(r"Installing collected packages: (.*)", line):
            self._say(f"  unpacking {found[1].count(',') + 1} packages")

    def end(self) -> None:
        if self._terminal:
            print("\r\033[K", end="", flush=True)

    def _say(self, text: str) -> None:
        print(f"\r\033[K{text}" if self._terminal else text, end="" if self._terminal else "\n", flush=True)


def _end(output: str) -> str:
    return "\n".join(f"    {line}" for line in output.splitlines()[-8:])


def _with_included(requirements: Path) -> Iterator[Path]:
    yield requirements
    for name in re.findall(r"^-r\s+(\S+)", requirements.read_text(), re.MULTILINE):
        yield from _with_included((requirements.parent / name).resolve())


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


if __name__ == "__main__":
    try:
        ensure(ROOT / sys.argv[1], ROOT / ".venv")
    except StartError as error:
        sys.exit(str(error))
