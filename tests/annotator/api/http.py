"""A person's programs and pages: requests as they come over the wire."""

from __future__ import annotations

import json
from typing import Any

from django.http import HttpResponse
from django.test import Client

from annotator.models import User


class Http:
    """One person's signed-in browser, or nobody's. Bodies are JSON; text and bytes go as they are."""

    def __init__(self, user: User | None = None) -> None:
        self.client = Client(raise_request_exception=False)
        if user is not None:
            self.client.force_login(user)

    def __call__(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        content_type: str = "application/json",
        **headers: str,
    ) -> HttpResponse:
        data = body if isinstance(body, str | bytes) else b"" if body is None else json.dumps(body)
        named = {f"HTTP_{name.upper()}": value for name, value in headers.items()}
        return self.client.generic(method, f"/api/{path}", data, content_type=content_type, **named)
