"""An unattended session can't change how its account is signed in to."""

from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP
from allauth.socialaccount.models import SocialAccount
from django.contrib.sessions.models import Session
from django.test import Client
from knox.models import AuthToken

from core.models import User
from tests.accounts.company import Company
from tests.accounts.conftest import PASSWORD
from tests.accounts.test_company_sign_in import acme, through
from tests.accounts.test_second_factor import SECRET, code
from tests.conftest import People

__all__ = ["acme"]

NEW = {"password1": "another horse 42", "password2": "another horse 42"}
CHANGES: dict[str, tuple[str, dict[str, str]]] = {
    "an address": ("/accounts/email/", {"email": "evil@example.org", "action_add": ""}),
    "no address": ("/accounts/email/", {"email": "ida@acme.example", "action_remove": ""}),
    "a password": ("/accounts/password/set/", NEW),
    "a second factor": ("/accounts/2fa/totp/activate/", {"code": "000000"}),
    "recovery codes": ("/accounts/2fa/recovery-codes/generate/", {}),
    "a token": ("/accounts/tokens/new/", {"name": "x", "days": "30"}),
}


def age(client: Client) -> None:
    """As if all that was shown in this session had been shown an hour ago."""
    session = client.session
    records = session["account_authentication_methods"]
    for record in records:
        record["at"] -= 3600
    session["account_authentication_methods"] = records
    session.save()


def opened_by(user: User) -> dict[str, Any]:
    user.refresh_from_db()
    return {
        "password": user.password,
        "addresses": sorted(EmailAddress.objects.filter(user=user).values_list("email", "primary")),
        "factors": Authenticator.objects.filter(user=user).count(),
        "companies": sorted(SocialAccount.objects.filter(user=user).values_list("uid", flat=True)),
        "tokens": AuthToken.objects.filter(user=user).count(),
    }


@pytest.mark.parametrize("change", CHANGES)
def test_company_users_change_sign_in_only_right_after_signing_in(
    people: People, client: Client, acme: object, change: str
) -> None:
    through(client)
    ida = User.objects.get(username="ida")
    before = opened_by(ida)
    path, fields = CHANGES[change]
    age(client)
    answer = client.post(path, fields)
    page = answer.content.decode()
    assert "sign in with your company account" in page, page
    assert opened_by(ida) == before


def test_company_users_connect_no_other_company_later(people: People, client: Client, acme: Company) -> None:
    through(client)
    ida = User.objects.get(username="ida")
    before = opened_by(ida)
    age(client)
    acme.claims |= {"sub": "of the attacker", "email": "evil@acme.example"}
    there = urlsplit(client.post("/accounts/oidc/acme/login/?process=connect").headers["Location"])
    back = urlsplit(acme.allow({name: one for name, (one,) in parse_qs(there.query).items()}))
    answer = client.get(f"{back.path}?{back.query}", follow=True)
    assert "sign in with your company account" in answer.content.decode()
    assert opened_by(ida) == before


def test_changes_are_allowed_right_after_signing_in(people: People, client: Client, acme: object) -> None:
    through(client)
    ida = User.objects.get(username="ida")
    client.post(*CHANGES["an address"])
    assert EmailAddress.objects.filter(user=ida, email="evil@example.org").exists()
    client.post(*CHANGES["a password"])
    ida.refresh_from_db()
    assert ida.check_password(NEW["password1"])


@pytest.mark.parametrize("change", ["an address", "a second factor", "recovery codes", "a token"])
def test_users_with_a_password_enter_it_again(owner: User, client: Client, change: str) -> None:
    EmailAddress.objects.create(user=owner, email=owner.email, primary=True, verified=True)
    client.post("/accounts/login/", {"login": "owner", "password": PASSWORD})
    before = opened_by(owner)
    answer = client.post(*CHANGES[change])
    assert answer["Location"].startswith("/accounts/reauthenticate/")
    assert opened_by(owner) == before


def test_setting_a_first_password_requires_the_second_factor(people: People, client: Client) -> None:
    people.owner.set_unusable_password()
    people.owner.save()
    TOTP.activate(people.owner, SECRET)
    client.force_login(people.owner)
    answer = client.post(*CHANGES["a password"])
    assert answer["Location"].startswith("/accounts/2fa/reauthenticate/")
    people.owner.refresh_from_db()
    assert not people.owner.has_usable_password()
    # What was typed waits nowhere.
    assert NEW["password1"] not in str([session.get_decoded() for session in Session.objects.all()])
    client.post("/accounts/2fa/reauthenticate/", {"code": code()})
    client.post(*CHANGES["a password"])
    people.owner.refresh_from_db()
    assert people.owner.check_password(NEW["password1"])


def test_another_users_sign_in_confirms_nothing(owner: User, people: People, client: Client) -> None:
    """Half a sign-in as somebody else, in the browser of who is signed in."""
    people.neighbour.set_password(PASSWORD)
    people.neighbour.save()
    TOTP.activate(people.neighbour, SECRET)
    client.force_login(owner)
    client.post("/accounts/login/", {"login": "neighbour", "password": PASSWORD})
    assert client.post(*CHANGES["a token"])["Location"].startswith("/accounts/reauthenticate/")
