from __future__ import annotations

from html.parser import HTMLParser

import pytest
from django.contrib.staticfiles import finders
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import reverse

from annotator.api.errors import failed
from annotator.models import User
from tests.factories import PASSWORD
from web.middleware import CONTENT_SECURITY_POLICY, security_headers

PAGES = [
    reverse("web:home"),
    reverse("web:me"),
    reverse("web:password"),
    reverse("web:library", args=["street"]),
    reverse("web:work", args=["street"]),
    reverse("web:queue", args=["street"]),
    reverse("web:reviews", args=["street"]),
    reverse("web:comments", args=["street"]),
    reverse("web:review-next", args=["street"]),
    reverse("web:review-batch", args=["street"]),
    reverse("web:numbers", args=["street"]),
    reverse("web:numbers-masklets", args=["street"]),
    reverse("web:numbers-videos", args=["street"]),
    reverse("web:numbers-verdicts", args=["street"]),
    reverse("web:numbers-cases", args=["street"]),
    reverse("web:exports", args=["street"]),
    reverse("web:settings", args=["street"]),
    reverse("web:verifier", args=["street"]),
    reverse("web:scorecard", args=["street"]),
    reverse("web:people", args=["street"]),
    reverse("web:person", args=["street", "annotator"]),
    reverse("web:consensus", args=["street"]),
    reverse("web:gold-score", args=["7"]),
    reverse("web:video", args=["7"]),
    reverse("web:annotate", args=["7"]),
    reverse("web:review", args=["7"]),
]


class Markup(HTMLParser):
    """What a page loads, and what a strict policy would refuse to run."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.inline: list[str] = []
        self.loaded: list[str] = []
        self.body: dict[str, str | None] = {}
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.inline += [f"{tag} {name}" for name in given if name == "style" or name.startswith("on")]
        if tag == "style" or (tag == "script" and "src" not in given):
            self.inline.append(tag)
        if tag == "body":
            self.body = given
        self.loaded += [value for name in ("src", "href") if tag != "a" and (value := given.get(name))]


@pytest.fixture
def signed_in(client: Client, annotator: User) -> Client:
    client.force_login(annotator)
    return client


@pytest.mark.parametrize("page", PAGES)
def test_a_page_sends_who_is_not_signed_in_to_sign_in_and_back(client: Client, page: str) -> None:
    response = client.get(page)
    assert response.status_code == 302
    assert response["Location"] == f"/sign-in?next={page}"


@pytest.mark.parametrize("page", PAGES)
def test_a_page_is_shown_under_a_policy_that_runs_our_own_files_only(signed_in: Client, page: str) -> None:
    response = signed_in.get(page)
    assert response.status_code == 200
    assert response["Content-Security-Policy"] == CONTENT_SECURITY_POLICY
    assert response["Referrer-Policy"] == "same-origin"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["X-Frame-Options"] == "DENY"
    assert response["Cross-Origin-Opener-Policy"] == "same-origin"


@pytest.mark.parametrize("page", ["/sign-in", *PAGES])
def test_a_page_has_no_inline_script_or_style_and_loads_files_that_exist(
    client: Client, annotator: User, page: str
) -> None:
    if page != "/sign-in":
        client.force_login(annotator)
    markup = Markup(client.get(page).content.decode())
    assert markup.inline == []
    assert markup.loaded
    assert [url for url in markup.loaded if not finders.find(url.removeprefix("/static/"))] == []


def test_the_policy_lets_nothing_inline_or_foreign_run_and_nobody_frame_us() -> None:
    rules = dict(rule.split(" ", 1) for rule in CONTENT_SECURITY_POLICY.split("; "))
    assert rules["default-src"] == rules["script-src"] == rules["style-src"] == "'self'"
    assert rules["frame-ancestors"] == rules["object-src"] == rules["base-uri"] == "'none'"


def test_a_page_gives_its_scripts_the_ids_of_its_address_escaped(signed_in: Client) -> None:
    library = Markup(signed_in.get("/projects/street").content.decode()).body
    assert (library["data-slug"], library["data-username"]) == ("street", "annotator")
    video = Markup(signed_in.get("/videos/%22%3E%3Cscript%3E").content.decode())
    assert video.body["data-video"] == '"><script>'
    assert video.inline == []


def test_a_page_sets_the_token_that_its_scripts_send(signed_in: Client) -> None:
    assert "csrftoken" in signed_in.get("/").cookies


def test_signing_in_leads_to_where_the_person_wanted_to_go(client: Client, annotator: User) -> None:
    form = {"username": annotator.username, "password": PASSWORD, "next": "/projects/street/reviews"}
    response = client.post("/sign-in", form)
    assert (response.status_code, response["Location"]) == (302, "/projects/street/reviews")


def test_signing_in_leads_to_no_other_site(client: Client, annotator: User) -> None:
    form = {"username": annotator.username, "password": PASSWORD, "next": "https://elsewhere.example/"}
    assert client.post("/sign-in", form)["Location"] == "/"


def test_a_wrong_password_is_answered_with_a_sentence_and_keeps_the_name(
    client: Client, annotator: User
) -> None:
    response = client.post("/sign-in", {"username": annotator.username, "password": "guess"})
    text = response.content.decode()
    assert response.status_code == 200
    assert 'role="alert"' in text and f'value="{annotator.username}"' in text
    assert "guess" not in text


def test_signing_out_takes_a_post_and_ends_the_session(signed_in: Client) -> None:
    assert signed_in.get("/sign-out").status_code == 405
    assert signed_in.post("/sign-out")["Location"] == "/sign-in"
    assert signed_in.get("/").status_code == 302


def test_pages_only_answer_reading(signed_in: Client) -> None:
    assert signed_in.post("/projects/street").status_code == 405


def test_a_header_that_a_view_has_set_itself_stays() -> None:
    own = HttpResponse(headers={"Content-Security-Policy": "default-src 'none'"})
    response = security_headers(lambda request: own)(HttpRequest())
    assert response["Content-Security-Policy"] == "default-src 'none'"
    assert "camera=()" in response["Permissions-Policy"]


def test_a_person_changes_their_password(signed_in: Client, annotator: User) -> None:
    fresh = "a newer horse battery staple"
    form = {"old_password": PASSWORD, "new_password1": fresh, "new_password2": fresh}
    assert signed_in.post("/me/password", form)["Location"] == "/me?changed=password"
    annotator.refresh_from_db()
    assert annotator.check_password(fresh)


def test_an_address_that_is_no_page_is_answered_by_a_page_with_a_way_on(signed_in: Client) -> None:
    for client in (signed_in, Client()):
        response = client.get("/nowhere/at/all")
        markup = Markup(response.content.decode())
        assert (response.status_code, markup.inline) == (404, [])
        assert "There is no such page" in response.content.decode()
        assert f'href="{reverse("web:home")}"' in response.content.decode()


def test_a_form_whose_token_is_outdated_says_how_to_go_on(annotator: User) -> None:
    client = Client(enforce_csrf_checks=True)
    response = client.post("/sign-in?next=/me", {"username": "annotator", "password": PASSWORD})
    assert response.status_code == 403
    assert 'href="/sign-in?next=/me"' in response.content.decode()


def test_a_page_at_which_the_server_fails_says_so_without_asking_the_database() -> None:
    response = failed(HttpRequest())
    assert response.status_code == 500
    assert "What was stored before is safe" in response.content.decode()
