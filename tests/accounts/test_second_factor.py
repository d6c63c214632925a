"""A second factor: its owner turns it on, and every way to sign in requires it."""

import pytest
from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value, yield_hotp_counters_from_time
from django.test import Client
from pytest_django import Settings

from core.models import User
from tests.accounts.conftest import PASSWORD

SECRET = "JBSWY3DPEHPK3PXP"
STORED = (
    "gAAAAABpVbkAST0y29E4tiaANo_H8zXtiNIbHI6hEBWvsMWxCOzL4aTotCopKT-6PGF8Hjne_FAiwTBxfugzCjqeXmg-la8kw9VRaoPEdjRy6v5HN8Kc"
    "gMs="
)
"""SECRET as version 1 stored it, under the key of the test below."""


def code() -> str:
    return str(format_hotp_value(hotp_value(SECRET, next(iter(yield_hotp_counters_from_time())))))


@pytest.fixture
def owner_with_second_factor(owner: User) -> User:
    TOTP.activate(owner, SECRET)
    return owner


@pytest.mark.parametrize("door", ["/accounts/login/", "/admin/login/"])
def test_the_password_alone_signs_nobody_in(owner_with_second_factor: User, client: Client, door: str) -> None:
    owner_with_second_factor.is_staff = owner_with_second_factor.is_superuser = True
    owner_with_second_factor.save()
    client.post(door, {"login": "owner", "username": "owner", "password": PASSWORD})
    assert client.get("/api/me/").status_code == 401
    assert client.get("/admin/").status_code == 302


def test_password_and_code_sign_in(owner_with_second_factor: User, client: Client) -> None:
    client.post("/accounts/login/", {"login": "owner", "password": PASSWORD})
    client.post("/accounts/2fa/authenticate/", {"code": code()})
    assert client.get("/api/me/").status_code == 200


def test_a_wrong_code_does_not(owner_with_second_factor: User, client: Client) -> None:
    client.post("/accounts/login/", {"login": "owner", "password": PASSWORD})
    client.post("/accounts/2fa/authenticate/", {"code": "000000"})
    assert client.get("/api/me/").status_code == 401


def test_the_secret_is_encrypted_in_the_database(owner_with_second_factor: User) -> None:
    stored = Authenticator.objects.get(user=owner_with_second_factor, type="totp").data["secret"]
    assert SECRET not in stored
    assert get_adapter().decrypt(stored) == SECRET


def test_what_an_earlier_version_encrypted_can_be_decrypted(settings: Settings) -> None:
    """Renaming modules must not change the salt, which looks like one: every stored second factor would be lost."""
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "the secret key of an earlier version", []
    assert get_adapter().decrypt(STORED) == SECRET
