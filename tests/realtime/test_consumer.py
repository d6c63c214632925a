"""The websocket as a client meets it: a real daphne, a real socket."""

import asyncio
import contextlib
import json
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from asgiref.sync import sync_to_async
from blockbuster import BlockBuster
from websockets.exceptions import InvalidStatus

from agents.models import Run
from core.api.authentication import WRONG_TOKEN_LIMIT, count_wrong_token
from core.models import User
from core.networks import to_narrow_network
from realtime.limits import BAD_FRAMES, MESSAGE_BYTES
from tests.conftest import People
from tests.support.live_server import LiveServer, run_live_server
from tests.support.running_worker import log_file, place_log
from tests.support.stream_client import Client, client, session_of, token_of
from workloads.models import Workload

pytestmark = pytest.mark.django_db(transaction=True)


async def token(user: User) -> dict[str, str]:
    return {"Authorization": f"Token {await sync_to_async(token_of)(user)}"}


async def cookie(user: User) -> str:
    return f"netra_session={await sync_to_async(session_of)(user)}"


@sync_to_async
def a_log_of(user: User, server: LiveServer) -> Workload:
    return place_log(user, log_file(server.data_dir / "logs", feature="mine"), server.data_dir)


@pytest.fixture(autouse=True)
def loop_may_wait(blockbuster: BlockBuster) -> None:
    """The server is another process; the test's own loop may block. What it asks the database goes to a thread all the
    same: a connection that a task opens itself is lost with the task, and nobody closes it."""
    blockbuster.deactivate()


async def test_a_run_is_started_followed_and_answered(people: People, server: LiveServer) -> None:
    log = await sync_to_async(place_log)(
        people.owner, log_file(server.data_dir / "logs", feature="mine"), server.data_dir
    )
    async with client(server, **await token(people.owner)) as mine:
        welcome = await mine.receive()
        assert (welcome["type"], welcome["protocol"]) == ("welcome", 1)
        assert (welcome["user_id"], welcome["position"]["seq"]) == (str(people.owner.id), 0)
        await mine.say(type="resume")
        answer = await mine.start(workload_id=str(log.id))
        if answer["type"] == "events":  # the first event may be here before the answer
            answer = await mine.said_of("accepted")
        run = answer["run"]
        assert (answer["id"], run["workload_id"]) == ("s", str(log.id))
        frames = await mine.told_until_the_end(run["id"])
    kinds = [event["type"] for frame in frames for event in frame["events"]]
    assert {"agent_started", "agent_thinking", "tool_executing", "tool_completed", "agent_completed"} <= set(kinds)
    assert all(frame["user_id"] == str(people.owner.id) for frame in frames)
    assert (await Run.objects.aget()).state == "completed"


async def test_ranges_chain_and_a_second_socket_gets_the_same_from_the_start(
    people: People, server: LiveServer
) -> None:
    log = await sync_to_async(place_log)(
        people.owner, log_file(server.data_dir / "logs", feature="mine"), server.data_dir
    )
    async with client(server, **await token(people.owner)) as one:
        start = (await one.receive())["position"]
        await one.say(type="resume", **start)
        await one.say(type="start", id="s", client_id=str(uuid4()), text="cut 30 %", workload_id=str(log.id))
        frames: list[dict[str, Any]] = []
        while not any(
            e["type"].startswith("agent_") and e["parent_request_id"] is None and "outcome" in e
            for f in frames
            for e in f["events"]
        ):
            frames.append(await one.said_of("events"))
    async with client(server, **await token(people.owner)) as two:
        await two.receive()
        await two.say(type="resume", **start)
        again = await two.said_of("events")
    assert [frame["after"] for frame in frames] == [start["seq"], *(frame["upto"] for frame in frames[:-1])]
    assert again["events"] == [event for frame in frames for event in frame["events"]]
    assert (again["after"], again["upto"]) == (start["seq"], frames[-1]["upto"])


