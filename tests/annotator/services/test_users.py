from __future__ import annotations

import pytest
from django.core.cache import cache
from django.test import Client

from annotator.errors import AnnotatorError
from annotator.models import User
from annotator.services import users
from tests.factories import PASSWORD


def sign_in(client: Client, password: str, username: str = "annotator") -> bool:
    return client.post("/sign-in", {"username": username, "password": password}).status_code == 302


def test_guessing_is_stopped_for_that_address_and_nobody_else(annotator: User, settings) -> None:  # type: ignore[no-untyped-def]
    cache.clear()
    settings.SIGN_IN_TRIES = 3
    guesser, elsewhere = Client(), Client(REMOTE_ADDR="127.0.0.2")
    assert not any(sign_in(guesser, "wrong") for _ in range(3))
    assert not sign_in(guesser, PASSWORD)
    assert sign_in(elsewhere, PASSWORD)
    cache.clear()
    assert sign_in(guesser, PASSWORD)


def test_one_password_cannot_be_tried_on_every_name(annotator: User, settings) -> None:  # type: ignore[no-untyped-def]
    cache.clear()
    settings.SIGN_IN_TRIES = 1
    guesser, elsewhere = Client(), Client(REMOTE_ADDR="127.0.0.2")
    assert not any(sign_in(guesser, "wrong", f"person{n}") for n in range(10))
    assert not sign_in(guesser, PASSWORD)
    assert sign_in(elsewhere, PASSWORD)


def test_a_right_password_uses_up_no_try(annotator: User, settings) -> None:  # type: ignore[no-untyped-def]
    cache.clear()
    settings.SIGN_IN_TRIES = 1
    assert all(sign_in(Client(), PASSWORD) for _ in range(12))


@pytest.mark.parametrize(
    ("name", "password"),
    [("somebody", "short"), ("somebody", "password1"), ("some body", PASSWORD), ("annotator", PASSWORD)],
)
def test_a_name_or_password_that_will_not_do_is_refused(annotator: User, name: str, password: str) -> None:
    with pytest.raises(AnnotatorError):
        users.add(username=name, password=password)


def test_staff_add_people_who_can_then_sign_in(client: Client, db: None) -> None:
    User.objects.create_user("boss", password=PASSWORD, is_staff=True)
    client.login(username="boss", password=PASSWORD)
    made = client.post(
        "/api/people", {"username": "newcomer", "password": PASSWORD}, content_type="application/json"
    )
    assert (made.status_code, made.json()["username"]) == (201, "newcomer")
    assert Client().login(username="newcomer", password=PASSWORD)
