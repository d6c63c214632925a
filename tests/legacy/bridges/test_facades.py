"""Every method of every facade refuses and records another user's ids, and keeps concurrent users apart."""

import asyncio
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest

from agents.framework.deps import AgentFailed
from core.exceptions import BadInput, Defect, InvalidContext, IsolationViolation
from core.models import IsolationIncident
from legacy.bridges import dispatch, websockets
from legacy.bridges.dispatch import ToolDispatcher, create_legacy_tool_dispatcher
from legacy.bridges.state import DeepAgentState
from legacy.bridges.voice import Voice
from legacy.bridges.websockets import WebSocketBridge, WebSocketManager
from tests.conftest import People
from tests.legacy.bridges.old_agents import Run, build_bridged, build_class, build_run, run_concurrently

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.filterwarnings("ignore::DeprecationWarning")]

SAID = {"type": "update", "payload": {"content": "said"}}


@dataclass(frozen=True, slots=True)
class Other:
    """Another user's run, whose ids legacy code may have got."""

    user_id: UUID
    run_id: UUID
    thread_id: UUID


Call = Callable[[Any, Any, Any], Any]
"""Called with the agent, its state and the ids to use."""


def build_state(ids: Any) -> DeepAgentState:
    return DeepAgentState(user_request="theirs", user_id=ids.user_id, run_id=ids.run_id, chat_thread_id=ids.thread_id)


def set_id(state: Any, name: str, value: object) -> None:
    setattr(state, name, str(value))


def build_notify_call(name: str) -> Call:
    return lambda agent, _, of: getattr(agent.websocket_bridge, name)(of.run_id, "old", "said")


CALLS: Mapping[str, Call] = {
    "connect_user": lambda agent, _, of: agent.websocket_manager.connect_user(of.user_id, object()),
    "connect_user thread": lambda agent, state, of: agent.websocket_manager.connect_user(
        state.user_id, object(), thread_id=str(of.thread_id)
    ),
    "disconnect_user": lambda agent, _, of: agent.websocket_manager.disconnect_user(of.user_id, None),
    "send_to_user": lambda agent, _, of: agent.websocket_manager.send_to_user(str(of.user_id), SAID),
    "send_to_user payload": lambda agent, state, of: agent.websocket_manager.send_to_user(
        state.user_id, {"type": "update", "data": {"content": "said", "user_id": str(of.user_id)}}
    ),
    "send_message": lambda agent, _, of: agent.websocket_manager.send_message(of.user_id, SAID),
    "send_to_thread": lambda agent, _, of: agent.websocket_manager.send_to_thread(of.thread_id, SAID),
    "update_connection_thread": lambda agent, _, of: agent.websocket_manager.update_connection_thread(
        of.user_id, of.thread_id
    ),
    "update_connection_thread user": lambda agent, state, of: agent.websocket_manager.update_connection_thread(
        of.user_id, state.chat_thread_id
    ),
    "update_connection_thread thread": lambda agent, state, of: agent.websocket_manager.update_connection_thread(
        state.user_id, of.thread_id
    ),
    **{name: build_notify_call(name) for name in vars(WebSocketBridge) if name.startswith("notify_")},
    "notify details": lambda agent, state, of: agent.websocket_bridge.notify_custom(
        state.run_id, "old", "update", {"content": "said", "user_id": str(of.user_id)}
    ),
    "dispatch": lambda agent, _, of: agent.tool_dispatcher.dispatch("whose", user_id=str(of.user_id)),
    "dispatch_tool run": lambda agent, state, of: agent.tool_dispatcher.dispatch_tool("whose", {}, state, of.run_id),
    "dispatch_tool state": lambda agent, state, of: agent.tool_dispatcher.dispatch_tool(
        "whose", {}, build_state(of), state.run_id
    ),
    "dispatch_tool parameters": lambda agent, state, of: agent.tool_dispatcher.dispatch_tool(
        "whose", {"user_id": of.user_id}, state, state.run_id
    ),
    "send_status_update": lambda agent, _, of: agent.send_status_update(of, "said"),
    "send_status_update run": lambda agent, _, of: agent.send_status_update(str(of.run_id), "said"),
    "emit_thinking": lambda agent, _, of: agent.emit_thinking({"content": "said", "user_id": str(of.user_id)}),
    "emit_progress": lambda agent, _, of: agent.emit_progress({"content": "said", "run_id": str(of.run_id)}),
    "emit_error": lambda agent, _, of: agent.emit_error({"content": "said", "thread_id": str(of.thread_id)}),
    "set_websocket_bridge": lambda agent, _, of: agent.set_websocket_bridge(agent.websocket_bridge, str(of.run_id)),
    "merge_from": lambda _, state, of: state.merge_from(build_state(of)),
    "copy_with_updates": lambda _, state, of: state.copy_with_updates(user_id=of.user_id),
    "user_id": lambda _, state, of: set_id(state, "user_id", of.user_id),
    "run_id": lambda _, state, of: set_id(state, "run_id", of.run_id),
    "chat_thread_id": lambda _, state, of: set_id(state, "chat_thread_id", of.thread_id),
}


