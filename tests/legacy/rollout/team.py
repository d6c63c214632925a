"""A team with one agent of the old pattern, and modern ones in whose place it stands."""

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

TOLD = "told by the old agent"
SLOW = 2.0  # seconds


class OldDataAgent(LegacyAgentBase):
    """Keeps what it learns on its class, and tells it."""

    cache: ClassVar[dict[str, Any]] = {}

    async def execute(self, state: Any, run_id: str, stream_updates: bool) -> None:
        tools = self.tool_dispatcher
        self.cache[state.user_id] = state.user_request
        await asyncio.sleep(0)
        await self.emit_thinking(f"{TOLD}: {self.cache}")
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


class Unmade(DataAgent):
    def __init__(self, *args: Any) -> None:
        raise RuntimeError("cannot even be made")


def beside(kind: type[BaseAgent[Any]]) -> Mapping[str, type[BaseAgent[Any]]]:
    return MappingProxyType({**AGENTS, "data": kind})


roster = rollout({"data": OldDataAgent})
broken = rollout({"data": OldDataAgent}, modern=beside(BrokenDataAgent))
unmade = rollout({"data": OldDataAgent}, modern=beside(Unmade))
slow = rollout({"data": OldDataAgent}, modern=beside(SlowDataAgent))
hanging = rollout({"data": OldDataAgent}, modern=beside(HangingDataAgent))
