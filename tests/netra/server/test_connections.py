"""Open connections are counted, whatever they do."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from netra.server.connections import ConnectionLimits, ServerConnectionRegistry
from netra.server.limits import HANDSHAKE_SECONDS
from tests.conftest import People
from tests.netra.server.exchange import answer_on, exchange, head, open_connection
from tests.support.live_server import ROOT, LiveServer, run_daphne_command
from tests.support.stream_client import token_of

HOST = ("Host", "127.0.0.1")
OF_ADDRESS, OF_USER = 6, 3


def register(total: int = 10, of_address: int = 10, of_user: int = 10) -> ServerConnectionRegistry:
    return ServerConnectionRegistry(ConnectionLimits(total=total, per_address=of_address, per_user=of_user))


def admit_connection(mine: ServerConnectionRegistry, address: str | None) -> Any:
    connection = mine.admit(address)
    assert connection is not None
    return connection


def test_one_address_may_have_so_many_and_another_is_let_in() -> None:
    mine = register(of_address=2)
    first = admit_connection(mine, "a")
    admit_connection(mine, "a")
    assert mine.admit("a") is None
    admit_connection(mine, "b")
    first.end()
    first.end()
    admit_connection(mine, "a")
    assert mine.admit("a") is None
    assert len(mine) == 3


def test_all_together_have_a_bound() -> None:
    mine = register(total=2)
    admit_connection(mine, "a")
    admit_connection(mine, None)
    assert mine.admit("b") is None


def test_a_proxy_s_connection_counts_for_whom_it_serves() -> None:
    mine = register(of_address=1)
    proxys, other = admit_connection(mine, None), admit_connection(mine, None)
    assert proxys.assign_address("a")
    assert proxys.assign_address("a")
    assert not other.assign_address("a")
    proxys.clear_owner()
    assert other.assign_address("a")
    other.end()
    assert proxys.assign_address("a")


def test_one_user_may_have_so_many_and_another_is_let_in() -> None:
    mine = register(of_user=1)
    first, second = admit_connection(mine, "a"), admit_connection(mine, "a")
    assert first.assign_user("u")
    assert first.assign_user("u")
    assert not second.assign_user("u")
    assert second.is_closing
    assert second.assign_user("v")
    first.end()
    assert admit_connection(mine, "b").assign_user("u")


def test_a_proxys_connection_that_waits_counts_for_no_user() -> None:
    mine = register(of_user=1)
    proxys, other = admit_connection(mine, None), admit_connection(mine, None)
    assert proxys.assign_user("u")
    assert not other.assign_user("u")
    proxys.clear_owner()
    assert other.assign_user("u")


def test_what_is_lost_counts_for_nobody_any_more() -> None:
    mine = register(of_user=1)
    gone = admit_connection(mine, "a")
    gone.end()
    assert gone.assign_user("u")  # its request goes on
    assert admit_connection(mine, "a").assign_user("u")


@pytest.fixture(scope="module")
def server(django_db_setup: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    with run_daphne_command(
        tmp_path_factory.mktemp("plain"),
        behind_proxy="yes",
        connections_per_address=str(OF_ADDRESS),
        connections_per_user=str(OF_USER),
    ) as running:
        yield running


def from_address(address: str) -> tuple[str, str]:
    """As the proxy, which is this machine, says it."""
    return "X-Forwarded-For", address


@pytest.mark.django_db(transaction=True)
def test_connections_of_one_address_have_a_bound_and_others_are_served(server: LiveServer) -> None:
    with ExitStack() as stack:
        for number in range(OF_ADDRESS):
            line = stack.enter_context(open_connection(server))
            # Its headers have come, and its body has not: under way for as long as the test likes.
            mine = from_address(f"2001:db8:0:7::{number}")  # whoever has one address of IPv6 has its network
            waiting = head("POST", "/accounts/login/", [HOST, mine, ("Content-Length", "9")])
            line.sendall(waiting + b"x")
        refused = exchange(server, "GET", "/healthz/live", [HOST, from_address("2001:db8:0:7::ffff")])
        assert (refused.status, json.loads(refused.body)["code"]) == (429, "too_many_connections")
        assert refused.header("retry-after")
        assert (
            exchange(server, "GET", "/healthz/live", [HOST, from_address("2001:db8:0:7::1, 2001:db8:0:8::1")]).status
            == 200
        )


@pytest.mark.django_db(transaction=True)
def test_connections_of_one_user_have_a_bound_and_others_are_served(people: People, tmp_path: Any) -> None:
    def asking(user: Any) -> list[tuple[str, str]]:
        return [HOST, ("Authorization", f"Token {token_of(user)}")]

    with run_daphne_command(tmp_path, connections_per_user=str(OF_USER)) as server, ExitStack() as stack:
        for _ in range(OF_USER):
            line = stack.enter_context(open_connection(server))
            line.sendall(head("GET", "/api/runs/", asking(people.owner)))
            assert answer_on(line).status == 200  # and it stays open
        one_more = stack.enter_context(open_connection(server))
        one_more.sendall(head("GET", "/api/runs/", asking(people.owner)))
        assert answer_on(one_more).status == 429
        assert one_more.recv(1) == b""  # closed, as it counts for nobody
        assert exchange(server, "GET", "/api/runs/", asking(people.neighbour)).status == 200


@pytest.mark.django_db(transaction=True)
def test_connections_that_a_proxy_keeps_open_count_for_nobody(people: People, server: LiveServer) -> None:
    asking = [HOST, ("Authorization", f"Token {token_of(people.owner)}")]
    with ExitStack() as stack:
        for _ in range(OF_USER + 2):
            line = stack.enter_context(open_connection(server))
            line.sendall(head("GET", "/api/runs/", asking))
            assert answer_on(line).status == 200


@pytest.mark.long
@pytest.mark.slow
def test_who_comes_back_with_everybody_waits_for_longer_than_daphne_lets_them() -> None:
    """Whatever its command line says; asked in a process of its own, as daphne puts its event loop in place."""
    code = """
import os
os.environ["DJANGO_SETTINGS_MODULE"] = "netra.settings"
import django
django.setup()
from daphne.server import Server
from django.conf import settings
from netra.server.factories import LimitedHTTPFactory
server = Server(None, endpoints=["tcp:0"], websocket_handshake_timeout=5, websocket_connect_timeout=5)
LimitedHTTPFactory(settings.NETRA, server)
print(server.websocket_handshake_timeout, server.websocket_connect_timeout)
"""
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert said.stdout.split() == [str(HANDSHAKE_SECONDS)] * 2


@pytest.mark.django_db(transaction=True)
def test_connections_that_never_ask_count_too(django_db_setup: None, tmp_path: Any) -> None:
    with run_daphne_command(tmp_path, connections_per_address=str(OF_ADDRESS)) as direct, ExitStack() as stack:
        for _ in range(OF_ADDRESS):
            stack.enter_context(open_connection(direct))
        one_more = stack.enter_context(open_connection(direct))
        assert answer_on(one_more).status == 429
