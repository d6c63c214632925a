"""The legacy dispatcher: uses Netra's, adds a team's functions for one turn, and counts calls per turn."""

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
from tests.legacy.bridges.old_agents import build_bridged, build_class, build_run, run_concurrently
from tests.support.patience import PATIENCE
from tools.errors import InvalidArguments, ToolFailed, ToolTimeout, UnknownTool

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.filterwarnings("ignore::DeprecationWarning")]


def scale(rows: list[int], *, by: int = 2, json: bool = False) -> list[int]:
    """Multiply each row."""
    return [row * by for row in rows] if not json else []


async def anything(**arguments: Any) -> dict[str, Any]:
    return arguments


async def test_a_registered_function_is_a_tool_of_its_turn() -> None:
    async def act(agent: Any, state: Any, run_id: str) -> None:
        tools = agent.tool_dispatcher
        tools.register_tool("scale", scale)
        tools.register_tool("anything", anything, "Anything at all.")
        assert tools.has_tool("scale")
        assert tools.has_tool("whose")
        assert not tools.has_tool("price_workload")
        assert await tools.dispatch("scale", rows=[1, 2], by=3) == [3, 6]
        assert await tools.dispatch("scale", rows=[1, 2], json=True) == []
        assert await tools.dispatch("anything", a=1, user_id=state.user_id) == {"a": 1}
        for wrong in ({}, {"rows": "many"}, {"rows": [1], "unknown": 2}):
            with pytest.raises(InvalidArguments):
                await tools.dispatch("scale", **wrong)
        response = await tools.dispatch_tool("nowhere", {}, state, run_id)
        assert (response.success, response.metadata["code"]) == (False, UnknownTool.code)
        assert (await tools.dispatch_tool("scale", {"rows": [4]}, state, run_id)).result == [8]
        assert tools.get_metrics() == {
            "tools_registered": 3,
            "total_executions": 8,
            "successful_executions": 4,
            "failed_executions": 4,
        }
        tools.cleanup()
        assert not tools.has_tool("scale")

    run = build_run()
    await run.run_agent(await build_class(build_bridged, act))
    calls = [event for event in run.recorder.events if event.type == "tool_completed"]
    assert [call.outcome for call in calls] == ["ok", "ok", "ok", *["refused"] * 4, "ok"]


async def test_a_function_that_queries_the_database_leaves_no_open_connection() -> None:
    opened: list[BaseDatabaseWrapper] = []

    def count_users(fails: bool) -> int:
        opened.append(connections[DEFAULT_DB_ALIAS])
        count = User.objects.count()
        assert opened[-1].connection is not None
        if fails:
            raise BadInput(text("This is not possible."))
        return count

    async def act(agent: Any, state: Any, run_id: str) -> None:
        tools = agent.tool_dispatcher
        tools.register_tool("count_users", count_users)
        assert await tools.dispatch("count_users", fails=False) == 0
        assert not (await tools.dispatch_tool("count_users", {"fails": True}, state, run_id)).success

    await build_run().run_agent(await build_class(build_bridged, act))
    assert [each.connection for each in opened] == [None, None]


async def test_a_registered_tool_is_unknown_to_other_runs() -> None:
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

    kind = await build_class(build_bridged, act)
    await run_concurrently(*[build_run(ask=ask).run_agent(kind) for ask in ("hers", "his")])


async def test_built_in_tools_cannot_be_replaced() -> None:
    async def act(agent: Any, state: Any, run_id: str) -> None:
        with pytest.raises(BadInput):
            agent.tool_dispatcher.register_tool("whose", scale)
        with pytest.raises(BadInput):
            agent.tool_dispatcher.register_tool("nothing", 5)
        assert await agent.tool_dispatcher.dispatch("whose") == f"the data of {state.user_id}"

    await build_run().run_agent(await build_class(build_bridged, act))


async def test_a_registered_tool_has_a_time_limit_and_safe_errors() -> None:
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

    await build_run().run_agent(await build_class(build_bridged, act))


async def test_a_failed_call_fails_the_agent_with_its_code() -> None:
    async def act(agent: Any, state: Any, run_id: str) -> None:
        await agent.tool_dispatcher.dispatch("nowhere")

    run = build_run()
    with pytest.raises(AgentFailed) as failed:
        await run.run_agent(await build_class(build_bridged, act))
    assert failed.value.code == UnknownTool.code


async def test_create_legacy_tool_dispatcher_returns_the_turns_own() -> None:
    async def act(agent: Any, state: Any, run_id: str) -> None:
        dispatcher = create_legacy_tool_dispatcher([scale], websocket_bridge=agent.websocket_bridge)
        assert dispatcher is agent.tool_dispatcher
        assert await dispatcher.dispatch("scale", rows=[1]) == [2]

    await build_run().run_agent(await build_class(build_bridged, act))
