"""API tokens: over REST and on the page."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from knox.models import AuthToken

from netra.accounts import tokens
from netra.core.exceptions import Conflict
from netra.core.models import User
from tests.conftest import People

TOKENS = "/api/tokens/"


def bearing(token: str) -> dict[str, Any]:
    return {"headers": {"Authorization": f"Token {token}"}}


def made(client: Client, **wanted: Any) -> dict[str, Any]:
    answer = client.post(TOKENS, wanted, content_type="application/json")
    assert answer.status_code == 201, answer.content
    told: dict[str, Any] = answer.json()
    return told


def test_a_token_does_what_its_owner_may(signed_in: Client, owner: User, client: Client) -> None:
    token = made(signed_in)["token"]
    assert client.get("/api/me/", **bearing(token)).json()["id"] == str(owner.id)


def test_it_is_told_once_and_stored_as_a_hash(signed_in: Client) -> None:
    token = made(signed_in)
    listed = signed_in.get(TOKENS).json()["results"]
    assert [each["key"] for each in listed] == [token["key"]]
    assert token["token"] not in signed_in.get(TOKENS).content.decode()
    assert not AuthToken.objects.filter(digest=token["token"]).exists()


@pytest.mark.parametrize(("wanted", "days"), [({}, 90), ({"days": 7}, 7)])
def test_it_ends_when_it_was_said_to(signed_in: Client, client: Client, wanted: dict[str, int], days: int) -> None:
    token = made(signed_in, **wanted)["token"]
    row = AuthToken.objects.get()
    assert abs(row.expiry - timezone.now() - timedelta(days=days)) < timedelta(minutes=1)
    AuthToken.objects.update(expiry=timezone.now() - timedelta(seconds=1))
    assert client.get("/api/me/", **bearing(token)).status_code == 401


@pytest.mark.parametrize("days", [0, -1, 366, "soon", None])
def test_a_time_that_cannot_be_is_refused(signed_in: Client, days: Any) -> None:
    answer = signed_in.post(TOKENS, {"days": days}, content_type="application/json")
    assert (answer.status_code, answer.json()["code"]) == (400, "bad_input")
    assert "days" in answer.json()["fields"]


def test_a_revoked_one_opens_nothing(signed_in: Client, client: Client) -> None:
    token = made(signed_in)
    assert signed_in.delete(f"{TOKENS}{token['key']}/").status_code == 204
    assert client.get("/api/me/", **bearing(token["token"])).status_code == 401


def test_a_switched_off_users_opens_nothing(signed_in: Client, owner: User, client: Client) -> None:
    token = made(signed_in)["token"]
    User.objects.filter(pk=owner.pk).update(is_active=False)
    assert client.get("/api/me/", **bearing(token)).status_code == 401


def test_a_token_makes_and_ends_no_tokens(signed_in: Client, client: Client) -> None:
    token = made(signed_in)
    bearer = bearing(token["token"])
    assert client.post(TOKENS, **bearer).status_code == 403
    assert client.get(TOKENS, **bearer).status_code == 403
    assert client.delete(f"{TOKENS}{token['key']}/", **bearer).status_code == 403


def test_a_stranger_neither_sees_nor_revokes_it(signed_in: Client, people: People) -> None:
    key = made(signed_in)["key"]
    for foreign in (people.neighbour, people.stranger):
        client = Client()
        client.force_login(foreign)
        assert client.get(TOKENS).json()["results"] == []
        assert client.delete(f"{TOKENS}{key}/").status_code == 404
        assert client.post(f"/accounts/tokens/{key}/revoke/").status_code == 404
    assert AuthToken.objects.count() == 1


def test_an_empty_or_short_key_revokes_nothing(signed_in: Client) -> None:
    key = made(signed_in)["key"]
    for part in ("", key[:5], key[:14]):
        assert signed_in.delete(f"{TOKENS}{part}/").status_code in (404, 405)
    assert AuthToken.objects.count() == 1


def test_there_is_a_most(owner: User) -> None:
    for _ in range(tokens.MOST_TOKENS):
        tokens.create(owner)
    with pytest.raises(Conflict):
        tokens.create(owner)
    AuthToken.objects.update(expiry=timezone.now() - timedelta(seconds=1))
    tokens.create(owner)  # those that ended count no more


def test_nobody_is_told_401(client: Client, db: None) -> None:
    for method in (client.get, client.post):
        answer = method(TOKENS)
        assert (answer.status_code, answer.json()["code"]) == (401, "not_authenticated")


def test_the_page_shows_a_new_token_once(signed_in: Client, client: Client) -> None:
    page = signed_in.post("/accounts/tokens/new/", {"days": "30"})
    assert page["Cache-Control"] == "no-store"
    token = page.content.decode().split('id="new-token" class="mono" value="')[1].split('"')[0]
    assert client.get("/api/me/", **bearing(token)).status_code == 200
    listed = signed_in.get("/accounts/tokens/").content.decode()
    assert token not in listed
    assert token[:15] in listed


def test_the_page_revokes(signed_in: Client) -> None:
    key = made(signed_in)["key"]
    signed_in.post(f"/accounts/tokens/{key}/revoke/")
    assert not AuthToken.objects.exists()


def test_the_page_says_that_there_are_too_many(signed_in: Client, owner: User) -> None:
    for _ in range(tokens.MOST_TOKENS):
        tokens.create(owner)
    assert "revoke one first" in signed_in.post("/accounts/tokens/new/", {"days": "30"}).content.decode()
