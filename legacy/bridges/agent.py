"""bridged: an agent class of the old pattern as an agent of Netra's.

A fresh instance per turn, with facades that know one run; what it leaves in the state is the step's output.
"""
# netra: allow-file[deep-agent-state] this is the bridge itself: a state per turn, shared with nobody

import inspect
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, ClassVar, cast

from agents.base import BaseAgent
from agents.brief import Brief
from agents.kit import AgentKit, Done
from legacy.bridges.dispatch import Reach, RunBridge, ToolDispatcher
from legacy.bridges.own import require_own_names
from legacy.bridges.recipe import Recipe, recipe_of
from legacy.bridges.results import FIELDS, LegacyOutput, known_before, revived, written
from legacy.bridges.state import DeepAgentState
from legacy.bridges.turn import Turn, begin
from legacy.bridges.websockets import WebSocketManager
from legacy.deprecations.mode import require_allowed
from legacy.deprecations.place import place_of
from netra.core.context import UserExecutionContext
from netra.core.exceptions import Defect
from netra.core.jsonable import jsonable
from netra.language.text import Text, text
from tools.base import RunFacts

ENTRIES = ("execute", "execute_core_logic")
FINISHED = text("Finished.")


@dataclass(frozen=True, slots=True, kw_only=True)
class CoreContext:
    """What `execute_core_logic` is given."""

    run_id: str
    agent_name: str
    state: DeepAgentState
    user_id: str
    thread_id: str
    stream_updates: bool = True
    metadata: Mapping[str, Any] = field(default_factory=dict)

    @property
    def user_request(self) -> str:
        """Old code asks the context or the state for it."""
        return self.state.user_request


class BridgedAgent(BaseAgent[Any]):
    """Base of what `bridged` makes."""

    legacy_bridge: ClassVar[bool] = True  # what agents.compliance knows it by
    recipe: ClassVar[Recipe]
    entry: ClassVar[str]
    result: ClassVar[str | None]
    modern: ClassVar[type[BaseAgent[Any]] | None]

    def __init__(self, context: UserExecutionContext, kit: AgentKit) -> None:
        require_allowed(self.name)
        super().__init__(context, kit)

    @classmethod
    def establishes(cls, facts: RunFacts, output: Any) -> RunFacts:
        return facts if cls.modern is None else cls.modern.establishes(facts, output)

    def opening(self, brief: Brief) -> Text:
        return text("{agent}: beginning.", agent=self.title)

    async def perform(self, brief: Brief) -> Done[Any]:
        async with self.hands(brief) as hands:
            turn = begin(self.context, self.name, self.think)
            try:
                results = await self._taken(turn, brief, ToolDispatcher(turn, Reach(hands, self.kit, brief)))
            finally:
                self._measure(turn)
                await turn.end()
        if turn.trespasses.first is not None:
            # Also where the old code has swallowed it.
            raise turn.trespasses.first
        if self.result is None:
            return Done(output=LegacyOutput(results=results), summary=FINISHED)
        return Done(output=revived(self.name, self.output, self.result, results), summary=FINISHED)

    def _measure(self, turn: Turn) -> None:
        for use, times in turn.uses.counts.items():
            self.kit.deprecated(use.agent, use.what, times)

    async def _taken(self, turn: Turn, brief: Brief, dispatcher: ToolDispatcher) -> dict[str, Any]:
        before = known_before(brief)
        state = DeepAgentState.of_turn(turn, before)
        agent = self.recipe.instance(turn, self._handed(turn, dispatcher))
        method = getattr(agent, self.entry)
        place = place_of(inspect.unwrap(getattr(type(agent), self.entry)).__code__)
        turn.uses.count(f"{type(agent).__name__}.{self.entry}"[:100], place)
        if self.entry == "execute":
            returned = await method(state, str(self.context.run_id), True)
        else:
            returned = await method(self._core_context(state))
        return self._left(turn, before, state, returned)

    def _left(self, turn: Turn, before: dict[str, Any], state: DeepAgentState, returned: object) -> dict[str, Any]:
        """What is in the state, or in the one that it returned; a returned value counts where its field is empty."""
        if isinstance(returned, DeepAgentState):
            require_own_names(turn, returned, f"{self.name}.{self.entry}")
            return written(before, state) | written(before, returned)
        results = written(before, state)
        target = self.result or FIELDS.get(self.name)
        if returned is not None and target is not None and target not in results:
            setattr(state, target, jsonable(returned))
            return written(before, state)
        return results

    def _handed(self, turn: Turn, dispatcher: ToolDispatcher) -> Mapping[str, Any]:
        mine = self.context
        return {
            "name": self.name,
            "description": self.title,
            "agent_id": str(mine.request_id),
            "user_id": str(mine.user_id),
            "run_id": str(mine.run_id),
            "enable_reliability": False,
            "enable_execution_engine": False,
            "enable_caching": False,
            "tool_dispatcher": dispatcher,
            "websocket_manager": WebSocketManager(turn),
            "websocket_bridge": RunBridge(turn, dispatcher),
        }

    def _core_context(self, state: DeepAgentState) -> CoreContext:
        mine = self.context
        return CoreContext(
            run_id=str(mine.run_id),
            agent_name=self.name,
            state=state,
            user_id=str(mine.user_id),
            thread_id=str(mine.thread_id),
            metadata=MappingProxyType({}),
        )


def bridged(
    legacy: type[Any],
    *,
    name: str,
    title: str,
    tools: tuple[str, ...] = (),
    output: type[Any] = LegacyOutput,
    result: str | None = None,
    seconds: float = 180,
    essential: bool = False,
    modern: type[BaseAgent[Any]] | None = None,
) -> type[BaseAgent[Any]]:
    """An agent class that runs `legacy`. Raises Defect for one that would leak even so, saying where.

    `result` names the field of the state that holds what `output` is made of; it may be left out for LegacyOutput and
    where the agent's name tells. `modern` is the agent in whose place it stands, and that says what a run's facts
    are after it.
    """
    field_of = result or (None if output is LegacyOutput else FIELDS.get(name))
    if output is not LegacyOutput and field_of is None:
        raise Defect(f"bridged {name}: say by `result` which field of the state holds its {output.__name__}")
    members = {
        "__module__": legacy.__module__,
        "__doc__": f"{legacy.__qualname__} of the old pattern, bridged.",
        "name": name,
        "title": title,
        "tools": tools,
        "output": output,
        "seconds": seconds,
        "essential": essential,
        "recipe": recipe_of(legacy),
        "entry": _entry(legacy),
        "result": field_of,
        "modern": modern,
    }
    return cast(type[BaseAgent[Any]], type(f"Bridged{legacy.__name__}", (BridgedAgent,), members))


def replacing(modern: type[BaseAgent[Any]], legacy: type[Any], *, result: str | None = None) -> type[BaseAgent[Any]]:
    """The same, in the place of one of Netra's agents: its name, tools, output and limits."""
    return bridged(
        legacy,
        name=modern.name,
        title=modern.title,
        tools=modern.tools,
        output=modern.output,
        result=result,
        seconds=modern.seconds,
        essential=modern.essential,
        modern=modern,
    )


def _entry(legacy: type[Any]) -> str:
    for name in ENTRIES:
        method = getattr(legacy, name, None)
        if method is not None:
            if not inspect.iscoroutinefunction(inspect.unwrap(method)):
                raise Defect(f"{legacy.__name__}.{name} is not `async def`: it would hold up everybody's runs")
            return name
    raise Defect(f"{legacy.__name__} has neither `execute` nor `execute_core_logic`")