async def make_call(call: Call, agent: Any, state: Any, of: Any) -> Any:
    result = call(agent, state, of)
    return await result if asyncio.iscoroutine(result) else result


@dataclass(slots=True)
class ForeignCall:
    """Calls one method of the table with another user's ids. `refused` is set if it raises IsolationViolation."""

    name: str
    other_run: Run
    swallow: bool
    refused: bool = False

    async def __call__(self, agent: Any, state: Any, run_id: str) -> None:
        other = self.other_run.context
        try:
            await make_call(CALLS[self.name], agent, state, Other(other.user_id, other.run_id, other.thread_id))
        except IsolationViolation:
            self.refused = True
            if not self.swallow:
                raise


@pytest.mark.parametrize("swallow", [False, True])
async def test_another_users_ids_are_refused_and_recorded(people: People, swallow: bool) -> None:
    """The whole table is one test, because flushing the database takes longer than the calls."""
    accepted = [name for name in CALLS if not await _is_refused(people, name, swallow)]
    assert accepted == []


async def _is_refused(people: People, name: str, swallow: bool) -> bool:
    foreign_call = ForeignCall(name, build_run(people.neighbour), swallow)
    run, other = build_run(people.owner), foreign_call.other_run.context
    try:
        await run.run_agent(await build_class(build_bridged, foreign_call))
        failed = False
    except AgentFailed:
        failed = True
    was_sent = (
        "said" in str([event.model_dump() for event in run.recorder.events]) or foreign_call.other_run.recorder.events
    )
    found = [(each.expected_user, each.found_user) async for each in IsolationIncident.objects.all()]
    await IsolationIncident.objects.all().adelete()
    ids = (other.user_id, other.run_id, other.thread_id)
    return foreign_call.refused and failed and not was_sent and found in [[(people.owner.id, each)] for each in ids]


async def test_two_concurrent_users_are_kept_apart(people: People) -> None:
    async def act(agent: Any, state: Any, run_id: str) -> None:
        own = runs_by_user[state.user_id].context
        for name in CALLS:
            await asyncio.sleep(0)
            await make_call(CALLS[name], agent, state, Other(own.user_id, own.run_id, own.thread_id))
            await agent.emit_thinking(f"{name} of {state.user_request}")
            state.metadata[name] = state.user_request
        state.final_report = [await agent.tool_dispatcher.dispatch("whose"), state.metadata]

    kind = await build_class(build_bridged, act)
    runs = [build_run(people.owner, "owner's ask"), build_run(people.neighbour, "neighbour's ask")]
    runs_by_user: dict[str, Run] = {str(run.context.user_id): run for run in runs}
    outputs = await run_concurrently(*[run.run_agent(kind) for run in runs])
    for run, other, output in zip(runs, runs[::-1], outputs, strict=True):
        everything = str([event.model_dump(mode="json") for event in run.recorder.events]) + str(output)
        assert everything.count(run.run_input.ask) >= 2 * len(CALLS)
        for foreign in (other.run_input.ask, other.context.user_id, other.context.run_id, other.context.thread_id):
            assert str(foreign) not in everything
    assert not await IsolationIncident.objects.aexists()


@pytest.mark.parametrize("part", ["set_websocket_bridge", "set_websocket_manager", "agent"])
async def test_a_facade_of_another_turn_is_refused(people: People, part: str) -> None:
    parts: dict[str, Any] = {}
    started, done = asyncio.Event(), asyncio.Event()

    async def other_act(agent: Any, state: Any, run_id: str) -> None:
        parts.update(bridge=agent.websocket_bridge, manager=agent.websocket_manager)
        started.set()
        await done.wait()

    async def act(agent: Any, state: Any, run_id: str) -> None:
        await started.wait()
        if part == "agent":
            agent.set_websocket_bridge(parts["bridge"], run_id)
        elif part == "set_websocket_bridge":
            agent.tool_dispatcher.set_websocket_bridge(parts["bridge"])
        else:
            agent.tool_dispatcher.set_websocket_manager(parts["manager"])

    other_class, own_class = await build_class(build_bridged, other_act), await build_class(build_bridged, act)
    other_turn = asyncio.create_task(build_run(people.neighbour).run_agent(other_class))
    with pytest.raises(AgentFailed):
        await build_run(people.owner).run_agent(own_class)
    done.set()
    await other_turn
    incident = await IsolationIncident.objects.aget()
    assert (incident.expected_user, incident.found_user) == (people.owner.id, people.neighbour.id)


