"""One turn of an agent of the corpus, before and after its migration, with scripted tools and a scripted model."""

import importlib.util
import inspect
import types
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

from agents.framework.agent import BaseAgent
from agents.framework.deps import AgentDeps, AgentFailed, RunInput
from agents.llm.turns import ModelTurn
from core.context import UserExecutionContext
from core.events import AgentThinking, build_agent_fields
from core.exceptions import BadInput
from core.i18n.text import text, verbatim_text
from core.json_data import to_jsonable
from legacy.bridges.agent import ENTRY_METHODS
from legacy.bridges.dispatch import DispatchContext, ToolDispatcher
from legacy.bridges.results import LegacyOutput
from legacy.bridges.state import DeepAgentState
from legacy.bridges.turn import start_turn
from legacy.bridges.voice import LegacyAgentBase
from legacy.bridges.websockets import WebSocketManager
from tests.agents.framework.test_agent import build_deps
from tests.legacy.codemods.old_api import build_answer
from tests.legacy.codemods.test_equivalence import Anything
from tests.support.fakes import FakeRecorder, anything
from tools.base import Category, DataKind, RunFacts, SideEffects, Tool, ToolContext
from tools.run_dispatcher import ToolDispatcherFactory

READ_FIELDS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "agent_started": ("agent", "title"),
        "agent_thinking": ("agent", "thought", "source"),
        "tool_executing": ("agent", "tool", "title", "arguments"),
        "tool_completed": ("agent", "tool", "outcome", "code", "result", "error"),
        "agent_completed": ("agent", "outcome", "missing", "answer"),
        "agent_error": ("agent", "code", "message"),
    }
)
"""The fields of each event that a user reads, except for the summary of agent_completed, which the team writes."""


@dataclass(slots=True)
class Script:
    """Scripted tools, which return their arguments or fail if `fails`, and a scripted model."""

    fails: bool = False
    calls: list[tuple[str, Mapping[str, Any]]] = field(default_factory=list)
    prompts: list[str] = field(default_factory=list)

    def tool(self, name: str) -> Tool[Any]:
        async def work(arguments: Anything, tool_context: ToolContext) -> dict[str, Any]:
            self.calls.append((name, arguments.model_dump()))
            if self.fails:
                raise BadInput(text("{name} is unavailable today", name=name))
            return build_answer(name, arguments.model_dump())

        return Tool(
            name=name,
            title=verbatim_text(name.capitalize()),
            description=name,
            input=Anything,
            run=work,
            category=Category.BASIC,
            side_effects=SideEffects.NONE,
            idempotent=True,
            result_kinds=frozenset({DataKind.FIGURES}),
        )

    async def think(self, plan: object, dispatcher: object, *, prompt: str, **_: Any) -> ModelTurn[Any]:
        self.prompts.append(prompt)
        return ModelTurn(output=f"Of {prompt}: nothing.", messages=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnResult:
    """A turn's events, tool calls, model prompts and result."""

    events: list[tuple[Any, ...]]
    calls: list[tuple[str, Mapping[str, Any]]]
    prompts: list[str]
    result: Any


@dataclass(frozen=True, slots=True)
class Stage:
    """One user's run."""

    context: UserExecutionContext
    run_input: RunInput
    script: Script
    recorder: FakeRecorder
    deps: AgentDeps

    async def run(self, kind: type[BaseAgent[Any]], opening: str) -> TurnResult:
        """`opening` is the default first message, which is not the agent's own."""
        try:
            output = await kind(self.context, self.deps).execute(self.run_input)
        except AgentFailed as failed:
            output = failed.code
        events = [_read_event(each) for each in self.recorder.events]
        if events[1] == ("agent_thinking", kind.name, opening, "agent"):
            del events[1]
        return TurnResult(
            events=events, calls=self.script.calls, prompts=self.script.prompts, result=_get_result(output)
        )


def build_stage(context: UserExecutionContext, ask: str, tools: tuple[str, ...], *, fails: bool) -> Stage:
    script, recorder = Script(fails=fails), FakeRecorder()
    catalog = MappingProxyType({name: script.tool(name) for name in tools})
    model_runner: Any = script.think
    dispatchers = ToolDispatcherFactory(catalog=catalog, admit=anything)
    return Stage(
        context=context,
        run_input=RunInput(facts=RunFacts(ask=ask)),
        script=script,
        recorder=recorder,
        deps=replace(build_deps(recorder), dispatcher_factory=dispatchers, model_runner=model_runner),
    )


def build_platform(on: Stage, name: str, run_dispatcher: Any) -> dict[str, types.ModuleType]:
    """Return the legacy platform's modules as `app`, with the facades of one turn in place of its globals."""

    async def think(thought: str) -> None:
        await on.recorder.emit(AgentThinking(**build_agent_fields(on.context, name), thought=thought))

    turn = start_turn(on.context, name, think)
    manager, dispatcher = (
        WebSocketManager(turn),
        ToolDispatcher(turn, DispatchContext(run_dispatcher, on.deps, on.run_input)),
    )
    bases = dict.fromkeys(("BaseAgent", "BaseSubAgent", "LegacyAgentBase"), LegacyAgentBase)
    modules: dict[str, dict[str, Any]] = {
        "app": {},
        "app.agents": bases,
        "app.state": {"DeepAgentState": DeepAgentState},
        "app.tools": {"tool_dispatcher": dispatcher, "get_tool_dispatcher": lambda: dispatcher},
        "app.websockets": {
            "websocket_manager": manager,
            "get_websocket_manager": lambda: manager,
            "WebSocketManager": lambda: manager,
        },
    }
    built = {module: types.ModuleType(module) for module in modules}
    for module, names in modules.items():
        built[module].__dict__.update(names)
    return built


def load_agents(path: Path) -> list[type[Any]]:
    """Return the agents of a file, in order."""
    spec = importlib.util.spec_from_file_location(f"corpus_{path.parent.name}_{path.stem}", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    kinds = [each for each in vars(module).values() if inspect.isclass(each) and each.__module__ == spec.name]
    return [each for each in kinds if issubclass(each, BaseAgent) or any(hasattr(each, name) for name in ENTRY_METHODS)]


def _read_event(event: Any) -> tuple[Any, ...]:
    return (event.type, *(getattr(event, name) for name in READ_FIELDS[event.type]))


def _get_result(output: object) -> Any:
    """Return the only result. A bridge returns it with the name of its field."""
    if not isinstance(output, LegacyOutput):
        return to_jsonable(output)
    assert len(output.results) <= 1
    return next(iter(output.results.values()), None)
