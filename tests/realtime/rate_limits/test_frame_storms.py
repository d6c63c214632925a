"""Storms of frames against a real daphne: each kind is closed after a bounded number of frames, and holds up nobody."""

import asyncio
import json
from collections.abc import Iterator
from urllib.request import Request, urlopen
from uuid import uuid4

import pytest
from asgiref.sync import sync_to_async
from blockbuster import BlockBuster

from core.models import User
from realtime.limits import BAD_FRAMES, FRAMES_AT_ONCE, FRAMES_PER_SECOND, USER_FRAMES_AT_ONCE, USER_FRAMES_PER_SECOND
from tests.conftest import People
from tests.realtime.rate_limits.frame_storms import BINARY, CONTINUATION, PING, PONG, TEXT, frame, raw_socket
from tests.support.live_server import LiveServer, run_live_server
from tests.support.patience import PATIENCE
from tests.support.stream_client import client, token_of

pytestmark = pytest.mark.django_db(transaction=True)

# Beyond the burst, as much as one pause earns and the frames that a second storm may begin with.
MOST = FRAMES_AT_ONCE + 30 * FRAMES_PER_SECOND
ROUNDS = 20
USERS_MOST = USER_FRAMES_AT_ONCE + 60 * USER_FRAMES_PER_SECOND
ACK = json.dumps({"type": "ack", "epoch": str(uuid4()), "seq": 1}).encode()
STORMS = {
    "acknowledgements": frame(TEXT, ACK) * 200,
    "pings of ours": frame(TEXT, b'{"type":"ping"}') * 2_000,
    "resumes": frame(TEXT, b'{"type":"resume"}') * 2_000,
    "cancels": frame(TEXT, json.dumps({"type": "cancel", "id": "c", "run_id": str(uuid4())}).encode()) * 500,
    "unknown types": frame(TEXT, b'{"type":"x"}') * 2_000,
    "nothing": frame(TEXT) * 5_000,
    "binary": frame(BINARY, b"\x00") * 5_000,
    "websocket pings": frame(PING) * 5_000,
    "websocket pongs": frame(PONG) * 5_000,
    "fragments": frame(TEXT, b"{", fin=False) + frame(CONTINUATION, fin=False) * 5_000,
}
ONLY_ONCE = {"fragments"}  # sent again, it would break the protocol


TOKEN = "counted-by-the-test"


@pytest.fixture(scope="module")
def server(django_db_setup: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    with run_live_server(tmp_path_factory.mktemp("server"), metrics_token=TOKEN) as running:
        yield running


@sync_to_async
def token_for(user: User) -> str:
    return token_of(user)


@pytest.fixture(autouse=True)
def loop_may_wait(blockbuster: BlockBuster) -> None:
    """The server is another process; the test's own loop may block."""
    blockbuster.deactivate()


def count_handled_frames(server: LiveServer) -> float:
    """How many frames the server's consumers were given so far."""
    asked = Request(server.origin + "/metrics", headers={"Authorization": f"Bearer {TOKEN}"})
    with urlopen(asked, timeout=PATIENCE) as answer:
        lines = answer.read().decode().splitlines()
    return next(float(line.split()[1]) for line in lines if line.startswith("netra_frames_received_total "))


@pytest.mark.parametrize("kind", STORMS)
async def test_a_flood_is_closed_after_a_bounded_number_of_frames(
    people: People, server: LiveServer, kind: str
) -> None:
    before = await asyncio.to_thread(count_handled_frames, server)
    async with raw_socket(server, await token_for(people.owner)) as mine:
        code, heard = await mine.storm(STORMS[kind], times=1 if kind in ONLY_ONCE else 1_000)
    assert code in (4400, 4413, None)
    assert (await asyncio.to_thread(count_handled_frames, server)) - before <= MOST
    assert sum(opcode == PONG for opcode, _ in heard) <= MOST
    assert sum(b'"error"' in payload for _, payload in heard) <= BAD_FRAMES + 10


async def test_excess_acknowledgements_are_warned_once_and_then_closed(people: People, server: LiveServer) -> None:
    async with raw_socket(server, await token_for(people.owner)) as mine:
        # Enough for a second excess, and little enough to be thrown away by the server once it has closed.
        code, heard = await mine.storm(frame(TEXT, ACK), times=MOST)
    assert code == 4413
    told = [json.loads(payload) for opcode, payload in heard if opcode == TEXT]
    assert [(each["type"], each.get("code")) for each in told] == [("welcome", None), ("error", "too_many_frames")]


async def test_another_user_is_served_while_twenty_sockets_flood(people: People, server: LiveServer) -> None:
    key, begun = await token_for(people.stranger), asyncio.Semaphore(0)

    async def storm() -> None:
        async with raw_socket(server, key) as mine:
            begun.release()
            await mine.storm(STORMS["acknowledgements"])

    before = await asyncio.to_thread(count_handled_frames, server)
    storms = [asyncio.create_task(storm()) for _ in range(20)]
    for _ in storms:
        await begun.acquire()
    try:
        async with client(server, Authorization=f"Token {await token_for(people.owner)}") as quiet:
            await quiet.receive()
            for _ in range(ROUNDS):
                await quiet.say(type="ping", id="q")
                assert (await quiet.said_of("pong"))["id"] == "q"
        # What the user's sockets have together, and not twenty times as much.
        assert (await asyncio.to_thread(count_handled_frames, server)) - before - ROUNDS <= USERS_MOST
    finally:
        for each in storms:
            each.cancel()
        await asyncio.gather(*storms, return_exceptions=True)