@pytest.mark.parametrize("mistaken", ["run_id", "thread_id"])
async def test_a_run_or_thread_id_is_refused_as_a_user_id(people: People, mistaken: str) -> None:
    run = build_run(people.owner)

    async def act(agent: Any, state: Any, run_id: str) -> None:
        with suppress(IsolationViolation):
            await agent.websocket_manager.send_to_user(getattr(run.context, mistaken), SAID)

    with pytest.raises(AgentFailed):
        await run.run_agent(await build_class(build_bridged, act))
    assert (await IsolationIncident.objects.aget()).kind == f"legacy: {mistaken} as user_id"
    assert "said" not in run.thoughts


@pytest.mark.parametrize("placeholder", [None, "", "default", "anonymous"])
async def test_a_placeholder_is_refused_as_a_user_id(placeholder: Any) -> None:
    async def act(agent: Any, state: Any, run_id: str) -> None:
        with pytest.raises(InvalidContext):
            await agent.websocket_manager.send_to_user(placeholder, SAID)

    await build_run().run_agent(await build_class(build_bridged, act))
    assert not await IsolationIncident.objects.aexists()


async def test_a_repeated_violation_is_one_incident(people: People) -> None:
    async def act(agent: Any, state: Any, run_id: str) -> None:
        for _ in range(20):
            with suppress(IsolationViolation):
                await agent.websocket_manager.send_to_user(people.neighbour.id, SAID)

    with pytest.raises(AgentFailed):
        await build_run(people.owner).run_agent(await build_class(build_bridged, act))
    assert await IsolationIncident.objects.acount() == 1


@pytest.mark.parametrize("options", [{}, {"user_id": "own"}, {"room_id": "lobby"}])
async def test_a_broadcast_is_refused(options: dict[str, Any]) -> None:
    run = build_run()

    async def act(agent: Any, state: Any, run_id: str) -> None:
        own_options = {name: state.user_id if value == "own" else value for name, value in options.items()}
        with pytest.raises(IsolationViolation, match="broadcast"):
            await agent.websocket_manager.broadcast_message(SAID, **own_options)
        with pytest.raises(IsolationViolation, match="broadcast"):
            await websockets.broadcast_message(SAID, **own_options)

    await run.run_agent(await build_class(build_bridged, act))
    assert "said" not in run.thoughts


async def test_a_sent_message_is_a_thought_unless_it_is_empty() -> None:
    async def act(agent: Any, state: Any, run_id: str) -> None:
        manager = agent.websocket_manager
        assert await manager.send_to_user(state.user_id, SAID, retry=False, require_confirmation=True)
        assert await manager.send_message(state.user_id, SimpleNamespace()) is False
        assert await manager.send_to_user(state.user_id, {}) is False
        assert await manager.send_to_thread(
            state.chat_thread_id, {"type": "n", "data": {"rows": 3, "api_key": "sesam"}}
        )
        assert manager.get_stats()["total_messages"] == 2
        with pytest.raises(BadInput):
            await manager.connect_user(state.user_id, None)

    run = build_run()
    await run.run_agent(await build_class(build_bridged, act))
    assert run.thoughts[1] == "said"
    assert '"rows": 3' in run.thoughts[2]
    assert "sesam" not in run.thoughts[2]


@pytest.mark.parametrize(
    "constructor",
    [
        WebSocketManager,
        WebSocketBridge,
        ToolDispatcher,
        websockets.get_websocket_manager,
        websockets.websocket_context,
        websockets.get_stats,
        dispatch.get_tool_dispatcher,
        create_legacy_tool_dispatcher,
    ],
)
def test_global_objects_are_refused(constructor: Callable[[], Any]) -> None:
    with pytest.raises(Defect, match="There is no global"):
        constructor()


async def test_emit_methods_need_a_run() -> None:
    with pytest.raises(Defect):
        await Voice().emit_thinking("anyone?")


def test_every_method_of_the_legacy_api_is_tested() -> None:
    """A new method of a facade needs a line in the table above."""
    public_methods = {
        name
        for kind in (WebSocketManager, WebSocketBridge)
        for name in vars(kind)
        if not name.startswith("_") and callable(vars(kind)[name])
    }
    tested = {name.split()[0] for name in CALLS} | {"broadcast_message", "get_stats"}
    assert public_methods <= tested
