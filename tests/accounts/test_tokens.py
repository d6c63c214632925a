"""API tokens, over REST and on their page."""

import re
import time
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.totp.internal.auth import TOTP
from django.core import mail
from django.core.management import call_command
from django.test import Client
from django.utils import timezone
from knox.models import AuthToken
from pytest_django import Settings

from accounts import tokens
from core.exceptions import BadInput, Conflict
from core.models import User
from tests.accounts.company import company
from tests.accounts.conftest import PASSWORD
from tests.accounts.test_company_sign_in import offer, through
from tests.accounts.test_second_factor import SECRET, code
from tests.conftest import People

TOKENS = "/api/tokens/"


def bearing(token: str) -> dict[str, Any]:
    return {"headers": {"Authorization": f"Token {token}"}}


def confirm(client: Client) -> None:
    assert client.post("/accounts/reauthenticate/", {"password": PASSWORD}).status_code == 302


def create_token(client: Client, **wanted: Any) -> dict[str, Any]:
    confirm(client)
    answer = client.post(TOKENS, {"name": "a script"} | wanted, content_type="application/json")
    assert answer.status_code == 201, answer.content
    data: dict[str, Any] = answer.json()
    return data


def test_a_token_does_what_its_owner_may(signed_in: Client, owner: User, client: Client) -> None:
    token = create_token(signed_in)["token"]
    assert client.get("/api/me/", **bearing(token)).json()["id"] == str(owner.id)


def test_a_token_is_shown_once_and_stored_as_a_hash(signed_in: Client) -> None:
    token = create_token(signed_in)
    listed = signed_in.get(TOKENS).json()["results"]
    assert [each["key"] for each in listed] == [token["key"]]
    assert token["token"] not in signed_in.get(TOKENS).content.decode()
    assert not AuthToken.objects.filter(digest=token["token"]).exists()


@pytest.mark.parametrize(("wanted", "days"), [({}, 90), ({"days": 7}, 7)])
def test_a_token_expires(signed_in: Client, client: Client, wanted: dict[str, int], days: int) -> None:
    token = create_token(signed_in, **wanted)["token"]
    row = AuthToken.objects.get()
    assert abs(row.expiry - timezone.now() - timedelta(days=days)) < timedelta(minutes=1)
    AuthToken.objects.update(expiry=timezone.now() - timedelta(seconds=1))
    assert client.get("/api/me/", **bearing(token)).status_code == 401


@pytest.mark.parametrize("days", [0, -1, 366, "soon", None])
def test_a_time_that_cannot_be_is_refused(signed_in: Client, days: Any) -> None:
    confirm(signed_in)
    answer = signed_in.post(TOKENS, {"name": "a script", "days": days}, content_type="application/json")
    assert (answer.status_code, answer.json()["code"]) == (400, "bad_input")
    assert "days" in answer.json()["fields"]


def test_a_revoked_token_is_refused(signed_in: Client, client: Client) -> None:
    token = create_token(signed_in)
    assert signed_in.delete(f"{TOKENS}{token['key']}/").status_code == 204
    assert client.get("/api/me/", **bearing(token["token"])).status_code == 401


def test_an_inactive_users_token_is_refused(signed_in: Client, owner: User, client: Client) -> None:
    token = create_token(signed_in)["token"]
    User.objects.filter(pk=owner.pk).update(is_active=False)
    assert client.get("/api/me/", **bearing(token)).status_code == 401


def test_a_token_cannot_create_or_revoke_tokens(signed_in: Client, client: Client) -> None:
    token = create_token(signed_in)
    bearer = bearing(token["token"])
    assert client.post(TOKENS, **bearer).status_code == 403
    assert client.get(TOKENS, **bearer).status_code == 403
    assert client.delete(f"{TOKENS}{token['key']}/", **bearer).status_code == 403


def test_a_stranger_neither_sees_nor_revokes_it(signed_in: Client, people: People) -> None:
    key = create_token(signed_in)["key"]
    for foreign in (people.neighbour, people.stranger):
        client = Client()
        client.force_login(foreign)
        assert client.get(TOKENS).json()["results"] == []
        assert client.delete(f"{TOKENS}{key}/").status_code == 404
        assert client.post(f"/accounts/tokens/{key}/revoke/").status_code == 404
    assert AuthToken.objects.count() == 1


def test_an_empty_or_short_key_revokes_nothing(signed_in: Client) -> None:
    key = create_token(signed_in)["key"]
    for part in ("", key[:5], key[:14]):
        assert signed_in.delete(f"{TOKENS}{part}/").status_code in (404, 405)
    assert AuthToken.objects.count() == 1


def test_the_number_of_tokens_is_limited(owner: User) -> None:
    for number in range(tokens.MAX_TOKENS):
        tokens.create_token(owner, name=f"script {number}")
    with pytest.raises(Conflict):
        tokens.create_token(owner, name="one more")
    AuthToken.objects.update(expiry=timezone.now() - timedelta(seconds=1))
    tokens.create_token(owner, name="script 0")  # those that ended count no more, nor do their names


