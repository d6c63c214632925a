"""Made-up frames on real sockets: each is answered or refused, none is an error of the server's."""

import asyncio
import json

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosed

from tests.faults.clients.frames import FRAMES, TOO_LARGE
from tests.faults.installation import Installation, Person, list_complaints
from tests.support.live_server import LiveServer
from tests.support.patience import PATIENCE
from tests.support.websocket_connections import connect

OF_ONE = 40  # frames on a socket: below the 50 bad ones that close it, in most
DOCUMENTED = {1009, 4400, 4413}  # for what a client says; 1000 is the client's own
ANSWERS = {"welcome", "events", "resync", "accepted", "pong", "error", "heartbeat"}
LAST = "the last one"


async def say(server: LiveServer, person: Person, frames: list[str | bytes]) -> int | None:
    """The code that the server closed with, None where it did not have to and still answers."""
    key = {"Authorization": f"Token {person.token}"}
    async with connect(server.websocket, additional_headers=key, max_size=None, compression=None) as socket:
        reading = asyncio.create_task(wait_for_last_pong(socket))
        try:
            for frame in frames:
                await socket.send(frame)
            await socket.send(json.dumps({"type": "ping", "id": LAST}))
        except ConnectionClosed:
            pass  # by what was said before; `reading` tells how
        return await asyncio.wait_for(reading, PATIENCE)


async def wait_for_last_pong(socket: ClientConnection) -> int | None:
    try:
        while True:
            frame = json.loads(await socket.recv())
            assert frame["type"] in ANSWERS
            if frame["type"] == "pong" and frame["id"] == LAST:
                return None
            if frame["type"] == "error":
                assert frame["code"] not in ("defect", "server_error"), frame
    except ConnectionClosed:
        return socket.close_code


@pytest.mark.filterwarnings("ignore:Generating overly large repr")  # of what failed: it would hide why
@pytest.mark.parametrize("frames", [3_000, pytest.param(100_000, marks=pytest.mark.soak)])
def test_no_frame_causes_a_server_error(either: Installation, running: LiveServer, frames: int) -> None:
    person = either.people(1)[0]

    @settings(
        max_examples=frames // OF_ONE,
        deadline=None,
        database=None,
        phases=[Phase.generate],  # making a failure smaller takes minutes
        suppress_health_check=list(HealthCheck),
    )
    @given(st.lists(FRAMES, min_size=OF_ONE, max_size=OF_ONE))
    def hold(made_up: list[str | bytes]) -> None:
        assert asyncio.run(say(running, person, made_up)) in DOCUMENTED | {None}
        assert list_complaints(running) == []

    hold()
    assert asyncio.run(say(running, person, [])) is None


@pytest.mark.parametrize("frame", [TOO_LARGE, TOO_LARGE.encode()], ids=["text", "binary"])
def test_a_message_above_a_mebibyte_is_refused_with_a_reason(
    either: Installation, running: LiveServer, frame: str | bytes
) -> None:
    person = either.people(1)[0]
    assert asyncio.run(say(running, person, [frame])) == 1009
    assert asyncio.run(say(running, person, [])) is None
    assert list_complaints(running) == []


def test_a_flood_is_closed_with_a_code(either: Installation, running: LiveServer) -> None:
    person = either.people(1)[0]
    bad = asyncio.run(say(running, person, ["{}"] * 300))
    starts = [json.dumps({"type": "cancel", "id": "c", "run_id": person.id})] * 2_000
    assert bad == 4400
    codes = (4400, 4413, 1006)  # 1006: what is still being sent resets the connection before its last frame is read
    assert asyncio.run(say(running, person, list(starts))) in codes
    assert asyncio.run(say(running, person, [])) is None
    assert list_complaints(running) == []
