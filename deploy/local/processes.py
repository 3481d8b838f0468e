"""Child processes that are stopped in order, found again after a crash, and never doubled."""

from __future__ import annotations

import fcntl
import os
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from deploy.local.errors import StartError

_LOG_LIMIT = 5_000_000  # bytes
_KILL_WAIT = 10.0  # seconds until a killed process must be gone


class Lock:
    """A lock on a file that the operating system drops when its last holder dies, however it dies."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.fd: int | None = None

    def take(self) -> bool:
        """True when nobody else holds it."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        fd = os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(fd)
            return False
        self.fd = fd
        return True

    def wait(self, seconds: float) -> bool:
        """True when it was taken within `seconds`."""
        deadline = time.monotonic() + seconds
        while not self.take():
            if time.monotonic() > deadline:
                return False
            time.sleep(0.02)
        return True

    def let_go(self) -> None:
        """Close our hold on it. A child that inherited the descriptor keeps the lock."""
        if self.fd is not None:
            os.close(self.fd)
            self.fd = None


class Process:
    """One command with a log and a lock, in a session of its own so that Ctrl-C does not reach it.

    The lock is inherited by the command and by what it forks: it is free only when all of them
    are gone, which neither a pid file nor a parent's exit status can tell. A command that
    outlived its supervisor is found by it and stopped before the next one starts.
    user: uid and gid to run as, None for our own.
    """

    def __init__(
        self,
        name: str,
        argv: Sequence[str],
        *,
        state: Path,
        log: Path,
        env: Mapping[str, str],
        cwd: Path,
        user: tuple[int, int] | None = None,
        stop_signal: signal.Signals = signal.SIGTERM,
        stdin: bytes | None = None,
    ) -> None:
        self.name = name
        self.argv = list(argv)
        self.log = log
        self.env = dict(env)
        self.cwd = cwd
        self.user = user
        self.stop_signal = stop_signal
        self.stdin = stdin
        self._lock = Lock(state / f"{name}.lock")
        self._pid_file = state / f"{name}.pid"
        self._child: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int | None:
        """The process id of the running command, None when it does not run."""
        return self._child.pid if self._child and self._child.poll() is None else None

    @property
    def exit_status(self) -> int | None:
        """How the last command ended (negative: the signal), None while it runs or before it ran."""
        return self._child.poll() if self._child else None

    def clear(self) -> None:
        """Stop what an earlier supervisor left behind. Raises StartError when it will not go."""
        if not self._lock.take():
            self._signal_leftover(self.stop_signal)
            if not self._lock.wait(_KILL_WAIT):
                self._signal_leftover(signal.SIGKILL)
                if not self._lock.wait(_KILL_WAIT):
                    raise StartError(
                        f"An earlier {self.name} (process {self._pid_file.read_text()}) does not stop. "
                        f"End it by hand and start again."
                    )
        self._lock.let_go()

    def start(self) -> None:
        self.clear()
        if not self._lock.take():
            raise StartError(f"Another {self.name} was started on the same data at this moment.")
        _rotate(self.log)
        try:
            self._child = self._spawn()
            fresh = self._pid_file.with_suffix(".new")
            fresh.write_text(str(self._child.pid))
            fresh.replace(self._pid_file)  # whoever reads it meanwhile finds the one or the other
        finally:
            self._lock.let_go()

    def ask_to_stop(self) -> None:
        """Send the stop signal and return at once."""
        if self.pid is not None:
            os.kill(self.pid, self.stop_signal)

    def stop(self, timeout: float = 10.0) -> None:
        """Stopped when this returns: by the stop signal, after `timeout` seconds by force."""
        self.ask_to_stop()
        if self._child is not None:
            with suppress(subprocess.TimeoutExpired):
                self._child.wait(timeout)
            self.kill9()
        self._pid_file.unlink(missing_ok=True)

    def kill9(self) -> None:
        """End the command and what it forked, without giving any of them a chance to tidy up."""
        if self._child is None:
            return
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self._child.pid, signal.SIGKILL)
        self._child.wait(_KILL_WAIT)

    def _spawn(self) -> subprocess.Popen[bytes]:
        uid, gid = self.user or (None, None)
        assert self._lock.fd is not None
        with open(self.log, "ab") as log:
            child = subprocess.Popen(
                self.argv,
                stdin=subprocess.DEVNULL if self.stdin is None else subprocess.PIPE,
                stdout=log,
                stderr=subprocess.STDOUT,
                cwd=self.cwd,
                env=self.env,
                user=uid,
                group=gid,
                extra_groups=None if self.user is None else [],
                pass_fds=[self._lock.fd],
                start_new_session=True,
            )
        if child.stdin is not None:
            with suppress(BrokenPipeError), child.stdin:
                child.stdin.write(self.stdin or b"")
        return child

    def _signal_leftover(self, how: signal.Signals) -> None:
        with suppress(OSError, ValueError):
            os.killpg(int(self._pid_file.read_text()), how)


def _rotate(log: Path) -> None:
    log.parent.mkdir(parents=True, exist_ok=True)
    if log.exists() and log.stat().st_size > _LOG_LIMIT:
        log.replace(log.with_suffix(".old.log"))
