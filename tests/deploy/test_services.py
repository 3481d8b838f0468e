"""Servers of our own: what they hold survives every end, and no start finds them doubled."""

from __future__ import annotations

import os
from pathlib import Path

import psycopg
import pytest
import redis

from deploy.local.services import Server, start_postgres, start_valkey
from tests.folders import short_folder


def _write(server: Server) -> None:
    if server.url.startswith("redis"):
        redis.Redis.from_url(server.url).set("prompt", "kept")
    else:
        with psycopg.connect(server.url) as connection:
            connection.execute("DROP TABLE IF EXISTS prompt")
            connection.execute("CREATE TABLE prompt AS SELECT 'kept'::text AS value")


def _read(server: Server) -> str:
    if server.url.startswith("redis"):
        return str(redis.Redis.from_url(server.url, decode_responses=True).get("prompt"))
    with psycopg.connect(server.url) as connection:
        return str(connection.execute("SELECT value FROM prompt").fetchone()[0])  # type: ignore[index]


@pytest.fixture(scope="module")
def folder():
    with short_folder() as made:
        yield made


@pytest.fixture(params=[start_postgres, start_valkey])
def start(request):
    return request.param


@pytest.fixture
def server(start, folder: Path):
    running = start(folder)
    yield running
    running.stop()


def test_rows_survive_kill_9_and_are_reached_by_the_same_address(server: Server) -> None:
    _write(server)
    server.kill9()
    server.start()
    assert _read(server) == "kept"


def test_rows_survive_a_clean_stop_and_a_second_start(server: Server, start, folder: Path) -> None:
    _write(server)
    server.stop()
    second = start(folder)
    try:
        assert _read(second) == "kept"
    finally:
        second.stop()


def test_a_server_that_outlived_its_supervisor_is_replaced(server: Server, start, folder: Path) -> None:
    _write(server)
    second = start(folder)
    try:
        assert server.process.pid is None
        assert _read(second) == "kept"
    finally:
        second.stop()


def test_another_local_user_cannot_get_in_without_the_password(server: Server) -> None:
    secret = server.url.split(":")[2].split("@")[0]
    url = server.url.replace(secret, "guess")
    with pytest.raises((psycopg.OperationalError, redis.AuthenticationError)):
        psycopg.connect(url) if url.startswith("postgresql") else redis.Redis.from_url(url).ping()


def test_a_pid_file_that_names_a_stranger_does_not_keep_postgres_from_starting(folder: Path) -> None:
    server = start_postgres(folder)
    server.kill9()
    stale = folder / "postgres" / "cluster" / "postmaster.pid"
    stale.write_text("\n".join([str(os.getppid()), *stale.read_text().splitlines()[1:]]) + "\n")
    try:
        server.start()
        assert server.process.pid is not None
    finally:
        server.stop()


def test_an_initialisation_that_was_cut_off_is_done_again() -> None:
    with short_folder() as folder:
        half = folder / "postgres" / "cluster.new"
        half.mkdir(parents=True)
        (half / "PG_VERSION").write_text("18")
        server = start_postgres(folder)
        try:
            with psycopg.connect(server.url) as connection:
                assert connection.execute("SELECT current_database()").fetchone() == ("maskloom",)
        finally:
            server.stop()


def test_secrets_are_readable_by_their_owner_only(server: Server, folder: Path) -> None:
    secrets = list(folder.glob("*.password"))
    assert secrets
    assert all(path.stat().st_mode & 0o777 == 0o600 for path in secrets)
