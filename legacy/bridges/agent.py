"""Turn a legacy agent class into a Netra agent: `bridge_agent` and `replacing`.
Each turn gets a fresh instance and facades of one run. The results that it sets in the state are the step's output."""

# netra: allow-file[deep-agent-state] this is the bridge itself: a state per turn, never shared
import inspect
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, ClassVar, cast

from agents.framework.agent import BaseAgent
from agents.framework.deps import AgentDeps, AgentResult, RunInput
from core.context import UserExecutionContext
from core.exceptions import Defect
from core.i18n.text import Text, text
from core.json_data import to_jsonable
from legacy.bridges.deprecation import ensure_legacy_allowed, locate_code
from legacy.bridges.dispatch import DispatchContext, RunWebSocketBridge, ToolDispatcher
from legacy.bridges.instance_factory import InstanceFactory, build_instance_factory
from legacy.bridges.ownership import require_own_ids_in
from legacy.bridges.results import RESULT_FIELDS, LegacyOutput, build_state_values, extract_results, to_typed_output
from legacy.bridges.state import DeepAgentState
from legacy.bridges.turn import BridgeTurn, start_turn
from legacy.bridges.websockets import WebSocketManager
from tools.base import RunFacts

ENTRY_METHODS = ("execute", "execute_core_logic")
DEFAULT_SUMMARY = text("Finished.")


@dataclass(frozen=True, slots=True, kw_only=True)
class CoreContext:
    """The argument of `execute_core_logic`."""

    run_id: str
    agent_name: str
    state: DeepAgentState
    user_id: str
    thread_id: str
    stream_updates: bool = True
    metadata: Mapping[str, Any] = field(default_factory=dict)

    @property
    def user_request(self) -> str:
        """Legacy code reads it from the context or from the state."""
        return self.state.user_request


class BridgedAgent(BaseAgent[Any]):
    """Base class of the agents that `bridge_agent` creates."""

    pattern = "legacy_bridge"
    instance_factory: ClassVar[InstanceFactory]
    entry_method: ClassVar[str]
    result_field: ClassVar[str | None]
    modern: ClassVar[type[BaseAgent[Any]] | None]

    def __init__(self, context: UserExecutionContext, deps: AgentDeps) -> None:
        ensure_legacy_allowed(self.name)
        super().__init__(context, deps)

    @classmethod
    def update_facts(cls, facts: RunFacts, output: Any) -> RunFacts:
        return facts if cls.modern is None else cls.modern.update_facts(facts, output)

    def opening(self, run_input: RunInput) -> Text:
        return text("{agent} is starting.", agent=self.title)

    async def perform(self, run_input: RunInput) -> AgentResult[Any]:
        async with self.open_dispatcher(run_input) as dispatcher:
            turn = start_turn(self.context, self.name, self.think)
            try:
                results = await self._run_legacy(
                    turn, run_input, ToolDispatcher(turn, DispatchContext(dispatcher, self.deps, run_input))
                )
            finally:
                self._report_usage(turn)
                await turn.close()
        if turn.violations.first is not None:
            # Also if the legacy code has caught it.
            raise turn.violations.first
        if self.result_field is None:
            return AgentResult(output=LegacyOutput(results=results), summary=DEFAULT_SUMMARY)
        return AgentResult(
            output=to_typed_output(self.name, self.output, self.result_field, results), summary=DEFAULT_SUMMARY
        )

    def _report_usage(self, turn: BridgeTurn) -> None:
        for key, count in turn.usage.counts.items():
            self.deps.on_deprecated_call(key.agent, key.what, count)

    async def _run_legacy(self, turn: BridgeTurn, run_input: RunInput, dispatcher: ToolDispatcher) -> dict[str, Any]:
        before = build_state_values(run_input)
        state = DeepAgentState.for_turn(turn, before)
        agent = self.instance_factory.create_instance(turn, self._build_constructor_arguments(turn, dispatcher))
        method = getattr(agent, self.entry_method)
        place = locate_code(inspect.unwrap(getattr(type(agent), self.entry_method)).__code__)
        turn.usage.increment(f"{type(agent).__name__}.{self.entry_method}"[:100], place)
        if self.entry_method == "execute":
            returned = await method(state, str(self.context.run_id), True)
        else:
            returned = await method(self._build_core_context(state))
        return self._collect_results(turn, before, state, returned)

    def _collect_results(
        self, turn: BridgeTurn, before: dict[str, Any], state: DeepAgentState, returned: object
    ) -> dict[str, Any]:
        """Return the results in its state, or in the state that it returned.

        Any other returned value is the result if the state's field for it is empty.
        """
        if isinstance(returned, DeepAgentState):
            require_own_ids_in(turn, returned, f"{self.name}.{self.entry_method}")
            return extract_results(before, state) | extract_results(before, returned)
        results = extract_results(before, state)
        target = self.result_field or RESULT_FIELDS.get(self.name)
        if returned is not None and target is not None and target not in results:
            setattr(state, target, to_jsonable(returned))
            return extract_results(before, state)
        return results

    def _build_constructor_arguments(self, turn: BridgeTurn, dispatcher: ToolDispatcher) -> Mapping[str, Any]:
        context = self.context
        return {
            "name": self.name,
            "description": self.title,
            "agent_id": str(context.request_id),
            "user_id": str(context.user_id),
            "run_id": str(context.run_id),
            "enable_reliability": False,
            "enable_execution_engine": False,
            "enable_caching": False,
            "tool_dispatcher": dispatcher,
            "websocket_manager": WebSocketManager(turn),
            "websocket_bridge": RunWebSocketBridge(turn, dispatcher),
        }

    def _build_core_context(self, state: DeepAgentState) -> CoreContext:
        context = self.context
        return CoreContext(
            run_id=str(context.run_id),
            agent_name=self.name,
            state=state,
            user_id=str(context.user_id),
            thread_id=str(context.thread_id),
            metadata=MappingProxyType({}),
        )


