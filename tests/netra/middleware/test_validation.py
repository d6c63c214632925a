"""Input that can't be decoded or stored is refused by its first reader: with 400, 401 or 415."""

import logging

import pytest
from django.test import Client
from knox.models import AuthToken

from accounts.sessions import SessionStore
from netra.observability import shorten_refusals
from tests.conftest import People
from tests.support.stream_client import token_of

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "query", ["search=%00", "search=a%00b", "%00=x", "search=%ff", "search=%c0%80", "search=%ed%a0%80"]
)
@pytest.mark.parametrize("path", ["/api/threads/", "/accounts/login/", "/admin/", "/healthz/live"])
def test_a_query_that_no_database_keeps_is_a_bad_request(path: str, query: str) -> None:
    assert Client().get(f"{path}?{query}").status_code == 400


@pytest.mark.parametrize(
    "path", ["/api/runs/%00/", "/accounts/oidc/a%00b/login/callback/", "/admin/core/user/%00/change/"]
)
def test_a_path_with_a_nul_is_a_bad_request(path: str) -> None:
    assert Client().get(path).status_code == 400


def test_below_api_it_is_told_in_json() -> None:
    answer = Client().get("/api/threads/?search=%00")
    assert answer.json()["code"] == "bad_input"


@pytest.mark.parametrize("charset", ["latin-1", "utf-16", "rot13", "base64", "undefined", "nonsense", ""])
@pytest.mark.parametrize(
    "kind", ["application/json", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"]
)
def test_another_charset_is_refused(people: People, kind: str, charset: str) -> None:
    headers = {"Authorization": f"Token {token_of(people.owner)}"}
    for path in ("/api/threads/", "/accounts/login/"):
        typed = f"{kind}; charset={charset}"
        answer = Client().generic("POST", path, b'{"title": "x"}', content_type=typed, headers=headers)
        assert answer.status_code in (400, 415)


@pytest.mark.parametrize(
    "given",
    [
        "Token",
        "Token ",
        "Token \xff\xfe",
        "Token é" + "a" * 63,
        "Token " + "a" * 7,
        "Token a\x00b",
        "token " + "z" * 200,
        "Token a b",
        "\xff \xff",
    ],
)
def test_an_authorization_that_cannot_be_one_is_401(given: str) -> None:
    assert Client().get("/api/me/", headers={"Authorization": given}).status_code == 401


def test_a_token_is_let_in(people: People) -> None:
    token = AuthToken.objects.create(people.owner)[1]
    assert Client().get("/api/me/", headers={"Authorization": f"Token {token}"}).status_code == 200


@pytest.mark.parametrize(
    "key", ["", "x", "\x00" * 32, "é" * 32, "A" * 32, "a" * 31, "a" * 33, "a" * 5_000, "a" * 31 + "\n"]
)
def test_a_session_key_that_cannot_be_one_is_nobodys(key: str) -> None:
    # Escaped by hand: from some version of Python on its own cookies refuse such characters.
    escaped = "".join(char if char.isalnum() and char.isascii() else f"\\{ord(char):03o}" for char in key)
    assert Client().get("/api/me/", headers={"Cookie": f'netra_session="{escaped}"'}).status_code == 401
    assert SessionStore(key).session_key is None


def test_a_session_is_found_by_its_key() -> None:
    made = SessionStore()
    made["a"] = 1
    made.save()
    assert SessionStore(made.session_key)["a"] == 1


@pytest.mark.parametrize("depth", [100, 5_000, 100_000])
def test_json_that_is_nested_deeply_is_a_bad_request(people: People, depth: int) -> None:
    headers = {"Authorization": f"Token {token_of(people.owner)}"}
    for path in ("/api/threads/", "/api/runs/", "/api/uploads/"):
        answer = Client().post(path, "[" * depth + "]" * depth, content_type="application/json", headers=headers)
        assert answer.status_code == 400
        assert answer.json()["code"] == "bad_input"


@pytest.mark.parametrize(
    "body",
    ['{"title": "a\\u0000"}', '{"\\ud800": 1}', '{"size": 1e400}', '{"size": ' + "9" * 400 + "}", "NaN", b"\xff"],
)
def test_json_that_no_database_keeps_is_a_bad_request(people: People, body: str | bytes) -> None:
    headers = {"Authorization": f"Token {token_of(people.owner)}"}
    answer = Client().post("/api/threads/", body, content_type="application/json", headers=headers)
    assert answer.status_code == 400


@pytest.mark.parametrize(("name", "status"), [("django.security.DisallowedHost", 400), ("django.request", 400)])
def test_a_refusal_is_one_line_and_a_warning(name: str, status: int) -> None:
    record = logging.LogRecord(name, logging.ERROR, "", 0, "refused", (), (ValueError, ValueError(), None))
    record.status_code = status
    assert shorten_refusals(record)
    assert (record.levelname, record.exc_info) == ("WARNING", None)


@pytest.mark.parametrize("name", ["django.request", "netra.server.application"])
def test_a_failure_stays_one(name: str) -> None:
    record = logging.LogRecord(name, logging.ERROR, "", 0, "failed", (), (ValueError, ValueError(), None))
    record.status_code = 500
    shorten_refusals(record)
    assert record.levelname == "ERROR"
    assert record.exc_info
