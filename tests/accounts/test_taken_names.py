"""A name that somebody else takes between the check and the insert is a clear 400 wherever names are set."""

from collections.abc import Iterator
from unittest.mock import patch

import pytest
from django.test import Client
from pytest_django import Settings

from core.models import User
from netra.config import Environment
from tests.accounts.company import Company
from tests.accounts.conftest import PASSWORD
from tests.accounts.test_company_sign_in import acme, through
from tests.conftest import People

__all__ = ["acme"]

LIKE_OWNER = "\u043ewner"


@pytest.fixture
def race() -> Iterator[None]:
    """Whoever looks sees nobody of that name yet."""
    with (
        patch("accounts.adapters.check_name"),
        patch("core.admin.user.check_name"),
        patch("core.users.check_name"),
    ):
        yield


def assert_name_taken(page: str) -> None:
    assert "This name, or one that looks like it, is already taken" in page
    assert User.objects.filter(username=LIKE_OWNER).count() == 0


@pytest.mark.usefixtures("race")
def test_sign_up_reports_a_taken_name(people: People, client: Client, settings: Settings) -> None:
    settings.NETRA = Environment(sign_up=True, _env_file=None)
    wanted = {"email": "new@example.org", "username": LIKE_OWNER, "password1": PASSWORD, "password2": PASSWORD}
    answer = client.post("/accounts/signup/", wanted)
    assert answer.status_code == 400
    assert_name_taken(answer.content.decode())
    assert not User.objects.filter(email="new@example.org").exists()
    assert client.get("/api/me/").status_code == 401


@pytest.mark.usefixtures("race")
def test_company_sign_in_reports_a_taken_name(people: People, client: Client, acme: Company) -> None:
    acme.claims |= {"preferred_username": LIKE_OWNER}
    through(client)
    assert client.get("/api/me/").status_code == 401
    assert not User.objects.filter(email="ida@acme.example").exists()


@pytest.mark.usefixtures("race")
def test_the_admin_reports_a_taken_name(people: People, client: Client) -> None:
    people.stranger.is_staff = people.stranger.is_superuser = True
    people.stranger.save()
    client.force_login(people.stranger)
    new = {"username": LIKE_OWNER, "usable_password": "true", "password1": PASSWORD, "password2": PASSWORD}
    answer = client.post("/admin/core/user/add/", new)
    assert answer.status_code == 400
    assert_name_taken(answer.content.decode())
    answer = client.post(f"/admin/core/user/{people.neighbour.pk}/change/", {"username": LIKE_OWNER})
    assert answer.status_code == 400
    assert_name_taken(answer.content.decode())
