"""Two users' real runs at once, with an agent of the old pattern in the place of one of Netra's."""

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
from tests.support.running_worker import asked, brought, ended, environment, everything, log_file, working

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.filterwarnings("ignore::DeprecationWarning")]


class OldDataAgent(LegacyAgentBase):
    """Tells and keeps all it learns, wherever it can."""

    cache: ClassVar[dict[str, Any]] = {}
    told: ClassVar[list[str]] = []

    async def execute(self, state: Any, run_id: str, stream_updates: bool) -> None:
        tools, manager = self.tool_dispatcher, self.websocket_manager  # type: ignore[attr-defined]  # by the bridge
        tools.register_tool("ask_again", lambda: state.user_request)
        found = {
            "profile": await tools.dispatch("profile_workload"),
            "spend": await tools.dispatch("price_workload", user_id=state.user_id),
            "prefix_cache": (await tools.dispatch_tool("measure_prefix_cache", {}, state, run_id)).result,
        }
        self.cache[state.user_id] = found
        self.told.append(await tools.dispatch("ask_again"))
        await manager.send_to_user(state.user_id, {"type": "found", "data": {"cache": self.cache, "told": self.told}})
        await manager.send_to_thread(state.chat_thread_id, f"kept: {self.cache} {self.told}")
        await self.websocket_bridge.notify_progress_update(  # type: ignore[attr-defined]
            run_id, "data", {"content": str(self.told)}
        )
        await self.emit_thinking(str(self.cache))
        state.data_result = found


def secret(user: User) -> str:
    return f"canary-{user.username}"


def start(user: User, folder: Path, data_dir: Path) -> Run:
    file = log_file(folder / user.username, feature=secret(user))
    return asked(user, brought(user, file, data_dir), text=f"cut my spend, {secret(user)}")


def belongings(user: User) -> str:
    rows: list[object] = [event.model_dump(mode="json") for event in everything(user.id)]
    rows += [[step.agent, step.output, step.messages] for step in Step.objects.for_user(user.id)]
    return json.dumps(rows)


async def with_the_old_one(claim: RunJob) -> AgentClasses:
    old = await asyncio.to_thread(replacing, DataAgent, OldDataAgent)
    return {**AGENTS, "data": old}


async def test_nothing_of_one_reaches_the_other(people: People, tmp_path: Path) -> None:
    users = (people.owner, people.neighbour)
    async with working(environment(tmp_path, roster=f"{__name__}.with_the_old_one")) as (house, engine):
        runs = [
            await sync_to_async(start)(user, tmp_path / f"logs{each}", tmp_path) for each in range(3) for user in users
        ]
        engine.wake()
        await asyncio.gather(*[ended(house, run) for run in runs])
    states = {run.state async for run in Run.objects.all()}
    assert states == {RunState.COMPLETED}
    for user, other in (users, users[::-1]):
        mine = await sync_to_async(belongings)(user)
        assert mine.count("kept: ") == 3
        assert secret(user) in mine
        assert secret(other) not in mine
        assert str(other.id) not in mine
    assert OldDataAgent.cache == {}
    assert not await IsolationIncident.objects.aexists()
    assert (await LegacyUse.objects.aget(what="ToolDispatcher.dispatch_tool")).count == 6
