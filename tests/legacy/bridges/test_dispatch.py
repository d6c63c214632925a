"""The old dispatcher: Netra's own behind it, a team's functions for one turn, and numbers of one's own."""

import asyncio
import threading
from typing import Any

import pytest
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.backends.base.base import BaseDatabaseWrapper

from agents.framework.deps import AgentFailed
from core.exceptions import BadInput
from core.i18n.text import text
from core.models import User
from legacy.bridges import local_tools
from legacy.bridges.dispatch import create_legacy_tool_dispatcher
from tests.legacy.bridges.old_agents import acting, both, made, run_of
from tests.support.patience import PATIENCE
from tools.errors import InvalidArguments, ToolFailed, ToolTimeout, UnknownTool

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.filterwarnings("ignore::DeprecationWarning")]


def scaled(rows: list[int], *, by: int = 2, json: bool = False) -> list[int]:
    """Every row, times so much."""
    return [row * by for row in rows] if not json else []


async def anything(**given: Any) -> dict[str, Any]:
    return given


async def test_a_teams_function_is_a_tool_of_its_turn() -> None:
    async def act(agent: Any, state: Any, run_id: str) -> None:
        tools = agent.tool_dispatcher
        tools.register_tool("scaled", scaled)
        tools.register_tool("anything", anything, "Anything at all.")
        assert tools.has_tool("scaled")
        assert tools.has_tool("whose")
        assert not tools.has_tool("price_workload")
        assert await tools.dispatch("scaled", rows=[1, 2], by=3) == [3, 6]
        assert await tools.dispatch("scaled", rows=[1, 2], json=True) == []
        assert await tools.dispatch("anything", a=1, user_id=state.user_id) == {"a": 1}
        for wrong in ({}, {"rows": "many"}, {"rows": [1], "unknown": 2}):
            with pytest.raises(InvalidArguments):
                await tools.dispatch("scaled", **wrong)
        answer = await tools.dispatch_tool("nowhere", {}, state, run_id)
        assert (answer.success, answer.metadata["code"]) == (False, UnknownTool.code)
        assert (await tools.dispatch_tool("scaled", {"rows": [4]}, state, run_id)).result == [8]
        assert tools.get_metrics() == {
            "tools_registered": 3,
            "total_executions": 8,
            "successful_executions": 4,
            "failed_executions": 4,
        }
        tools.cleanup()
        assert not tools.has_tool("scaled")

    run = run_of()
    await run.take(await made(acting, act))
    calls = [event for event in run.told.events if event.type == "tool_completed"]
    assert [call.outcome for call in calls] == ["ok", "ok", "ok", *["refused"] * 4, "ok"]


async def test_a_function_that_asks_the_database_leaves_no_connection_in_its_thread() -> None:
    opened: list[BaseDatabaseWrapper] = []

    def counted(fails: bool) -> int:
        opened.append(connections[DEFAULT_DB_ALIAS])
        count = User.objects.count()
        assert opened[-1].connection is not None
        if fails:
            raise BadInput(text("It cannot be done."))
        return count

    async def act(agent: Any, state: Any, run_id: str) -> None:
        tools = agent.tool_dispatcher
        tools.register_tool("counted", counted)
        assert await tools.dispatch("counted", fails=False) == 0
        assert not (await tools.dispatch_tool("counted", {"fails": True}, state, run_id)).success

    await run_of().take(await made(acting, act))
    assert [each.connection for each in opened] == [None, None]


async def test_what_one_registers_nobody_else_finds() -> None:
    ready = asyncio.Barrier(2)

    async def act(agent: Any, state: Any, run_id: str) -> None:
        tools, ask = agent.tool_dispatcher, state.user_request
        if ask == "hers":
            tools.register_tool("only_hers", lambda: "hers")
        tools.register_tool("both", lambda: ask)
        await ready.wait()
        assert tools.has_tool("only_hers") == (ask == "hers")
        assert await tools.dispatch("both") == ask
        assert tools.get_metrics()["total_executions"] == 1

    kind = await made(acting, act)
    await both(*[run_of(ask=ask).take(kind) for ask in ("hers", "his")])


async def test_netras_own_tools_are_not_replaced() -> None:
    async def act(agent: Any, state: Any, run_id: str) -> None:
        with pytest.raises(BadInput):
            agent.tool_dispatcher.register_tool("whose", scaled)
        with pytest.raises(BadInput):
            agent.tool_dispatcher.register_tool("nothing", 5)
        assert await agent.tool_dispatcher.dispatch("whose") == f"the data of {state.user_id}"

    await run_of().take(await made(acting, act))


async def test_it_is_limited_in_time_and_its_errors_are_told() -> None:
    over = threading.Event()

    def broken() -> None:
        raise RuntimeError("secret detail")

    async def act(agent: Any, state: Any, run_id: str) -> None:
        tools = agent.tool_dispatcher
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(local_tools, "TIME_LIMIT_SECONDS", 0.05)
            tools.register_tool("slow", lambda: over.wait(PATIENCE))
        tools.register_tool("broken", broken)
        with pytest.raises(ToolTimeout):
            await tools.dispatch("slow")
        over.set()
        with pytest.raises(ToolFailed) as failed:
            await tools.dispatch("broken")
        assert "secret detail" not in str(failed.value)

    await run_of().take(await made(acting, act))


async def test_an_agent_that_fails_at_a_tool_tells_so() -> None:
    async def act(agent: Any, state: Any, run_id: str) -> None:
        await agent.tool_dispatcher.dispatch("nowhere")

    run = run_of()
    with pytest.raises(AgentFailed) as failed:
        await run.take(await made(acting, act))
    assert failed.value.code == UnknownTool.code


async def test_the_old_maker_gives_the_turns_own() -> None:
    async def act(agent: Any, state: Any, run_id: str) -> None:
        dispatcher = create_legacy_tool_dispatcher([scaled], websocket_bridge=agent.websocket_bridge)
        assert dispatcher is agent.tool_dispatcher
        assert await dispatcher.dispatch("scaled", rows=[1]) == [2]

    await run_of().take(await made(acting, act))
