"""A small client of docs/api.md, on the standard library."""

from __future__ import annotations

import http.client
import json
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

TIMEOUT_S = 60
PART = 8 * 2**20
TRIES, PAUSE_S = 30, 1.0


class Refused(Exception):
    """The server's answer to what it would not do."""

    def __init__(self, status: int, answer: dict[str, Any]) -> None:
        super().__init__(f"{status} {answer.get('code')}: {answer.get('message')}")
        self.status, self.code, self.answer = status, answer.get("code"), answer


class Client:
    """One signed-in person. Every call is tried again while the server is away: acts carry a client_id."""

    def __init__(self, base: str, token: str = "") -> None:
        self.base, self.token = base.rstrip("/"), token

    @classmethod
    def sign_in(cls, base: str, username: str, password: str) -> Client:
        answer = cls(base).post("auth/token", username=username, password=password, name="scripted")
        return cls(base, answer["token"])

    def get(self, path: str) -> Any:
        return self._json("GET", path)

    def post(self, path: str, **body: Any) -> Any:
        return self._json("POST", path, body)

    def put(self, path: str, **body: Any) -> Any:
        return self._json("PUT", path, body)

    def patch(self, path: str, **body: Any) -> Any:
        return self._json("PATCH", path, body)

    def upload(self, project: str, path: Path, **metadata: Any) -> int:
        """The id of the video that the file became, not yet ingested."""
        size = path.stat().st_size
        upload = self.post(f"projects/{project}/uploads", filename=path.name, size=size, metadata=metadata)
        with path.open("rb") as file:
            while upload["offset"] < size:
                file.seek(upload["offset"])
                headers = {
                    "Upload-Offset": str(upload["offset"]),
                    "Content-Type": "application/offset+octet-stream",
                }
                with self._open("PATCH", f"uploads/{upload['id']}", file.read(PART), headers) as response:
                    upload = json.load(response)
        return upload["video"]

    def download(self, path: str, target: Path) -> None:
        with self._open("GET", path) as response, target.open("wb") as file:
            while block := response.read(PART):
                file.write(block)

    def events(self, session: int, after: str) -> Iterator[tuple[str, dict[str, Any]]]:
        """(kind, data) of each event of the session since `after`, over lost connections; ("", {}) says every
        few seconds that the line is up."""
        while True:
            try:
                with self._open("GET", f"sessions/{session}/events?after={after}") as response:
                    for entry, kind, data in _parsed(response):
                        after = entry or after
                        yield kind, data
            except (OSError, http.client.HTTPException):
                time.sleep(PAUSE_S / 4)

    def _json(self, method: str, path: str, body: Any = None) -> Any:
        data = None if body is None else json.dumps(body).encode()
        with self._open(method, path, data, {"Content-Type": "application/json"}) as response:
            text = response.read()
        return json.loads(text) if text else None

    def _open(
        self, method: str, path: str, data: bytes | None = None, headers: dict[str, str] | None = None
    ) -> Any:
        headers = dict(headers or {})
        if self.token:
            headers["Authorization"] = f"Token {self.token}"
        url = path if path.startswith("http") else f"{self.base}/api/{path.removeprefix('/api/')}"
        for left in range(TRIES, 0, -1):
            request = urllib.request.Request(url, data=data, headers=headers, method=method)  # noqa: S310
            try:
                return urllib.request.urlopen(request, timeout=TIMEOUT_S)  # noqa: S310
            except urllib.error.HTTPError as error:
                answer = _answer(error)
                if error.code != 503 or left == 1:
                    raise Refused(error.code, answer) from None
            except (OSError, http.client.HTTPException):
                if left == 1:
                    raise
            time.sleep(PAUSE_S)
        raise AssertionError("the last try either answers or raises")


def _answer(error: urllib.error.HTTPError) -> dict[str, Any]:
    try:
        return json.load(error)
    except ValueError:
        return {"code": "error", "message": error.reason}


def _parsed(response: Any) -> Iterator[tuple[str, str, dict[str, Any]]]:
    fields: dict[str, str] = {}
    for raw in response:
        line = raw.decode().rstrip("\n")
        name, _, value = line.partition(": ")
        if line and name:
            fields[name] = value
        elif line:
            yield "", "", {}
        elif "event" in fields:
            yield fields.get("id", "0-0"), fields["event"], json.loads(fields.get("data", "{}"))
            fields = {}
