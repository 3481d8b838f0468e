"""A start that cannot succeed says why, before it touches anything."""

from __future__ import annotations

import socket
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from deploy.local.processes import Lock
from deploy.local.services import free_port
from deploy.local.setup import ROOT
from deploy.local.up import unwell

PROGRAM = """
import sys
from pathlib import Path
from deploy.local.errors import StartError
from deploy.local.up import up
try:
    up(Path(sys.argv[1]), int(sys.argv[2]))
except StartError as error:
    sys.exit(str(error))
"""


def _start(data: Path, port: int) -> str:
    """What it said on giving up."""
    command = [sys.executable, "-c", PROGRAM, str(data), str(port)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 1
    return done.stderr.strip()


def test_a_taken_port_is_named_with_a_free_one_to_use(tmp_path: Path) -> None:
    port = free_port()
    with socket.socket() as other:
        other.bind(("127.0.0.1", port))
        other.listen()
        said = _start(tmp_path / "data", port)
    assert said.startswith(f"Port {port} is taken by another program. Choose another one: ./run --port ")
    assert int(said.rsplit(" ", 1)[1]) > port
    assert not (tmp_path / "data" / "postgres").exists()


def test_a_second_start_on_the_same_data_is_refused(tmp_path: Path) -> None:
    lock = Lock(tmp_path / "data" / "state" / "maskloom.lock")
    assert lock.take()
    try:
        assert _start(tmp_path / "data", free_port()).startswith("Maskloom already runs on")
    finally:
        lock.let_go()


def test_a_data_directory_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert _start(tmp_path / "file" / "data", free_port()).endswith("cannot be used: Not a directory.")


@pytest.mark.parametrize(
    ("status", "said", "expected"),
    [
        (200, '{"parts": {"redis": {"ok": true, "message": ""}}}', {}),
        (503, '{"parts": {"redis": {"ok": false, "message": "away"}}}', {"redis": "away"}),
        (500, "<h1>Server Error</h1>", None),
    ],
)
def test_a_start_waits_for_a_server_that_cannot_say_how_it_is_yet(
    status: int, said: str, expected: dict[str, str] | None
) -> None:
    class Web(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status)
            self.end_headers()
            self.wfile.write(said.encode())

    server = HTTPServer(("127.0.0.1", 0), Web)
    threading.Thread(target=server.handle_request, daemon=True).start()
    assert unwell(f"http://127.0.0.1:{server.server_port}/healthz") == expected
    server.server_close()
