"""Company sign-in (OpenID Connect): offered if it is configured, and creating accounts if that is allowed."""

from collections.abc import Iterator
from http.client import HTTPConnection
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.test import Client, RequestFactory
from pytest_django import Settings

from accounts.adapters import SocialAccountAdapter
from core.models import User
from netra.config import OidcProvider
from netra.origins import build_csp
from tests.accounts.company import CLIENT, SECRET, Company, company
from tests.conftest import People

ACME: dict[str, Any] = {
    "id": "acme",
    "name": "Acme",
    "client_id": "x",
    "secret": "y",
    "server_url": "https://id.acme.example/realm",
}


def test_company_sign_in_is_offered_on_the_sign_in_page(people: People, client: Client, settings: Settings) -> None:
    assert "Acme" not in client.get("/accounts/login/").content.decode()
    app = {"provider_id": "acme", "name": "Acme", "client_id": "x", "settings": {"server_url": ACME["server_url"]}}
    settings.SOCIALACCOUNT_PROVIDERS = {"openid_connect": {"APPS": [app]}}
    page = client.get("/accounts/login/").content.decode()
    assert "/accounts/oidc/acme/login/" in page
    # A link alone signs nobody in: another site could set it.
    assert client.get("/accounts/oidc/acme/login/").status_code == 200


@pytest.mark.parametrize("said", [True, False])
def test_it_creates_accounts_only_if_that_is_configured(said: bool) -> None:
    login: Any = SimpleNamespace(provider=SimpleNamespace(app=SimpleNamespace(settings={"sign_up": said})))
    assert SocialAccountAdapter().is_open_for_signup(RequestFactory().get("/"), login) is said


def test_the_content_security_policy_allows_the_companys_pages() -> None:
    provider = OidcProvider(**ACME, pages=("https://login.acme.example",))
    assert provider.sign_up is False
    form_action = build_csp([], sign_ins=provider.origins)["form-action"]
    assert form_action == ("'self'", "https://id.acme.example", "https://login.acme.example")


@pytest.mark.parametrize("server_url", ["id.acme.example", "file:///etc", "https://user:word@id.acme.example"])
def test_an_invalid_provider_address_is_refused(server_url: str) -> None:
    with pytest.raises(ValueError):
        OidcProvider(**ACME | {"server_url": server_url})


@pytest.fixture
def acme(settings: Settings) -> Iterator[Company]:
    with company() as it:
        offer(settings, it, sign_up=True)
        yield it


def offer(settings: Settings, it: Company, *, sign_up: bool) -> None:
    app = {"provider_id": "acme", "name": "Acme", "client_id": CLIENT, "secret": SECRET}
    own = {"settings": {"server_url": it.origin, "sign_up": sign_up}}
    settings.SOCIALACCOUNT_PROVIDERS = {"openid_connect": {"OAUTH_PKCE_ENABLED": True, "APPS": [app | own]}}


def through(client: Client) -> str:
    """The way to the company and back, and where it ends."""
    there = urlsplit(client.post("/accounts/oidc/acme/login/").headers["Location"])
    line = HTTPConnection(there.netloc)
    line.request("GET", f"{there.path}?{there.query}")
    back = urlsplit(line.getresponse().headers["Location"])
    line.close()
    return client.get(f"{back.path}?{back.query}").headers.get("Location", "")


def test_it_signs_in(people: People, client: Client, acme: Company) -> None:
    assert through(client) == "/"
    assert client.get("/api/me/").json()["username"] == "ida"


def test_an_unknown_user_signs_up_only_if_that_is_configured(
    people: People, client: Client, acme: Company, settings: Settings
) -> None:
    offer(settings, acme, sign_up=False)
    through(client)
    assert client.get("/api/me/").status_code == 401
    assert not User.objects.filter(email="ida@acme.example").exists()


@pytest.mark.parametrize("claims", [{"aud": "another client"}, {"iss": "https://evil.example"}, {"exp": 1}], ids=str)
def test_answers_for_others_or_from_long_ago_sign_nobody_in(
    people: People, client: Client, acme: Company, claims: dict[str, Any]
) -> None:
    acme.claims |= claims
    through(client)
    assert client.get("/api/me/").status_code == 401
    assert not User.objects.filter(email="ida@acme.example").exists()


def test_an_unrequested_answer_signs_nobody_in(people: People, client: Client, acme: Company) -> None:
    answer = client.get("/accounts/oidc/acme/login/callback/", {"code": "code-0", "state": "of another"})
    assert answer.status_code in (200, 401, 403)
    assert client.get("/api/me/").status_code == 401
    assert "/token" not in acme.asked


def test_an_unverified_address_signs_in_to_no_other_account(people: People, client: Client, acme: Company) -> None:
    people.owner.email = "owner@acme.example"
    people.owner.save()
    acme.claims |= {"email": people.owner.email, "email_verified": False}
    through(client)
    assert client.get("/api/me/").json().get("username") != people.owner.username


@pytest.mark.parametrize(
    "called", ["admin", "OWNER", "00000000-0000-4000-8000-000000000001", "own\u200ber", "owner@acme.example"]
)
def test_a_reserved_name_is_replaced(people: People, client: Client, acme: Company, called: str) -> None:
    acme.claims |= {"preferred_username": called}
    assert through(client) == "/"
    assert client.get("/api/me/").json()["username"] == "ida"


def test_a_taken_name_gets_a_number(people: People, client: Client, acme: Company) -> None:
    acme.claims |= {"preferred_username": "admin", "email": "owner@acme.example"}
    assert through(client) == "/"
    assert client.get("/api/me/").json()["username"] == "owner-2"
