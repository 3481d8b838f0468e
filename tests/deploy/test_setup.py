"""What goes wrong while installing is said in a sentence, and nothing is installed twice."""

from __future__ import annotations

from pathlib import Path

import pytest

from deploy.local import setup
from deploy.local.errors import StartError


@pytest.fixture
def requirements(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(setup, "ROOT", tmp_path)
    monkeypatch.setattr(setup, "_PAUSE", 0)
    (tmp_path / "base.txt").write_text("django==5\n")
    listed = tmp_path / "requirements.txt"
    listed.write_text("-r base.txt\ncelery==5\n")
    return listed


def _environment(folder: Path, install: str) -> Path:
    """An environment whose pip answers to `pip --version` and otherwise runs a shell script."""
    python = folder / "environment" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text(f'#!/bin/sh\n[ "$3" = --version ] && exit 0\necho "$@" >> {folder}/calls\n{install}\n')
    python.chmod(0o755)
    return python.parents[1]


def _calls(folder: Path) -> list[str]:
    return (folder / "calls").read_text().splitlines()


def test_packages_are_installed_once_until_a_requirement_file_changes(
    requirements: Path, tmp_path: Path
) -> None:
    environment = _environment(tmp_path, "exit 0")
    setup.ensure(requirements, environment)
    once = len(_calls(tmp_path))
    setup.ensure(requirements, environment)
    assert len(_calls(tmp_path)) == once
    (tmp_path / "base.txt").write_text("django==6\n")
    setup.ensure(requirements, environment)
    assert len(_calls(tmp_path)) == 2 * once


def test_an_installation_that_broke_off_is_taken_up_at_the_next_start(
    requirements: Path, tmp_path: Path
) -> None:
    environment = _environment(tmp_path, "echo broken; exit 1")
    for _ in range(2):
        with pytest.raises(StartError, match="broken"):
            setup.ensure(requirements, environment)
    assert len(_calls(tmp_path)) == 2


def test_a_download_is_tried_again_before_the_network_is_blamed(requirements: Path, tmp_path: Path) -> None:
    environment = _environment(tmp_path, "echo 'ReadTimeoutError: Read timed out.'; exit 1")
    with pytest.raises(StartError, match="Check the network connection"):
        setup.ensure(requirements, environment)
    assert len(_calls(tmp_path)) == 3


def test_a_full_disk_is_named(requirements: Path, tmp_path: Path) -> None:
    full = "echo 'ERROR: Could not install packages: [Errno 28] No space left on device'; exit 1"
    with pytest.raises(StartError, match=r"The disk of .* is full"):
        setup.ensure(requirements, _environment(tmp_path, full))


def test_no_download_begins_where_the_packages_do_not_fit(
    requirements: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(setup, "_NEEDED_SPACE", 10**18)
    with pytest.raises(StartError, match="Make room and start again"):
        setup.ensure(requirements, _environment(tmp_path, "exit 0"))
    assert not (tmp_path / "calls").exists()
