"""All of PostgreSQL's connections are in use, by others: requests are told to come back, and everything goes on."""

import asyncio
import json
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest

from tests.faults.conftest import MISSING
from tests.faults.installation import Person, open_scaled_out
from tests.faults.storm.asker import Asker
from tests.faults.storm.storm import find_errors, until
from tests.parts import postgresql, redis
from tests.support.live_server import LiveServer
from tests.support.patience import PATIENCE

CONNECTIONS = 40
SESSION = f"netra_session={'0' * 32}"
OTHERS = "FROM pg_stat_activity WHERE usename = 'application' AND pid <> ALL(%s)"


@contextmanager
def all_connections_held(owner: str, application: str) -> Iterator[None]:
    """Take every connection that the application's role can have, also those that it has."""
    with ExitStack() as stack:
        administrator = stack.enter_context(psycopg.connect(owner, autocommit=True))
        held: list[int] = []
        while True:
            with suppress(psycopg.OperationalError):
                while True:
                    taken = stack.enter_context(psycopg.connect(application, autocommit=True))
                    held.append(taken.info.backend_pid)
            ended = administrator.execute(f"SELECT pg_terminate_backend(pid) {OTHERS}", [held]).fetchall()
            if not ended:
                break
        yield


def ask(server: LiveServer, person: Person, method: str, path: str, body: object = None) -> tuple[int, str | None, str]:
    """The status, Retry-After and content of an answer."""
    headers = {"Authorization": f"Token {person.token}", "Content-Type": "application/json", "Cookie": SESSION}
    with closing(HTTPConnection(urlsplit(server.origin).netloc, timeout=PATIENCE)) as link:
        link.request(method, path, None if body is None else json.dumps(body), headers)
        answer = link.getresponse()
        return answer.status, answer.headers["Retry-After"], answer.read().decode()


def check_refusals(server: LiveServer, person: Person) -> None:
    for method, path, body in (("GET", "/api/me/", None), ("POST", "/api/runs/", {"text": "x", "client_id": "1"})):
        status, retry_after, content = ask(server, person, method, path, body)
        assert (status, retry_after, json.loads(content)["code"]) == (503, "2", "busy"), (path, status, content)
    for path in ("/", "/accounts/login/"):
        assert ask(server, person, "GET", path)[:2] == (503, "2"), path
    assert ask(server, person, "GET", "/healthz/ready")[0] == 503
    assert ask(server, person, "GET", "/healthz/live")[0] == 200


async def play(server: LiveServer, asker: Asker, owner: str, application: str) -> None:
    tasks = [asyncio.create_task(each) for each in (asker.attend(), asker.ask_on())]
    try:
        await until(lambda: len(asker.questions) > 1)
        with all_connections_held(owner, application):
            await asyncio.to_thread(check_refusals, server, asker.told.person)
        asked = len(asker.questions)
        await until(lambda: len(asker.questions) > asked + 1)  # by itself
        asker.is_asking = False
        await until(tasks[1].done)
    finally:
        for task in tasks:
            task.cancel()
    assert (await asyncio.to_thread(ask, server, asker.told.person, "GET", "/healthz/ready"))[0] == 200


@pytest.mark.soak
def test_requests_are_refused_and_served_again(tmp_path: Path) -> None:
    if postgresql.find_programs() is None or not redis.is_installed():
        pytest.skip(MISSING)
    with open_scaled_out(tmp_path, connections=CONNECTIONS) as scaled, scaled.server("front") as server:
        assert scaled.database is not None
        asker = Asker(scaled.people(1)[0], server.websocket, 1)
        asyncio.run(play(server, asker, scaled.database.owner, scaled.database.application))
        assert asyncio.run(find_errors(asker, server.websocket)) == []
