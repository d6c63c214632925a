"""One user's storm of requests beside another's run and handshake, on a real daphne whose requests wait at a gate."""

import asyncio
import itertools
import json
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from asgiref.sync import sync_to_async
from blockbuster import BlockBuster

from core.concurrency.background import MAX_WAITING_PER_KEY
from core.models import User
from netra.server.request_limits import MAX_WAITING_OF_USER
from tests.conftest import People
from tests.support.live_server import LiveServer, run_live_server
from tests.support.running_worker import log_file, place_log
from tests.support.stream_client import client, token_of

pytestmark = pytest.mark.django_db(transaction=True)

AT_ONCE, OF_ONE = 4, 2
Answer = tuple[int, dict[str, str], bytes]


@sync_to_async
def token_for(user: User) -> str:
    return token_of(user)


@pytest.fixture(autouse=True)
def loop_may_wait(blockbuster: BlockBuster) -> None:
    """The server is another process; the test's own loop may block."""
    blockbuster.deactivate()


@pytest.fixture
def held_in(tmp_path: Path) -> Path:
    (tmp_path / "held").mkdir()
    return tmp_path / "held"


@asynccontextmanager
async def storming(
    server: LiveServer, tokens: Iterable[str], times: int, path: str = "/held/"
) -> AsyncIterator[list[asyncio.Task[Answer]]]:
    """Requests that are held, of each of these at once."""
    tasks = [asyncio.create_task(ask(server, token, path)) for token in tokens for _ in range(times)]
    try:
        yield tasks
    finally:
        for each in tasks:
            each.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


@pytest.fixture
def server(django_db_setup: None, tmp_path: Path, held_in: Path) -> Iterator[LiveServer]:
    """With no more connections to the database than its parts need at least."""
    variables = {"ROOT_URLCONF": "tests.support.held_urls", "HELD_IN": str(held_in)}
    with run_live_server(
        tmp_path / "data",
        variables=variables,
        rest_at_once=str(AT_ONCE),
        database_threads="2",
        database_connections=str(AT_ONCE + 2 + 4),
    ) as running:
        try:
            yield running
        finally:
            (held_in / "go").touch()


async def ask(server: LiveServer, token: str, path: str) -> Answer:
    """One request on a connection of its own: status, headers in lower case, body."""
    address = urlsplit(server.origin)
    reader, writer = await asyncio.open_connection(address.hostname, address.port)
    head = (
        f"GET {path} HTTP/1.1",
        f"Host: {address.netloc}",
        f"Authorization: Token {token}",
        "Connection: close",
    )
    writer.write(("\r\n".join(head) + "\r\n\r\n").encode())
    try:
        top, _, body = (await reader.read()).partition(b"\r\n\r\n")
    finally:
        writer.close()
        await writer.wait_closed()
    status, *lines = top.decode().split("\r\n")
    headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
    return int(status.split()[1]), headers, body


async def until_at_work(held_in: Path, names: set[str], count: int) -> list[str]:
    """Whose requests are at work, once there are so many."""
    while True:
        found = sorted(each.name.partition("-")[0] for each in held_in.iterdir())
        if len(found) >= count and set(found) == names:
            return found
        await asyncio.sleep(0.02)


@pytest.mark.long
async def test_while_all_requests_are_held_at_work_another_user_gets_in_and_has_a_run(
    people: People, server: LiveServer, held_in: Path
) -> None:
    noisy = {
        "neighbour": await token_for(people.neighbour),
        "stranger": await token_for(people.stranger),
    }
    quiet = await token_for(people.owner)
    file = log_file(server.data_dir / "logs", feature="mine")
    log = await sync_to_async(place_log)(people.owner, file, server.data_dir)
    for token in (*noisy.values(), quiet):
        assert (await ask(server, token, "/api/me/"))[0] == 200  # by which it is known whose it is
    async with storming(server, noisy.values(), 40) as storm:
        whose = await until_at_work(held_in, set(noisy), AT_ONCE)
        assert whose == ["neighbour"] * OF_ONE + ["stranger"] * OF_ONE

        async with client(server, Authorization=f"Token {quiet}") as mine:
            await mine.receive()
            await mine.say(type="resume")
            await mine.say(type="start", id="s", client_id=str(log.id), text="cut 30 %", workload_id=str(log.id))
            run = (await mine.said_of("accepted"))["run"]
            await mine.told_until_the_end(run["id"])
        assert len(list(held_in.iterdir())) == AT_ONCE
        assert not any(each.done() for each in storm)

        # A place that becomes free is the quiet one's before the eightieth of the others.
        asked = asyncio.create_task(ask(server, quiet, "/api/me/"))
        (held_in / "go").touch()
        assert (await asked)[0] == 200
        answers = await asyncio.gather(*storm)
        assert [(status, json.loads(body)) for status, _, body in answers] == [(200, {"found": 1})] * 80


@pytest.mark.long
async def test_a_storm_beyond_its_queue_is_refused_and_another_user_is_answered(
    people: People, server: LiveServer, held_in: Path
) -> None:
    noisy, quiet = await token_for(people.stranger), await token_for(people.owner)
    for token in (noisy, quiet):
        assert (await ask(server, token, "/api/me/"))[0] == 200
    more = 5
    async with storming(server, [noisy], OF_ONE + MAX_WAITING_OF_USER + more) as storm:
        for answer in itertools.islice(asyncio.as_completed(storm), more):
            status, headers, body = await answer
            assert (status, headers["retry-after"], json.loads(body)["code"]) == (429, "1", "throttled")
        assert (await ask(server, quiet, "/api/me/"))[0] == 200
        (held_in / "go").touch()
        answers = await asyncio.gather(*storm)
        assert sorted(status for status, _, _ in answers) == [200] * (OF_ONE + MAX_WAITING_OF_USER) + [429] * more


async def test_computations_of_two_users_leave_requests_to_everybody(
    people: People, server: LiveServer, held_in: Path
) -> None:
    """Two users have all of the slots for computing, and none of those for requests."""
    noisy = {"neighbour": await token_for(people.neighbour), "stranger": await token_for(people.stranger)}
    quiet = await token_for(people.owner)
    for token in (*noisy.values(), quiet):
        assert (await ask(server, token, "/api/me/"))[0] == 200
    waiting = 1 + MAX_WAITING_PER_KEY
    async with storming(server, noisy.values(), waiting + 2, "/computing/") as storm:
        assert await until_at_work(held_in, set(noisy), 2) == ["neighbour", "stranger"]
        for answer in itertools.islice(asyncio.as_completed(storm), 4):  # two of each beyond its queue
            status, _, body = await answer
            assert (status, json.loads(body)["code"]) == (429, "throttled")
        for token in (quiet, *noisy.values()):
            assert (await ask(server, token, "/api/me/"))[0] == 200
        assert len(list(held_in.iterdir())) == 2
        (held_in / "go").touch()
        answers = await asyncio.gather(*storm)
    assert sorted(status for status, _, _ in answers) == [200] * (2 * waiting) + [429] * 4
