"""Sign-in, sign-out, forgotten passwords, limits, and sign-up."""

import re

import pytest
from django.core import mail
from django.test import Client
from pytest_django import Settings

from core.models import User
from netra.config import Environment
from tests.accounts.conftest import PASSWORD
from tests.conftest import People

LOGIN = "/accounts/login/"


def sign_in(client: Client, login: str, password: str = PASSWORD, **more: str) -> int:
    return client.post(LOGIN, {"login": login, "password": password, **more}).status_code


def is_in(client: Client) -> bool:
    return client.get("/api/me/").status_code == 200


@pytest.mark.parametrize("login", ["owner", "owner@example.org", "OWNER@example.org"])
def test_a_name_or_an_address_signs_in(owner: User, client: Client, login: str) -> None:
    assert sign_in(client, login) == 302
    assert is_in(client)


def test_a_wrong_password_is_refused_with_a_message(owner: User, client: Client) -> None:
    answer = client.post(LOGIN, {"login": "owner", "password": "wrong"})
    assert answer.status_code == 200
    assert "Wrong name or password" in answer.content.decode()
    assert not is_in(client)


def test_an_unknown_name_is_answered_like_a_wrong_password(owner: User, client: Client) -> None:
    def answer_to(login: str) -> str:
        page = client.post(LOGIN, {"login": login, "password": "wrong"}).content.decode()
        return re.sub(r'(value|name="csrfmiddlewaretoken" value)="[^"]*"', "", page)

    assert answer_to("owner") == answer_to("nobody")


def test_an_inactive_user_cannot_sign_in(owner: User, client: Client) -> None:
    owner.is_active = False
    owner.save()
    sign_in(client, "owner")
    assert not is_in(client)


def test_guessing_is_slowed_down(owner: User, client: Client) -> None:
    for _ in range(5):
        sign_in(client, "owner", "wrong")
    sign_in(client, "owner")
    assert not is_in(client)


@pytest.mark.parametrize(
    ("after", "lands"),
    [
        ("/accounts/", "/accounts/"),
        ("https://evil.example/", "/"),
        ("//evil.example", "/"),
        ("javascript:alert(1)", "/"),
    ],
)
def test_a_sign_in_leads_to_our_own_pages_only(owner: User, client: Client, after: str, lands: str) -> None:
    answer = client.post(LOGIN, {"login": "owner", "password": PASSWORD, "next": after})
    assert answer["Location"] == lands


NO_ADDRESS = ("http://[", "//[::1", "https://\u2100.com", "http://a\\@b", "///evil", "/\\evil", "\\\\evil")


@pytest.mark.parametrize("after", NO_ADDRESS, ids=ascii)
def test_an_invalid_redirect_leads_to_our_own_pages(owner: User, client: Client, after: str) -> None:
    for page in ("login", "signup", "logout", "password/reset"):
        assert client.get(f"/accounts/{page}/", {"next": after}).status_code in (200, 302)
    answer = client.post(LOGIN, {"login": "owner", "password": PASSWORD, "next": after})
    assert answer["Location"] == "/"
    again = client.post("/accounts/reauthenticate/", {"password": PASSWORD, "next": after})
    assert again["Location"] == "/"
    assert client.post("/accounts/logout/", {"next": after})["Location"] == LOGIN


def test_sign_out_needs_a_post(signed_in: Client) -> None:
    signed_in.get("/accounts/logout/")
    assert is_in(signed_in)
    assert signed_in.post("/accounts/logout/")["Location"] == LOGIN
    assert not is_in(signed_in)


def test_a_forgotten_password_is_replaced_by_mail(owner: User, client: Client) -> None:
    client.post("/accounts/password/reset/", {"email": "owner@example.org"})
    link = re.search(r"http://127.0.0.1:8000(/accounts/password/reset/key/\S+)", str(mail.outbox[0].body))
    assert link is not None
    form = client.get(link[1], follow=True)
    client.post(form.redirect_chain[-1][0], {"password1": "another horse 42", "password2": "another horse 42"})
    assert sign_in(client, "owner", "another horse 42") == 302


def test_an_unknown_address_is_answered_like_a_known_one(owner: User, client: Client) -> None:
    known = client.post("/accounts/password/reset/", {"email": "owner@example.org"})
    unknown = client.post("/accounts/password/reset/", {"email": "nobody@example.org"})
    assert (known.status_code, known["Location"]) == (unknown.status_code, unknown["Location"])


def test_a_form_of_another_site_is_refused(owner: User) -> None:
    strict = Client(enforce_csrf_checks=True)
    answer = strict.post(LOGIN, {"login": "owner", "password": PASSWORD})
    assert answer.status_code == 403
    assert "This page has expired" in answer.content.decode()


def test_sign_up_is_closed_unless_configured(people: People, client: Client, settings: Settings) -> None:
    wanted = {"email": "new@example.org", "username": "new", "password1": PASSWORD, "password2": PASSWORD}
    assert "Create an account" not in client.get(LOGIN).content.decode()
    client.post("/accounts/signup/", wanted)
    assert not User.objects.filter(username="new").exists()

    settings.NETRA = Environment(sign_up=True, _env_file=None)
    assert "Create an account" in client.get(LOGIN).content.decode()
    client.post("/accounts/signup/", wanted)
    assert User.objects.filter(username="new").exists()


def test_the_admin_has_the_same_sign_in(owner: User, client: Client) -> None:
    owner.is_staff = True
    owner.save()
    assert client.get("/admin/")["Location"] == "/admin/login/?next=/admin/"
    assert client.get("/admin/login/?next=/admin/")["Location"] == "/accounts/login/?next=%2Fadmin%2F"


@pytest.mark.parametrize("name", ["OWNER", "admin", "operators", "6f1c1c1e0d344b2c9f3a5b8f0d7e2a11", "a@example.org"])
def test_sign_up_refuses_a_name_that_looks_like_anothers(
    people: People, client: Client, settings: Settings, name: str
) -> None:
    settings.NETRA = Environment(sign_up=True, _env_file=None)
    wanted = {"email": "new@example.org", "username": name, "password1": PASSWORD, "password2": PASSWORD}
    page = client.post("/accounts/signup/", wanted).content.decode()
    assert "hoose another" in page or "Leave out the @" in page
    assert not User.objects.filter(email="new@example.org").exists()
