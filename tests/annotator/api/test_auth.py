"""Signing in: cookies with their CSRF token, tokens of programs, and guessing of passwords."""

from __future__ import annotations

import uuid

import pytest
from django.test import Client

from annotator.models import ApiToken, User
from annotator.services import users
from tests.annotator.api.http import Http
from tests.factories import PASSWORD

SIGN_IN = {"username": "annotator", "password": PASSWORD}


def with_token(token: str, method: str, path: str, body: object = None):  # type: ignore[no-untyped-def]
    return Http()(method, path, body, authorization=f"Token {token}")


def test_a_token_signs_in_and_is_kept_as_a_hash_only(annotator: User) -> None:
    token = Http()("POST", "auth/token", {**SIGN_IN, "name": "laptop"}).json()["token"]
    me = with_token(token, "GET", "me").json()
    assert (me["username"], me["projects"][0]["role"]) == ("annotator", "annotator")
    assert [known["name"] for known in me["tokens"]] == ["laptop"]
    assert token not in str(list(ApiToken.objects.values())) + str(me)


def test_a_token_needs_no_csrf_token(annotator: User) -> None:
    token = users.make_token(user=annotator, name="laptop")
    assert with_token(token, "POST", "me/tokens", {"name": "other"}).status_code == 201


@pytest.mark.parametrize("header", ["Token", "Token ", "Token a b", "Token ml_unknown", "token \xff"])
def test_a_token_that_is_not_known_is_refused(annotator: User, header: str) -> None:
    refused = Http()("GET", "me", authorization=header)
    assert (refused.status_code, refused.json()["code"]) == (401, "authentication_failed")


def test_a_token_taken_back_or_of_somebody_gone_no_longer_signs_in(annotator: User) -> None:
    token, other = (users.make_token(user=annotator, name=name) for name in "ab")
    first = ApiToken.objects.order_by("pk").first()
    assert first is not None
    assert with_token(token, "DELETE", f"me/tokens/{first.pk}").status_code == 204
    assert with_token(token, "GET", "me").status_code == 401
    assert with_token(other, "GET", "me").status_code == 200
    User.objects.filter(pk=annotator.pk).update(is_active=False)
    assert with_token(other, "GET", "me").status_code == 401


def test_a_write_by_cookie_needs_the_csrf_token(annotator: User) -> None:
    page = Client(enforce_csrf_checks=True)
    page.force_login(annotator)
    body = {"data": b'{"name": "a"}', "content_type": "application/json"}
    refused = page.post("/api/me/tokens", **body)
    assert (refused.status_code, refused.json()["code"]) == (403, "permission_denied")
    token = "a" * 32
    page.cookies["csrftoken"] = token
    assert page.post("/api/me/tokens", **body, headers={"X-CSRFToken": token}).status_code == 201


def test_a_wrong_password_says_no_more_than_that(annotator: User) -> None:
    wrong = Http()("POST", "auth/token", {**SIGN_IN, "password": "guess"})
    nobody = Http()("POST", "auth/token", {**SIGN_IN, "username": "nobody"})
    assert wrong.status_code == nobody.status_code == 401
    assert wrong.json() == nobody.json()


def test_guessing_of_passwords_is_slowed_down_whatever_address_it_claims(annotator: User) -> None:
    address = f"guesser-{uuid.uuid4()}"
    body = b'{"username": "annotator", "password": "guess"}'
    answers = [
        Client().post(
            "/api/auth/token", body, content_type="application/json", REMOTE_ADDR=address,
            headers={"X-Forwarded-For": f"10.0.0.{n}"},
        )
        for n in range(21)
    ]  # fmt: skip
    assert [answer.status_code for answer in answers] == [401] * 20 + [429]
    assert answers[-1].json()["code"] == "throttled"
    assert int(answers[-1].headers["Retry-After"]) > 0