async def test_two_users_receive_only_their_own_events(people: People, server: LiveServer) -> None:
    logs = {
        user: await sync_to_async(place_log)(
            user, log_file(server.data_dir / user.username, feature=f"canary-{user.username}"), server.data_dir
        )
        for user in (people.owner, people.neighbour)
    }
    heard: dict[User, str] = {}

    async def ask(server: LiveServer, user: User) -> None:
        async with client(server, **await token(user)) as mine:
            await mine.receive()
            await mine.say(type="resume")
            await mine.say(
                type="start", id="s", client_id=str(uuid4()), text="cut 30 %", workload_id=str(logs[user].id)
            )
            run = (await mine.said_of("accepted"))["run"]
            heard[user] = json.dumps(await mine.told_until_the_end(run["id"]))

    async with client(server, **await token(people.stranger)) as silent:
        await silent.receive()
        await silent.say(type="resume")
        await asyncio.gather(*(ask(server, user) for user in logs))
        await silent.say(type="ping", id="p")
        assert (await silent.receive())["type"] == "pong"  # and nothing before it
    assert "canary-owner" in heard[people.owner]
    assert "canary-neighbour" in heard[people.neighbour]
    assert "canary-neighbour" not in heard[people.owner]
    assert "canary-owner" not in heard[people.neighbour]
    assert str(people.owner.id) not in heard[people.neighbour]


async def test_ten_tabs_receive_the_same_events(people: People, server: LiveServer) -> None:
    log = await sync_to_async(place_log)(
        people.owner, log_file(server.data_dir / "logs", feature="mine"), server.data_dir
    )
    async with contextlib.AsyncExitStack() as stack:
        key = await token(people.owner)
        tabs = [await stack.enter_async_context(client(server, **key)) for _ in range(10)]
        for tab in tabs:
            await tab.receive()
            await tab.say(type="resume")
        await tabs[0].say(type="start", id="s", client_id=str(uuid4()), text="cut 30 %", workload_id=str(log.id))
        run = (await tabs[0].said_of("accepted"))["run"]
        heard = await asyncio.gather(*(tab.told_until_the_end(run["id"]) for tab in tabs[1:]))
    events = [[event for frame in frames for event in frame["events"]] for frames in heard]
    assert all(each == events[0] for each in events)
    assert events[0][0]["type"] == "run_queued"


async def test_the_same_message_twice_is_one_run(people: People, server: LiveServer) -> None:
    async with client(server, **await token(people.owner)) as mine:
        await mine.receive()
        mark = str(uuid4())
        first = await mine.start(client_id=mark)
        second = await mine.start(client_id=mark)
        other = await mine.start("another text", client_id=mark)
    assert first["run"]["id"] == second["run"]["id"]
    assert (other["type"], other["code"], other["id"]) == ("error", "conflict", "s")
    assert await Run.objects.acount() == 1


async def test_a_cancelled_run_is_reported_to_its_user_only(people: People, server: LiveServer) -> None:
    async with (
        client(server, **await token(people.owner)) as mine,
        client(server, **await token(people.stranger)) as other,
    ):
        await mine.receive()
        await other.receive()
        await mine.say(type="resume")
        await mine.say(type="start", id="s", client_id=str(uuid4()), text="?")
        run = (await mine.said_of("accepted"))["run"]
        await other.say(type="cancel", id="c", run_id=run["id"])
        refused = await other.receive()
        assert (refused["type"], refused["code"], refused["id"]) == ("error", "not_found", "c")
        await mine.say(type="cancel", id="c", run_id=run["id"])
        answer = await mine.receive()
        while answer["type"] == "events":
            answer = await mine.receive()
    assert answer["type"] in ("accepted", "error")  # it may have ended by itself
    assert answer["id"] == "c"


async def test_bad_frames_are_answered_and_the_socket_stays_open(people: People, server: LiveServer) -> None:
    async with client(server, **await token(people.owner)) as mine:
        await mine.receive()
        refusals: list[tuple[str | bytes, str]] = [
            ("{", "bad_frame"),
            ("x" * 1_000_000, "too_large"),
            (b"\x00\x01", "bad_frame"),
            ('{"type": "close"}', "unknown_type"),
            ('{"type": "websocket.receive", "text": "x"}', "unknown_type"),
            ('{"type": "start", "id": "7", "client_id": "no"}', "bad_input"),
        ]
        for text, code in refusals:
            await mine.say_raw(text)
            answer = await mine.receive()
            assert (answer["type"], answer["code"]) == ("error", code)
        assert (await mine.start(""))["code"] == "bad_input"
        assert (await mine.start("?", thread_id=str(uuid4())))["code"] == "not_found"
        assert (await mine.start("?", assumptions={"price_in": "1"}))["code"] == "bad_input"
        await mine.say(type="ping", id="p")
        assert await mine.receive() == {"type": "pong", "id": "p"}


async def test_a_client_that_sends_only_invalid_frames_is_closed(people: People, server: LiveServer) -> None:
    async with client(server, **await token(people.owner)) as mine:
        await mine.receive()
        for _ in range(BAD_FRAMES):
            await mine.say_raw("{")
        assert await mine.wait_for_close() == 4400


