from __future__ import annotations

import os
import subprocess
import sys

import pytest

from inference_worker.config import ConfigError, from_env
from tests.inference_worker.worker_process import ROOT


def test_an_empty_environment_is_a_laptop() -> None:
    config = from_env({})
    assert config.redis_url == "redis://127.0.0.1:6379/0"
    assert config.chunk_seconds == 0.12
    assert config.media_root is None


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("REDIS_URL", "localhost:6379"),
        ("MASKLOOM_CHUNK_MS", "fast"),
        ("MASKLOOM_CHUNK_MS", "0"),
        ("MASKLOOM_POOL_BYTES", "2GB"),
        ("MASKLOOM_COMPILE", "1"),
        ("MASKLOOM_MEDIA_ROOT", "var/media"),
        ("MASKLOOM_FRAMES_URL_PREFIX", "https://storage/media"),
        ("MASKLOOM_FRAMES_URL_PREFIX", "ftp://storage/media/"),
    ],
)
def test_a_value_that_does_not_fit_is_named(name: str, value: str) -> None:
    with pytest.raises(ConfigError, match=f"{name} must .*{value}"):
        from_env({name: value})


@pytest.mark.parametrize(
    ("setting", "sentence"),
    [
        ({"MASKLOOM_CHUNK_MS": "soon"}, "MASKLOOM_CHUNK_MS must be a whole number"),
        ({"MASKLOOM_ENGINE": "magic"}, "There is no engine called 'magic'"),
    ],
)
def test_a_worker_with_a_wrong_setting_ends_with_a_sentence(setting: dict[str, str], sentence: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "celery", "-A", "inference_worker", "worker", "-P", "threads", "-c", "1"],
        cwd=ROOT,
        env={"PATH": os.defpath, "REDIS_URL": "redis://127.0.0.1:1/0", **setting},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode != 0
    assert sentence in done.stderr
    assert "Traceback" not in done.stderr
