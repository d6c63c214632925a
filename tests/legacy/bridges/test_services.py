"""Concurrent real runs of two users, with a legacy agent in place of one of Netra's."""

import asyncio
import json
from pathlib import Path
from typing import Any, ClassVar

import pytest
from asgiref.sync import sync_to_async

from agents.framework.registry import AGENTS, AgentClasses
from agents.models import Run, RunState, Step
from agents.run_queue import RunJob
from agents.team.data import DataAgent
from core.models import IsolationIncident, User
from legacy.bridges.agent import replacing
from legacy.bridges.voice import LegacyAgentBase
from legacy.models import LegacyUse
from tests.conftest import People
from tests.support.running_worker import (
    ask_about_log,
    await_run_events,
    environment,
    everything,
    log_file,
    place_log,
    working,
)

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.filterwarnings("ignore::DeprecationWarning")]


class OldDataAgent(LegacyAgentBase):
    """Stores and sends all that it gets."""

    cache: ClassVar[dict[str, Any]] = {}
    asks: ClassVar[list[str]] = []

    async def execute(self, state: Any, run_id: str, stream_updates: bool) -> None:
        tools, manager = self.tool_dispatcher, self.websocket_manager  # type: ignore[attr-defined]  # by the bridge
        tools.register_tool("ask_again", lambda: state.user_request)
        found = {
            "profile": await tools.dispatch("profile_workload"),
            "spend": await tools.dispatch("price_workload", user_id=state.user_id),
            "prefix_cache": (await tools.dispatch_tool("measure_prefix_cache", {}, state, run_id)).result,
        }
        self.cache[state.user_id] = found
        self.asks.append(await tools.dispatch("ask_again"))
        await manager.send_to_user(state.user_id, {"type": "found", "data": {"cache": self.cache, "asks": self.asks}})
        await manager.send_to_thread(state.chat_thread_id, f"stored: {self.cache} {self.asks}")
        await self.websocket_bridge.notify_progress_update(  # type: ignore[attr-defined]
            run_id, "data", {"content": str(self.asks)}
        )
        await self.emit_thinking(str(self.cache))
        state.data_result = found


def get_canary(user: User) -> str:
    return f"canary-{user.username}"


def start(user: User, folder: Path, data_dir: Path) -> Run:
    file = log_file(folder / user.username, feature=get_canary(user))
    return ask_about_log(user, place_log(user, file, data_dir), text=f"cut my spend, {get_canary(user)}")


def dump_data(user: User) -> str:
    rows: list[object] = [event.model_dump(mode="json") for event in everything(user.id)]
    rows += [[step.agent, step.output, step.messages] for step in Step.objects.for_user(user.id)]
    return json.dumps(rows)


async def select_agents_with_legacy_data(job: RunJob) -> AgentClasses:
    old = await asyncio.to_thread(replacing, DataAgent, OldDataAgent)
    return {**AGENTS, "data": old}


@pytest.mark.long
async def test_no_data_of_one_user_reaches_another(people: People, tmp_path: Path) -> None:
    users = (people.owner, people.neighbour)
    async with working(environment(tmp_path, roster=f"{__name__}.select_agents_with_legacy_data")) as (
        services,
        engine,
    ):
        runs = [
            await sync_to_async(start)(user, tmp_path / f"logs{each}", tmp_path) for each in range(3) for user in users
        ]
        engine.wake()
        await asyncio.gather(*[await_run_events(services, run) for run in runs])
    states = {run.state async for run in Run.objects.all()}
    assert states == {RunState.COMPLETED}
    for user, other in (users, users[::-1]):
        data = await sync_to_async(dump_data)(user)
        assert data.count("stored: ") == 3
        assert get_canary(user) in data
        assert get_canary(other) not in data
        assert str(other.id) not in data
    assert OldDataAgent.cache == {}
    assert not await IsolationIncident.objects.aexists()
    assert (await LegacyUse.objects.aget(what="ToolDispatcher.dispatch_tool")).count == 6
