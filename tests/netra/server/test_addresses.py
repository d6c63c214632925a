"""No header of a request decides a path or an address: each header, at each place that tells one, on the server that
`daphne netra.asgi:application` starts."""

import asyncio
import json
import re
from collections.abc import Iterator
from email import message_from_bytes
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from allauth.account.models import EmailAddress
from allauth.usersessions.models import UserSession
from pytest_django import Settings
from websockets.exceptions import InvalidStatus

from core.attempts import reset_attempts
from core.models import User
from tests.accounts.company import company
from tests.conftest import People
from tests.netra.server.exchange import Answer, Headers, exchange
from tests.support.live_server import LiveServer, run_daphne_command
from tests.support.stream_client import token_of
from tests.support.websocket_connections import connect

pytestmark = pytest.mark.django_db(transaction=True)

EVIL = "evil.example"
PASSWORD = "correct horse battery"

# What a stranger may send, by name. Together they are the last row.
ATTACKS: dict[str, Headers] = {
    "root path": [("Daphne-Root-Path", f"http://{EVIL}")],
    "root path of ours": [("Daphne-Root-Path", "/open")],
    "root path, escaped": [("Daphne-Root-Path", "%2F%2F" + EVIL)],
    "script name": [("Script-Name", f"//{EVIL}"), ("X-Script-Name", f"//{EVIL}"), ("SCRIPT_NAME", f"//{EVIL}")],
    "forwarded host": [("X-Forwarded-Host", EVIL), ("X-Host", EVIL), ("X-Forwarded-Server", EVIL)],
    "forwarded scheme": [("X-Forwarded-Proto", "https"), ("X-Forwarded-Ssl", "on"), ("X-Scheme", "https")],
    "forwarded port and prefix": [("X-Forwarded-Port", "6666"), ("X-Forwarded-Prefix", f"//{EVIL}")],
    "forwarded": [("Forwarded", f"for=6.6.6.6;host={EVIL};proto=https")],
    "address": [("X-Forwarded-For", "6.6.6.6"), ("X-Real-IP", "6.6.6.6"), ("True-Client-IP", "6.6.6.6")],
    "original url": [("X-Original-URL", "/admin/"), ("X-Rewrite-URL", "/admin/"), ("X-Original-Host", EVIL)],
    "another port of our host": [("Host", "127.0.0.1:6666")],
    "another name of ours": [("Host", "localhost:6666")],
    "our host in other letters": [("Host", "LOCALHOST:6666")],
}
ATTACKS["all of them"] = [
    pair for name, each in ATTACKS.items() if "root path of" not in name for pair in each if pair[0] != "Host"
]


@pytest.fixture(autouse=True)
def _may_wait(blockbuster: Any) -> None:
    blockbuster.deactivate()


