"""One-time sign-in links, created on the server."""

from datetime import timedelta
from io import StringIO
from urllib.parse import urlsplit

import pytest
from allauth.mfa.totp.internal.auth import TOTP
from django.contrib.admin.models import LogEntry
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone

from accounts.models import SignInLink
from core.models import User
from tests.accounts.test_attempt_limits import attack, guess
from tests.accounts.test_second_factor import SECRET, code


def link_of(name: str, *options: str) -> str:
    out = StringIO()
    call_command("signin_link", name, *options, stdout=out)
    return out.getvalue().strip()


def is_in(client: Client) -> bool:
    return client.get("/api/me/").status_code == 200


def test_it_signs_in_once_also_under_attack(owner: User, client: Client) -> None:
    attack("owner", 30)
    link = link_of("owner")
    parts = urlsplit(link)
    assert f"{parts.scheme}://{parts.netloc}" == "http://127.0.0.1:8000"
    assert client.get(parts.path).status_code == 200  # what only looks uses nothing up
    assert not is_in(client)
    assert client.post(parts.path).status_code == 302
    assert is_in(client)
    other = Client()
    assert other.post(parts.path).status_code == 410
    assert not is_in(other)


def test_a_sign_in_link_makes_the_browser_a_known_device(owner: User, client: Client) -> None:
    client.post(urlsplit(link_of("owner")).path)
    client.post("/accounts/logout/")
    attack("owner", 10)
    assert guess(client, "owner", "correct horse battery", "10.0.0.0")


def test_it_ends_with_time_a_newer_link_and_deactivation(owner: User, client: Client) -> None:
    first = urlsplit(link_of("owner")).path
    second = urlsplit(link_of("owner")).path
    assert client.post(first).status_code == 410
    SignInLink.objects.update(expires=timezone.now() - timedelta(seconds=1))
    assert client.get(second).status_code == client.post(second).status_code == 410
    third = urlsplit(link_of("owner")).path
    User.objects.filter(pk=owner.pk).update(is_active=False)
    assert client.post(third).status_code == 410
    assert not is_in(client)
    with pytest.raises(CommandError, match="active"):
        link_of("owner")


def test_a_sign_in_link_replaces_only_the_password(owner: User, client: Client) -> None:
    TOTP.activate(owner, SECRET)
    client.post(urlsplit(link_of(str(owner.pk))).path)
    assert not is_in(client)
    client.post("/accounts/2fa/authenticate/", {"code": code()})
    assert is_in(client)


def test_it_is_stored_as_a_hash_and_recorded(owner: User, client: Client) -> None:
    path = urlsplit(link_of("owner")).path
    assert path.split("/")[-2] not in str(list(SignInLink.objects.values()))
    client.post(path)
    said = list(
        LogEntry.objects.filter(object_id=str(owner.pk)).order_by("pk").values_list("change_message", flat=True)
    )
    assert len(said) == 2
    assert "created on the server" in said[0]
    assert "was used" in said[1]


def test_another_site_cannot_sign_somebody_in(owner: User) -> None:
    strict = Client(enforce_csrf_checks=True)
    assert strict.post(urlsplit(link_of("owner")).path).status_code == 403
    assert not is_in(strict)


@pytest.mark.parametrize("minutes", ["0", "61"])
def test_a_time_that_cannot_be_is_refused(owner: User, minutes: str) -> None:
    with pytest.raises(CommandError, match="1 to 60"):
        link_of("owner", "--minutes", minutes)