def bridge_agent(
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
    """Return an agent class that runs `legacy`. Raises Defect, with the place, if it would leak in spite of the bridge.

    `result` names the field of the state that `output` is built from. It is not needed for LegacyOutput, nor if the
    agent's name determines it. `modern` is the agent that this one replaces; it updates the run's facts.
    """
    field_of = result or (None if output is LegacyOutput else RESULT_FIELDS.get(name))
    if output is not LegacyOutput and field_of is None:
        raise Defect(f"bridge_agent, {name}: pass `result`, the name of the state's field for its {output.__name__}")
    members = {
        "__module__": legacy.__module__,
        "__doc__": f"The legacy agent {legacy.__qualname__}, bridged.",
        "name": name,
        "title": title,
        "tools": tools,
        "output": output,
        "seconds": seconds,
        "essential": essential,
        "instance_factory": build_instance_factory(legacy),
        "entry_method": _find_entry_method(legacy),
        "result_field": field_of,
        "modern": modern,
    }
    return cast(type[BaseAgent[Any]], type(f"Bridged{legacy.__name__}", (BridgedAgent,), members))


def replacing(modern: type[BaseAgent[Any]], legacy: type[Any], *, result: str | None = None) -> type[BaseAgent[Any]]:
    """Return a bridged class that replaces one of Netra's agents, with its name, tools, output and limits."""
    return bridge_agent(
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


def _find_entry_method(legacy: type[Any]) -> str:
    for name in ENTRY_METHODS:
        method = getattr(legacy, name, None)
        if method is not None:
            if not inspect.iscoroutinefunction(inspect.unwrap(method)):
                raise Defect(f"{legacy.__name__}.{name} is not `async def`: it would block the runs of all users")
            return name
    raise Defect(f"{legacy.__name__} has neither `execute` nor `execute_core_logic`")