async def test_a_position_of_another_epoch_is_resynced_and_events_follow(people: People, server: LiveServer) -> None:
    async with client(server, **await token(people.owner)) as mine:
        position = (await mine.receive())["position"]
        await mine.say(type="resume", epoch=str(uuid4()), seq=7)
        assert await mine.receive() == {"type": "resync", "position": position}
        await mine.say(type="start", id="s", client_id=str(uuid4()), text="?")
        assert (await mine.said_of("events"))["after"] == position["seq"]


async def test_a_browser_needs_its_session_and_our_origin(people: People, server: LiveServer) -> None:
    mine_only = {"Cookie": await cookie(people.owner)}
    async with client(server, Origin=server.origin, **mine_only) as mine:
        assert (await mine.receive())["user_id"] == str(people.owner.id)
    for origin in ("http://evil.example", "null", server.origin.replace("http", "https"), "http://127.0.0.1:1"):
        with pytest.raises(InvalidStatus) as caught:
            async with client(server, Origin=origin, **mine_only):
                pass
        assert caught.value.response.status_code == 403


async def test_an_anonymous_socket_is_told_and_closed(people: People, server: LiveServer) -> None:
    session = await cookie(people.owner)
    people.stranger.is_active = False
    await people.stranger.asave()
    for headers in (
        {},
        {"Cookie": session},  # a session without an Origin is no browser's
        {"Origin": server.origin},
        {"Origin": server.origin, "Cookie": "netra_session=nonsense"},
        {"Origin": server.origin, "Cookie": await cookie(people.stranger)},
        {"Authorization": "Token nonsense"},
        {"Authorization": "Basic b3duZXI6eA=="},
        await token(people.stranger),
    ):
        async with client(server, **headers) as nobody:
            await _assert_refused(nobody)


async def test_wrong_tokens_are_refused_at_the_handshake(people: People, server: LiveServer) -> None:
    """Counted together with those over REST, whatever process they came to."""

    def spend() -> int:
        return sum(count_wrong_token(to_narrow_network("127.0.0.1")) for _ in range(WRONG_TOKEN_LIMIT.max_attempts + 1))

    assert await sync_to_async(spend)() == WRONG_TOKEN_LIMIT.max_attempts
    with pytest.raises(InvalidStatus) as caught:
        async with client(server, Authorization=f"Token {'0' * 64}"):
            pass
    assert caught.value.response.status_code == 403
    async with client(server, **await token(people.owner)) as mine:
        assert (await mine.receive())["user_id"] == str(people.owner.id)


async def test_an_expired_session_is_reported(people: People, server: LiveServer) -> None:
    from django.contrib.sessions.models import Session

    session = await cookie(people.owner)
    await Session.objects.aupdate(expire_date="2020-01-01T00:00:00Z")
    async with client(server, Origin=server.origin, Cookie=session) as nobody:
        await _assert_refused(nobody)


async def _assert_refused(nobody: Client) -> None:
    answer = await nobody.receive()
    assert (answer["type"], answer["code"]) == ("error", "not_authenticated")
    assert await nobody.wait_for_close() == 4401


@pytest.mark.long
async def test_a_restart_requeues_runs_and_the_next_server_finishes_them(people: People, tmp_path: Path) -> None:
    log = await sync_to_async(place_log)(people.owner, log_file(tmp_path, feature="mine"), tmp_path)
    with run_live_server(tmp_path) as server:
        async with client(server, **await token(people.owner)) as mine:
            await mine.receive()
            run = (await mine.start(workload_id=str(log.id)))["run"]
    with run_live_server(tmp_path) as server:
        async with client(server, **await token(people.owner)) as mine:
            position = (await mine.receive())["position"]
            await mine.say(type="resume", epoch=position["epoch"], seq=0)
            await mine.told_until_the_end(run["id"])
    assert (await Run.objects.aget()).state == "completed"


@pytest.mark.parametrize("size", [MESSAGE_BYTES, MESSAGE_BYTES + 1])
async def test_a_plain_daphne_closes_on_a_message_above_a_mebibyte_with_a_reason(
    people: People, server: LiveServer, size: int
) -> None:
    async with client(server, **await token(people.owner)) as mine:
        await mine.receive()
        await mine.say_raw("x" * size)
        if size > MESSAGE_BYTES:
            assert await mine.wait_for_close() == 1009
        else:
            assert (await mine.receive())["code"] == "too_large"