def test_anonymous_requests_get_401(client: Client, db: None) -> None:
    for method in (client.get, client.post):
        answer = method(TOKENS)
        assert (answer.status_code, answer.json()["code"]) == (401, "not_authenticated")


def test_the_page_shows_a_new_token_once(signed_in: Client, client: Client) -> None:
    confirm(signed_in)
    page = signed_in.post("/accounts/tokens/new/", {"name": "a script", "days": "30"})
    assert page["Cache-Control"] == "no-store"
    token = page.content.decode().split('id="new-token" class="mono" value="')[1].split('"')[0]
    assert client.get("/api/me/", **bearing(token)).status_code == 200
    listed = signed_in.get("/accounts/tokens/").content.decode()
    assert token not in listed
    assert token[:15] in listed


def test_the_page_revokes(signed_in: Client) -> None:
    key = create_token(signed_in)["key"]
    signed_in.post(f"/accounts/tokens/{key}/revoke/")
    assert not AuthToken.objects.exists()


def test_the_page_reports_too_many_tokens(signed_in: Client, owner: User) -> None:
    for number in range(tokens.MAX_TOKENS):
        tokens.create_token(owner, name=f"script {number}")
    confirm(signed_in)
    page = signed_in.post("/accounts/tokens/new/", {"name": "one more", "days": "30"})
    assert "Revoke one first" in page.content.decode()


def wanted_of(client: Client) -> tuple[int, str]:
    answer = client.post(TOKENS, {"name": "a script"}, content_type="application/json")
    return answer.status_code, str(answer.json().get("code"))


def test_a_session_alone_creates_no_token(signed_in: Client, owner: User) -> None:
    """Whoever found a browser open gets nothing that outlives it."""
    assert wanted_of(signed_in) == (403, "reauthentication_required")
    page = signed_in.post("/accounts/tokens/new/", {"name": "a script", "days": "30"})
    assert page["Location"].startswith("/accounts/reauthenticate/?next=")
    fresh = Client()
    fresh.post("/accounts/login/", {"login": "owner", "password": PASSWORD})
    assert wanted_of(fresh) == (403, "reauthentication_required")
    assert not AuthToken.objects.exists()


def test_a_confirmation_expires_soon(signed_in: Client, settings: Settings) -> None:
    confirm(signed_in)
    settings.ACCOUNT_REAUTHENTICATION_TIMEOUT = 0
    assert wanted_of(signed_in) == (403, "reauthentication_required")


def test_the_page_continues_after_the_password(signed_in: Client) -> None:
    asked = signed_in.post("/accounts/tokens/new/", {"name": "a script", "days": "30"})["Location"]
    wrong = signed_in.post(asked, {"password": "wrong"})
    assert (wrong.status_code, AuthToken.objects.count()) == (200, 0)
    page = signed_in.post(asked, {"password": PASSWORD}).content.decode()
    assert 'id="new-token"' in page
    assert "a script" in page


def test_a_second_factor_confirms_too(signed_in: Client, owner: User) -> None:
    TOTP.activate(owner, SECRET)
    assert signed_in.post("/accounts/2fa/reauthenticate/", {"code": code()}).status_code == 302
    assert wanted_of(signed_in)[0] == 201


def test_company_users_must_have_signed_in_recently(db: None, client: Client, settings: Settings) -> None:
    with company() as acme:
        offer(settings, acme, sign_up=True)
        through(client)
    assert wanted_of(client)[0] == 201
    settings.ACCOUNT_REAUTHENTICATION_TIMEOUT = 0
    assert wanted_of(client) == (403, "reauthentication_required")
    page = client.post("/accounts/tokens/new/", {"name": "another", "days": "30"}).content.decode()
    assert "within the last five minutes" in page


@pytest.mark.parametrize("name", ["", "  ", "x" * 61, "a\u200bb", "\u3164"], ids=ascii)
def test_a_token_needs_a_visible_name(owner: User, signed_in: Client, name: str) -> None:
    with pytest.raises(BadInput):
        tokens.create_token(owner, name=name)
    confirm(signed_in)
    assert signed_in.post(TOKENS, {"name": name}, content_type="application/json").status_code == 400
    assert signed_in.post(TOKENS, {}, content_type="application/json").status_code == 400


def test_a_name_is_unique_among_a_users_tokens(owner: User, people: People, signed_in: Client) -> None:
    tokens.create_token(owner, name="The script")
    for name in ("The script", "the SCRIPT", " the  script "):
        with pytest.raises(Conflict):
            tokens.create_token(owner, name=name)
    tokens.create_token(people.neighbour, name="The script")
    assert [each["name"] for each in signed_in.get(TOKENS).json()["results"]] == ["The script"]
    assert "The script" in signed_in.get("/accounts/tokens/").content.decode()


