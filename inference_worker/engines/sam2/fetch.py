"""`python manage.py fetch_model NAME`: published weights onto this machine, checked and converted."""

from __future__ import annotations

import argparse
import http.client
import importlib.util
import shutil
import sys
import time
import urllib.request
from pathlib import Path
from typing import BinaryIO

from inference_worker.engines import EngineError
from inference_worker.engines.sam2 import model_folder
from inference_worker.engines.sam2.configs import RELEASES, Release

_BLOCK = 1 << 20  # bytes
_TIMEOUT = 60  # seconds without a byte
_REPORT_EVERY = 1.0  # seconds
_ROOM = 3  # times the download: itself and what is made of it, with some to spare


def main(argv: list[str] | None = None) -> int:
    """The exit code: 0 when the weights are there and ready."""
    parser = argparse.ArgumentParser(prog="fetch_model", description="Fetch published weights of SAM 2.")
    parser.add_argument("name", choices=list(RELEASES), help="which model")
    release = RELEASES[parser.parse_args(argv).name]
    try:
        fetch(release)
    except EngineError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def fetch(release: Release) -> None:
    """Leaves the weights converted in the models folder. Raises EngineError."""
    if importlib.util.find_spec("torch") is None:
        raise EngineError(
            "torch is not installed here. Run `pip install -r inference_worker/requirements.txt` first."
        )
    from inference_worker.engines.sam2 import checkpoints

    target, source = model_folder.converted(release), model_folder.official(release)
    if not model_folder.is_converted(release):
        download = not source.exists()
        if download:
            _download(release, source)
        print(f"Converting {source.name}", flush=True)
        checkpoints.convert_file(source, target, release)
        if download:
            source.unlink()
    digest = model_folder.weights_sha256(target)
    print(f"{release.name} is in {target}, sha256 {digest}", flush=True)


def _download(release: Release, target: Path) -> None:
    part = target.with_name(f"{target.name}.part")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with (
            urllib.request.urlopen(release.url, timeout=_TIMEOUT) as answer,  # noqa: S310  our own table's
            part.open("wb") as file,
        ):
            size = int(answer.headers.get("Content-Length") or 0)
            if shutil.disk_usage(target.parent).free < _ROOM * size:
                raise EngineError(
                    f"{release.name} needs {_ROOM * size >> 20} MiB in {target.parent}. Make room and try again."
                )
            done = _copy(answer, file, size, release.file)
        if size and done != size:
            raise EngineError(f"The download broke off after {done} of {size} bytes. Run the command again.")
        part.replace(target)
    except (OSError, http.client.HTTPException) as error:
        raise EngineError(
            f"{release.url} could not be downloaded ({error}). Run the command again where there is a "
            f"network, or put {release.file} into {target.parent} by other means and then run it."
        ) from error
    finally:
        part.unlink(missing_ok=True)


def _copy(answer: http.client.HTTPResponse, file: BinaryIO, size: int, name: str) -> int:
    done, told = 0, time.monotonic()
    while block := answer.read(_BLOCK):
        file.write(block)
        done += len(block)
        if time.monotonic() - told >= _REPORT_EVERY:
            told = time.monotonic()
            share = f" of {size >> 20}" if size else ""
            print(f"  {name}: {done >> 20}{share} MiB", flush=True)
    return done


if __name__ == "__main__":
    sys.exit(main())
