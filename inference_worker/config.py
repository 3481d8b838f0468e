"""What the environment says about this worker, read once at start."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit


class ConfigError(ValueError):
    """A setting that does not fit, in a sentence for the person who starts the worker."""


@dataclass(frozen=True)
class Config:
    """engine: a registry name, empty for the registry's own choice.

    chunk_seconds: how long a propagation may keep others waiting.
    pool_bytes: host and device memory that all sessions together may hold.
    compile: whether an engine that can be compiled is, before the first message is taken.
    media_root, frames_url_prefix: where frames may be read from; None or empty allows none.
    """

    redis_url: str
    engine: str
    chunk_seconds: float
    pool_bytes: int
    compile: bool
    media_root: Path | None
    frames_url_prefix: str


def from_env(environ: Mapping[str, str]) -> Config:
    """The worker's settings. Raises ConfigError."""
    media_root = environ.get("MASKLOOM_MEDIA_ROOT", "")
    return Config(
        redis_url=_redis_url(environ.get("REDIS_URL", "redis://127.0.0.1:6379/0")),
        engine=environ.get("MASKLOOM_ENGINE", ""),
        chunk_seconds=_whole(environ, "MASKLOOM_CHUNK_MS", 120, 1, 10_000) / 1000,
        pool_bytes=_whole(environ, "MASKLOOM_POOL_BYTES", 2 << 30, 1, 1 << 50),
        compile=_boolean(environ, "MASKLOOM_COMPILE"),
        media_root=_folder("MASKLOOM_MEDIA_ROOT", media_root) if media_root else None,
        frames_url_prefix=_url_prefix(environ.get("MASKLOOM_FRAMES_URL_PREFIX", "")),
    )


def models_folder(environ: Mapping[str, str]) -> Path:
    """Where the weights of models are kept: MASKLOOM_MODELS, else `models` in the data folder."""
    data = Path(environ.get("MASKLOOM_DATA") or Path(__file__).parents[1] / "var").resolve()
    models = environ.get("MASKLOOM_MODELS", "")
    return _folder("MASKLOOM_MODELS", models) if models else data / "models"


def _redis_url(value: str) -> str:
    if urlsplit(value).scheme not in ("redis", "rediss"):
        raise ConfigError(f"REDIS_URL must look like redis://host:6379/0, not {value!r}.")
    return value


def _whole(environ: Mapping[str, str], name: str, default: int, low: int, high: int) -> int:
    value = environ.get(name, str(default))
    if not value.isascii() or not value.isdigit() or not low <= int(value) <= high:
        raise ConfigError(f"{name} must be a whole number from {low} to {high}, not {value!r}.")
    return int(value)


def _boolean(environ: Mapping[str, str], name: str) -> bool:
    value = environ.get(name, "false")
    if value not in ("true", "false"):
        raise ConfigError(f"{name} must be true or false, not {value!r}.")
    return value == "true"


def _folder(name: str, value: str) -> Path:
    path = Path(value)
    if not path.is_absolute():
        raise ConfigError(f"{name} must be an absolute path, not {value!r}.")
    return path.resolve()


def _url_prefix(value: str) -> str:
    parts = urlsplit(value)
    if value and (parts.scheme not in ("http", "https") or not parts.netloc or not parts.path.endswith("/")):
        raise ConfigError(
            f"MASKLOOM_FRAMES_URL_PREFIX must look like https://host/folder/ with a slash at its end, not {value!r}."
        )
    return value
