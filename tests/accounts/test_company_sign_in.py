"""Companies' own sign-ins (OpenID Connect): offered where they are set, and making accounts where that is allowed."""

from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client, RequestFactory
from pytest_django import Settings

from netra.accounts.adapter import SocialAccountAdapter
from netra.csp import policy
from netra.environment import OidcProvider
from tests.conftest import People

ACME: dict[str, Any] = {
    "id": "acme",
    "name": "Acme",
    "client_id": "x",
    "secret": "y",
    "server_url": "https://id.acme.example/realm",
}


def test_it_is_offered_at_the_door(people: People, client: Client, settings: Settings) -> None:
    assert "Acme" not in client.get("/accounts/login/").content.decode()
    app = {"provider_id": "acme", "name": "Acme", "client_id": "x", "settings": {"server_url": ACME["server_url"]}}
    settings.SOCIALACCOUNT_PROVIDERS = {"openid_connect": {"APPS": [app]}}
    page = client.get("/accounts/login/").content.decode()
    assert "/accounts/oidc/acme/login/" in page
    # A link alone signs nobody in: another site could set it.
    assert client.get("/accounts/oidc/acme/login/").status_code == 200


@pytest.mark.parametrize("said", [True, False])
def test_it_makes_accounts_only_where_that_is_said(said: bool) -> None:
    login: Any = SimpleNamespace(provider=SimpleNamespace(app=SimpleNamespace(settings={"sign_up": said})))
    assert SocialAccountAdapter().is_open_for_signup(RequestFactory().get("/"), login) is said


def test_its_pages_may_be_led_to() -> None:
    provider = OidcProvider(**ACME, pages=("https://login.acme.example",))
    assert provider.sign_up is False
    told = policy([], sign_ins=provider.origins)["form-action"]
    assert told == ("'self'", "https://id.acme.example", "https://login.acme.example")


@pytest.mark.parametrize("server_url", ["id.acme.example", "file:///etc", "https://user:word@id.acme.example"])
def test_an_address_that_is_none_is_refused(server_url: str) -> None:
    with pytest.raises(ValueError):
        OidcProvider(**ACME | {"server_url": server_url})
