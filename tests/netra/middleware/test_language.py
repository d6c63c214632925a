"""The same requests in German and in English: pages, REST answers, Django's own words, and what stays English."""

import asyncio
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from blockbuster import BlockBuster
from django.core.management import call_command
from django.template import Context, Template, TemplateSyntaxError
from django.test import AsyncClient, Client, RequestFactory
from django.utils import translation
from pytest_django import Settings

from accounts import tokens
from accounts.adapters import INVALID_CREDENTIALS
from core.i18n.language import ENGLISH
from core.models import User
from netra.server.limits import BODY_BYTES
from tests.accounts.conftest import PASSWORD
from tests.accounts.test_tokens import confirm
from tests.conftest import People
from tests.support.translations import Words, german

GERMAN: dict[str, Any] = {"headers": {"Accept-Language": "de-AT,de;q=0.9,en;q=0.8"}}
HOSTILE = "<img src=x onerror=alert(1)>\"'&{name}"


@pytest.fixture(autouse=True)
def _speaks_german(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    words: Words = {
        "Page not found.": "Hier ist nichts, oder nicht für Sie.",
        "Token not found.": "So einen Schlüssel haben Sie nicht.",
        "Back to Netra": "Zurück zu Netra",
        "Sign in": "Anmelden & los",
        "Username or email": "Name oder E-Mail",
        "Revoke the token that starts with {key}": "{key}… zurückziehen <b>",
        str(INVALID_CREDENTIALS): "Name oder Passwort stimmt nicht.",
        "Expires after": "Gilt für",
        ("{n} day", "{n} days"): ("{n} Tag", "{n} Tage"),
        "Sign in to manage tokens. An API token can't do this.": "Nur wer angemeldet ist, verwaltet Schlüssel.",
        "The request is too large: at most {bytes:,} bytes are allowed.": "Mehr als {bytes:,} Byte gehen nicht.",
        "This page has expired or was opened from another site. Go back, reload it and try again.": "Zu alt.",
    }
    german(monkeypatch, tmp_path, words)


@pytest.fixture
def owner(people: People) -> Client:
    people.owner.set_password(PASSWORD)
    people.owner.save()
    client = Client()
    client.force_login(people.owner)
    return client


def test_a_404_below_the_api(owner: Client) -> None:
    told = [owner.get("/api/nothing/", **asked).json()["message"] for asked in (GERMAN, {})]
    assert told == ["Hier ist nichts, oder nicht für Sie.", "Page not found."]
    told = [owner.delete(f"/api/tokens/{'a' * 15}/", **asked).json()["message"] for asked in (GERMAN, {})]
    assert told == ["So einen Schlüssel haben Sie nicht.", "Token not found."]


def test_what_the_rest_framework_finds_wrong(owner: Client) -> None:
    confirm(owner)
    wanted = {"name": "a", "days": "x"}
    answers = [owner.post("/api/tokens/", wanted, "application/json", **asked) for asked in (GERMAN, {})]
    told = [(answer.status_code, answer.json()["message"]) for answer in answers]
    assert told == [(400, "days: Eine gültige Ganzzahl ist erforderlich."), (400, "days: A valid integer is required.")]
    assert [answer["Content-Language"] for answer in answers] == ["de", "en"]


def test_who_may_not(owner: Client, people: People) -> None:
    token = tokens.create_token(people.owner, name="a script").token
    headers = {"Authorization": f"Token {token}", **GERMAN["headers"]}
    told = Client().get("/api/tokens/", headers=headers).json()
    assert told == {"code": "permission_denied", "message": "Nur wer angemeldet ist, verwaltet Schlüssel."}


def test_what_is_refused_unread(owner: Client) -> None:
    answer = owner.post("/api/runs/", b" " * (BODY_BYTES + 1), "application/json", **GERMAN)
    assert answer.json()["message"] == "Mehr als 1.048.576 Byte gehen nicht."


def test_the_sign_in_page(client: Client, db: None) -> None:
    page = client.get("/accounts/login/", **GERMAN)
    told = page.content.decode()
    assert '<html lang="de">' in told
    assert "<h1>Anmelden &amp; los</h1>" in told
    assert "Name oder E-Mail" in told
    assert "Passwort" in told  # allauth's
    assert "Accept-Language" in page["Vary"]
    wrong = client.post("/accounts/login/", {"login": "nobody", "password": "x"}, **GERMAN).content.decode()
    assert "Name oder Passwort stimmt nicht." in wrong
    again = client.get("/accounts/login/").content.decode()
    assert '<html lang="en">' in again
    assert "<h1>Sign in</h1>" in again
    assert "Passwort" not in again
    assert translation.get_language() == "en"


def test_an_error_page(client: Client, db: None) -> None:
    told = client.get("/nothing/", **GERMAN).content.decode()
    assert '<html lang="de">' in told
    assert "Hier ist nichts, oder nicht für Sie." in told
    assert "Zurück zu Netra" in told
    strict = Client(enforce_csrf_checks=True)
    assert "Zu alt." in strict.post("/accounts/login/", **GERMAN).content.decode()


def test_a_defect_leaves_no_language_behind(client: Client, db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError

    monkeypatch.setattr("netra.health._check_database", broken)
    client.raise_request_exception = False
    assert client.get("/healthz", **GERMAN).status_code == 500
    assert translation.get_language() == "en"


def test_the_tokens_page(owner: Client, people: People) -> None:
    tokens.create_token(people.owner, name="a script")
    told = owner.get("/accounts/tokens/", **GERMAN).content.decode()
    assert "Gilt für" in told
    assert "30 Tage" in told
    assert "… zurückziehen &lt;b&gt;" in told
    assert "<b>" not in told


def test_the_admin_and_the_schema_are_english(people: People) -> None:
    client = Client()
    client.force_login(User.objects.create(username="root", is_staff=True, is_superuser=True))
    for path in ("/admin/", "/admin/core/user/", f"/admin/core/user/{people.owner.pk}/change/", "/api/schema/"):
        pages = [client.get(path, **asked) for asked in (GERMAN, {})]
        assert [page["Content-Language"] for page in pages] == ["en", "en"]
        told, english = (page.content.decode().split("csrfmiddlewaretoken")[0] for page in pages)
        assert told == english, path


def test_a_cookie_of_a_neighbours_chooses_nothing(client: Client, db: None) -> None:
    client.cookies["django_language"] = "de"
    assert '<html lang="en">' in client.get("/accounts/login/").content.decode()


def test_the_settings_say_which_languages_there_are(settings: Settings) -> None:
    assert "en" in dict(settings.LANGUAGES)
    call_command("check", stderr=StringIO(), stdout=StringIO())


class TestSay:
    def render(self, template: str, **context: Any) -> str:
        return Template("{% load netra_i18n %}" + template).render(Context(context))

    def test_a_value_is_text(self) -> None:
        request = RequestFactory().get("/", **GERMAN)
        for about in ({}, {"request": request}):
            told = self.render('{% say "Revoke the token that starts with {key}" key=name %}', name=HOSTILE, **about)
            assert "&lt;img src=x onerror=alert(1)&gt;&quot;&#x27;&amp;{name}" in told
            assert "<" not in told

    def test_of_what_is_safe_too(self) -> None:
        assert self.render('{% say "Back, {name}" name="<b>"|safe %}') == "Back, &lt;b&gt;"

    def test_without_a_request_it_is_english(self) -> None:
        assert self.render('{% say "Sign in" %} {% spoken %}') == "Sign in en"

    def test_a_language_that_is_given_comes_first(self) -> None:
        request = RequestFactory().get("/", **GERMAN)
        assert self.render('{% say "Sign in" %}', request=request) == "Anmelden &amp; los"
        assert self.render('{% say "Sign in" %}', request=request, language=ENGLISH) == "Sign in"

    @pytest.mark.parametrize(
        "tag",
        [
            "{% say %}",
            "{% say name %}",
            "{% say 'Sign in' %}",
            '{% say "Sign in"|upper %}',
            '{% say "Sign in" name %}',
            '{% say "Sign in" name=1 %}',
            '{% say "Back, {name}" %}',
            '{% say "Back, {name" %}',
        ],
    )
    def test_what_a_catalogue_could_not_have_is_refused(self, tag: str) -> None:
        with pytest.raises(TemplateSyntaxError, match="say"):
            self.render(tag)


@pytest.mark.slow
async def test_neither_of_two_at_once_hears_the_other(blockbuster: BlockBuster) -> None:
    blockbuster.deactivate()  # a test's client makes its middleware on the loop
    client = AsyncClient()
    asked = [client.get("/api/nothing/", **(GERMAN if number % 2 else {})) for number in range(20)]
    told = [answer.json()["message"] for answer in await asyncio.gather(*asked)]
    assert told == ["Page not found.", "Hier ist nichts, oder nicht für Sie."] * 10
    assert translation.get_language() == "en"