@pytest.fixture(scope="module")
def server(django_db_setup: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    with (
        company() as theirs,
        run_daphne_command(
            tmp_path_factory.mktemp("plain"),
            "--proxy-headers",
            oidc=json.dumps([theirs.settings()]),
            sign_up="yes",
            page_requests_per_minute="0",
            page_requests_in_all="0",
        ) as running,
    ):
        yield running


@pytest.fixture
def owner(people: People, settings: Settings) -> User:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # as there
    people.owner.set_password(PASSWORD)
    people.owner.email = "owner@example.org"
    people.owner.save()
    EmailAddress.objects.create(user=people.owner, email=people.owner.email, primary=True, verified=True)
    return people.owner


class Browser:
    """A form's cookies and token, fetched without the attack; what is sent has it."""

    def __init__(self, server: LiveServer, attack: str) -> None:
        self._server = server
        self._attack = list(ATTACKS[attack])
        self._cookies: dict[str, str] = {}

    def get(self, path: str) -> Answer:
        return self._exchange("GET", path, self._attack)

    def post(self, page: str, path: str, **fields: str) -> Answer:
        found = self._exchange("GET", page, [])
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', found.body.decode())
        assert token is not None, found
        body = urlencode(fields | {"csrfmiddlewaretoken": token[1]}).encode()
        form = [("Content-Type", "application/x-www-form-urlencoded")]
        return self._exchange("POST", path, [*self._attack, *form], body)

    def _exchange(self, method: str, path: str, headers: Headers, body: bytes = b"") -> Answer:
        cookie = "; ".join(f"{name}={value}" for name, value in self._cookies.items())
        answer = exchange(self._server, method, path, [*headers, ("Cookie", cookie)], body)
        self._cookies |= answer.cookies
        return answer


def last_mail(server: LiveServer) -> str:
    """The text of the newest mail, and no other is left."""
    files = sorted((server.data_dir / "mails").iterdir(), key=lambda file: file.stat().st_mtime_ns)
    text = str(message_from_bytes(files[-1].read_bytes().split(b"\n" + b"-" * 79)[0]).get_payload())
    for file in files:
        file.unlink()
    return text


def assert_ours(server: LiveServer, text: str) -> None:
    """Every address in a text is the first configured origin, and nothing of the attack is in it."""
    links = re.findall(r"\w+://[^\s/]+", text)
    assert links
    assert set(links) == {server.origin}, text
    assert EVIL not in text
    assert "6666" not in text
    assert "/open/" not in text


@pytest.mark.long
def test_every_mail_leads_to_the_configured_origin(owner: User, server: LiveServer) -> None:
    known, unknown = {"email": "owner@example.org"}, {"email": "nobody@example.org"}
    secret = {"password1": PASSWORD, "password2": PASSWORD}
    for number, attack in enumerate(ATTACKS):
        reset_attempts()  # so many mails are too many for one address
        mails = {
            "/accounts/password/reset/key/": ("/accounts/password/reset/", known),
            "/accounts/signup/": ("/accounts/password/reset/", unknown),
            "/accounts/confirm-email/": (
                "/accounts/signup/",
                {"email": f"new{number}@example.org", "username": f"new{number}"} | secret,
            ),
            "/accounts/password/reset/": ("/accounts/signup/", known | {"username": "another"} | secret),
        }
        for path, (page, fields) in mails.items():
            answer = Browser(server, attack).post(page, page, **fields)
            text = last_mail(server)
            assert path in text, attack
            assert_ours(server, text)
            assert answer.status == 302, attack
            assert answer.header("location").startswith("/accounts/"), attack


REDIRECTS = {
    "/accounts/": "/accounts/login/?next=/accounts/",
    "/admin/": "/admin/login/?next=/admin/",
    "/api/schema": "/api/schema/",
}


def test_a_redirect_stays_here(server: LiveServer) -> None:
    found = {
        (attack, path): Browser(server, attack).get(path).header("location") for attack in ATTACKS for path in REDIRECTS
    }
    assert found == {(attack, path): leads for attack in ATTACKS for path, leads in REDIRECTS.items()}


def test_a_sign_in_leads_nowhere_else_and_notes_the_true_address(owner: User, server: LiveServer) -> None:
    after = ["http://127.0.0.1:6666/", "http://127.0.0.1/", f"//{EVIL}/", f"http://{EVIL}/"]
    for number, attack in enumerate(ATTACKS):
        fields = {"login": "owner", "password": PASSWORD, "next": after[number % len(after)]}
        answer = Browser(server, attack).post(f"/accounts/login/?next=//{EVIL}/", "/accounts/login/", **fields)
        assert answer.header("location") == "/", attack
    assert [each.ip for each in UserSession.objects.all()] == ["127.0.0.1"] * len(ATTACKS)


def test_a_company_is_told_a_configured_origin_to_come_back_to(server: LiveServer) -> None:
    for attack in ATTACKS:
        answer = Browser(server, attack).post("/accounts/login/", "/accounts/oidc/acme/login/")
        asked = parse_qs(urlsplit(answer.header("location")).query)
        assert asked["redirect_uri"] == [f"{server.origin}/accounts/oidc/acme/login/callback/"], attack


def test_a_page_or_answer_names_no_address_of_the_request_s(owner: User, server: LiveServer) -> None:
    token = ("Authorization", f"Token {token_of(owner)}")
    for attack, headers in ATTACKS.items():
        for path in ("/api/runs/", "/accounts/login/", "/api/none/"):
            text = exchange(server, "GET", path, [*headers, token]).all_text
            assert not [word for word in (EVIL, "6666", "6.6.6.6") if word in text], (attack, path)
    assert EVIL not in exchange(server, "GET", "/api/schema/", ATTACKS["all of them"]).all_text


def test_a_root_path_makes_no_other_path_of_one(server: LiveServer) -> None:
    for path in ("/open/admin/", "/open/accounts/login/", "/open/healthz"):
        assert exchange(server, "GET", path, ATTACKS["root path of ours"]).status == 404, path


def test_a_request_to_another_host_is_refused(server: LiveServer) -> None:
    for hosts in ([("Host", EVIL)], [("Host", f"{EVIL}:80")], [("Host", "127.0.0.1"), ("Host", EVIL)]):
        for path in ("/healthz/live", "/accounts/login/"):
            assert exchange(server, "GET", path, hosts).status == 400


def test_an_address_in_place_of_a_path_leads_nowhere(server: LiveServer) -> None:
    for target in (f"http://{EVIL}/accounts/", f"//{EVIL}/accounts/", f"/\\{EVIL}/accounts/"):
        answer = exchange(server, "GET", target)
        assert answer.status in (400, 404)
        assert EVIL not in answer.header("location")


def test_a_handshake_is_by_path_and_credentials_alone(owner: User, server: LiveServer) -> None:
    token = ("Authorization", f"Token {token_of(owner)}")

    async def handshakes(headers: list[tuple[str, str]]) -> int:
        async with connect(server.websocket, additional_headers=[*headers, token]) as socket:
            assert json.loads(await socket.recv())["type"] == "welcome"
        with pytest.raises(InvalidStatus) as caught:
            await connect(server.websocket.replace("/ws/", "/open/ws/"), additional_headers=[*headers, token])
        return caught.value.response.status_code

    for attack in ATTACKS.values():
        assert asyncio.run(handshakes([pair for pair in attack if pair[0] != "Host"])) == 403
