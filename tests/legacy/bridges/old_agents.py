"""Legacy agents, and runs for them whose events are recorded."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any
from uuid import uuid4

from agents.framework.agent import BaseAgent
from agents.framework.deps import AgentDeps, RunInput
from core.context import UserExecutionContext
from core.i18n.text import text
from core.models import User
from legacy.bridges.agent import bridge_agent
from legacy.bridges.results import LegacyOutput
from legacy.bridges.voice import LegacyAgentBase
from tests.agents.framework.test_agent import build_deps
from tests.support.fakes import FakeRecorder, anything, context
from tools.base import Category, DataKind, NoInput, RunFacts, SideEffects, Tool, ToolContext
from tools.run_dispatcher import ToolDispatcherFactory

Act = Callable[[Any, Any, str], Any]


async def _run_whose(_: NoInput, tool_context: ToolContext) -> str:
    return f"the data of {tool_context.context.user_id}"


WHOSE: Tool[NoInput] = Tool(
    name="whose",
    title=text("Whose data"),
    description="Whose data this run works on.",
    input=NoInput,
    run=_run_whose,
    category=Category.BASIC,
    side_effects=SideEffects.NONE,
    idempotent=True,
    result_kinds=frozenset({DataKind.FIGURES}),
)
CATALOGUE: Mapping[str, Tool[Any]] = MappingProxyType({"whose": WHOSE})


@dataclass(frozen=True, slots=True)
class Run:
    """One user's run, for any number of agents."""

    context: UserExecutionContext
    deps: AgentDeps
    recorder: FakeRecorder
    run_input: RunInput

    async def run_agent(self, kind: type[BaseAgent[Any]]) -> Any:
        return await kind(self.context.child(), self.deps).execute(self.run_input)

    @property
    def thoughts(self) -> list[str]:
        return [event.thought for event in self.recorder.events if event.type == "agent_thinking"]


def build_run(user: User | None = None, ask: str = "cut my spend") -> Run:
    recorder = FakeRecorder()
    deps = replace(build_deps(recorder), dispatcher_factory=ToolDispatcherFactory(catalog=CATALOGUE, admit=anything))
    return Run(context(user.id if user else uuid4()), deps, recorder, RunInput(facts=RunFacts(ask=ask)))


def build_bridged(act: Act, **options: Any) -> type[BaseAgent[Any]]:
    """Return a bridged legacy agent that calls `await act(agent, state, run_id)` in its turn."""

    class Old(LegacyAgentBase):
        async def execute(self, state: Any, run_id: str, stream_updates: bool) -> None:
            await act(self, state, run_id)

    return bridge_agent(Old, **{"name": "old", "title": "Old", "tools": ("whose",), **options})


def get_results(output: object) -> Mapping[str, Any]:
    assert isinstance(output, LegacyOutput)
    return output.results


async def run_concurrently(*turns: Any) -> list[Any]:
    return list(await asyncio.gather(*turns))


async def build_class(builder: Callable[..., type[BaseAgent[Any]]], *args: Any, **options: Any) -> type[BaseAgent[Any]]:
    """Build a class in a thread, because the class's source is read, which would block the event loop."""
    return await asyncio.to_thread(builder, *args, **options)
