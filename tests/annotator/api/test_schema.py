from __future__ import annotations

import re

from django.core.management import call_command
from django.urls import URLPattern
from drf_spectacular.generators import SchemaGenerator

from annotator.api.errors import unknown_address
from annotator.api.urls import urlpatterns
from annotator.models import User
from tests.annotator.api.http import Http

NOT_A_SCHEMA_S = {"/api/sessions/{session_id}/events"}  # a stream, described in docs/api.md


def test_the_schema_is_valid_and_without_a_warning(tmp_path) -> None:  # type: ignore[no-untyped-def]
    call_command("spectacular", "--validate", "--fail-on-warn", "--file", str(tmp_path / "schema.yml"))


def test_every_route_is_in_the_schema() -> None:
    known = set(SchemaGenerator().get_schema(public=True)["paths"])
    routes = [route for route in urlpatterns if route.callback is not unknown_address]
    assert {path_of(route) for route in routes} - NOT_A_SCHEMA_S <= known


def path_of(route: URLPattern) -> str:
    return "/api/" + re.sub(r"<\w+:(\w+)>", r"{\1}", str(route.pattern))


def test_the_schema_is_for_those_signed_in(stranger: User) -> None:
    assert Http(stranger)("GET", "schema").status_code == 200
    assert Http()("GET", "schema").status_code == 401
