"""Where the weights of each model lie. Needs neither torch nor transformers."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
from pathlib import Path

from inference_worker.config import ConfigError, models_folder
from inference_worker.engines import EngineError
from inference_worker.engines.sam2.configs import RELEASES, Release

WEIGHTS, CONFIG, RECORD = "model.safetensors", "config.json", "weights.json"
_BLOCK = 1 << 20  # bytes


def models() -> Path:
    """The folder of all models. Raises EngineError for a setting that does not fit."""
    try:
        return models_folder(os.environ)
    except ConfigError as error:
        raise EngineError(str(error)) from error


def installed() -> list[str]:
    """Names of the releases whose weights are there, converted or as published."""
    return [
        release.name for release in RELEASES.values() if is_converted(release) or official(release).exists()
    ]


def converted(release: Release) -> Path:
    return models() / release.name


def is_converted(release: Release) -> bool:
    return (converted(release) / WEIGHTS).exists()


def official(release: Release) -> Path:
    return models() / release.file


def how_to_get(release: Release) -> str:
    """A sentence for the person who has no weights."""
    return (
        f"Fetch them with `python manage.py fetch_model {release.name}`, "
        f"or put {release.file} from {release.url} into {models()}."
    )


def weights_sha256(folder: Path) -> str:
    """Hex digest of the weights in `folder`, read from beside them unless they have changed since."""
    found = (folder / WEIGHTS).stat()
    record = _record(folder)
    same = {"bytes": found.st_size, "modified_ns": found.st_mtime_ns}
    if record.items() >= same.items() and isinstance(record.get("sha256"), str):
        return str(record["sha256"])
    record = {**record, **same, "sha256": file_sha256(folder / WEIGHTS)}
    with contextlib.suppress(OSError):  # where only others may write, it is computed at each start
        write_record(folder, record)
    return str(record["sha256"])


def write_record(folder: Path, record: dict[str, object]) -> None:
    part = folder / f"{RECORD}.{os.getpid()}"
    part.write_text(json.dumps(record, indent=2) + "\n")
    part.replace(folder / RECORD)


def file_sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            digest.update(block)
    return digest.hexdigest()


def _record(folder: Path) -> dict[str, object]:
    try:
        record = json.loads((folder / RECORD).read_text())
    except (OSError, ValueError):
        return {}
    return record if isinstance(record, dict) else {}
