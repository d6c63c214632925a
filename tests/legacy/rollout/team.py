"""A team's legacy agent, modern agents that it replaces, and their rosters."""

import asyncio
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, ClassVar

from agents.framework.agent import BaseAgent
from agents.framework.deps import AgentResult, RunInput
from agents.framework.registry import AGENTS
from agents.team.data import DataAgent, DataOutput
from legacy.bridges.voice import LegacyAgentBase
from legacy.rollout.roster import rollout

LEGACY_MARK = "from the legacy agent"
SLOW = 2.0  # seconds


class OldDataAgent(LegacyAgentBase):
    """Stores requests on its class and sends them."""

    cache: ClassVar[dict[str, Any]] = {}

    async def execute(self, state: Any, run_id: str, stream_updates: bool) -> None:
        tools = self.tool_dispatcher
        self.cache[state.user_id] = state.user_request
        await asyncio.sleep(0)
        await self.emit_thinking(f"{LEGACY_MARK}: {self.cache}")
        state.data_result = {
            "profile": await tools.dispatch("profile_workload"),
            "spend": await tools.dispatch("price_workload"),
            "prefix_cache": await tools.dispatch("measure_prefix_cache"),
        }


class BrokenDataAgent(DataAgent):
    async def perform(self, run_input: RunInput) -> AgentResult[DataOutput]:
        raise RuntimeError("kanarienvogel")


class SlowDataAgent(DataAgent):
    async def perform(self, run_input: RunInput) -> AgentResult[DataOutput]:
        await asyncio.sleep(SLOW)
        return await super().perform(run_input)


class HangingDataAgent(DataAgent):
    async def perform(self, run_input: RunInput) -> AgentResult[DataOutput]:
        await self.deps.session.ask(lambda analysis: analysis.profile())  # the log is open from here on
        await asyncio.sleep(3600)
        raise AssertionError("it was not stopped")


class Unbuildable(DataAgent):
    def __init__(self, *args: Any) -> None:
        raise RuntimeError("cannot be created")


def replace_data_agent(kind: type[BaseAgent[Any]]) -> Mapping[str, type[BaseAgent[Any]]]:
    return MappingProxyType({**AGENTS, "data": kind})


roster = rollout({"data": OldDataAgent})
broken = rollout({"data": OldDataAgent}, modern=replace_data_agent(BrokenDataAgent))
unbuildable = rollout({"data": OldDataAgent}, modern=replace_data_agent(Unbuildable))
slow = rollout({"data": OldDataAgent}, modern=replace_data_agent(SlowDataAgent))
hanging = rollout({"data": OldDataAgent}, modern=replace_data_agent(HangingDataAgent))