def test_a_token_without_a_name_is_listed(owner: User, signed_in: Client) -> None:
    AuthToken.objects.create(owner)
    assert signed_in.get(TOKENS).json()["results"][0]["name"] is None
    assert signed_in.get("/accounts/tokens/").status_code == 200


def test_the_command_creates_a_token_with_a_name(owner: User) -> None:
    for _ in range(2):
        call_command("token", "owner", stdout=StringIO())
    call_command("token", "owner", "--name", "nightly", stdout=StringIO())
    names = [each.name for each in tokens.list_tokens(owner)]
    assert len(set(names)) == 3
    assert "nightly" in names


NEW = {"password1": "another horse 42", "password2": "another horse 42"}
SHOWN = {"revoke_tokens_asked": "True"}
ANSWERS = pytest.mark.parametrize(
    ("box", "left"), [({}, 0), (SHOWN | {"revoke_tokens": "on"}, 0), (SHOWN, 1)], ids=["no box", "ticked", "left out"]
)


@ANSWERS
def test_a_new_password_offers_to_revoke_them(
    signed_in: Client, owner: User, people: People, box: dict[str, str], left: int
) -> None:
    tokens.create_token(owner, name="a script")
    foreign = tokens.create_token(people.neighbour, name="a script")
    page = signed_in.get("/accounts/password/change/").content.decode()
    assert re.search(r'<input type="checkbox" name="revoke_tokens"[^>]* checked', page)
    assert signed_in.post("/accounts/password/change/", NEW | box | {"oldpassword": PASSWORD}).status_code == 302
    assert tokens.list_tokens(owner).count() == left
    assert tokens.list_tokens(people.neighbour).get().token_key == foreign.key


def test_a_password_that_was_not_changed_revokes_nothing(signed_in: Client, owner: User) -> None:
    tokens.create_token(owner, name="a script")
    signed_in.post("/accounts/password/change/", NEW | {"oldpassword": "wrong"})
    assert tokens.list_tokens(owner).count() == 1


@ANSWERS
def test_a_reset_by_mail_offers_to_revoke_them(client: Client, owner: User, box: dict[str, str], left: int) -> None:
    EmailAddress.objects.create(user=owner, email=owner.email, primary=True, verified=True)
    tokens.create_token(owner, name="a script")
    client.post("/accounts/password/reset/", {"email": owner.email})
    link = re.search(r"https?://[^/]+(/accounts/password/reset/key/\S+)", str(mail.outbox[0].body))
    assert link is not None
    form = client.get(link[1], follow=True)
    client.post(form.redirect_chain[-1][0], NEW | box)
    assert tokens.list_tokens(owner).count() == left


def test_a_first_password_offers_to_revoke_them(signed_in: Client, owner: User) -> None:
    owner.set_unusable_password()
    owner.save()
    signed_in.force_login(owner)
    session = signed_in.session  # as a company's sign-in leaves it
    session["account_authentication_methods"] = [{"method": "socialaccount", "at": time.time()}]
    session["account_authentication_methods_user"] = str(owner.pk)
    session.save()
    tokens.create_token(owner, name="a script")
    signed_in.post("/accounts/password/set/", NEW)
    assert not tokens.list_tokens(owner).exists()


def test_a_password_set_in_the_admin_revokes_them(owner: User, client: Client) -> None:
    tokens.create_token(owner, name="a script")
    client.force_login(User.objects.create(username="olga", is_staff=True, is_superuser=True))
    page = f"/admin/core/user/{owner.pk}/password/"
    assert "tokens are revoked" in client.get(page).content.decode()
    client.post(page, NEW | {"usable_password": "true", "set-password": "1"})
    assert not tokens.list_tokens(owner).exists()


def test_signing_out_everywhere_revokes_them(owner: User, people: People) -> None:
    here, there = Client(), Client()
    for each in (here, there):
        each.post("/accounts/login/", {"login": "owner", "password": PASSWORD})
    tokens.create_token(owner, name="a script")
    tokens.create_token(people.neighbour, name="a script")
    assert "revokes your API tokens" in here.get("/accounts/sessions/").content.decode()
    here.post("/accounts/sessions/")
    assert here.get("/api/me/").status_code == 200
    assert there.get("/api/me/").status_code == 401
    assert not tokens.list_tokens(owner).exists()
    assert tokens.list_tokens(people.neighbour).exists()


def test_an_operator_sees_only_name_and_key(owner: User, client: Client) -> None:
    token = tokens.create_token(owner, name="nightly")
    client.force_login(User.objects.create(username="olga", is_staff=True, is_superuser=True))
    page = client.get("/admin/knox/authtoken/").content.decode()
    assert "nightly" in page
    assert token.key in page
    assert token.token not in page
