"""One turn of an agent of the corpus, before and after, under one script: what its tools and its model say."""

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
from tests.agents.framework.test_agent import kit
from tests.legacy.codemods.old_api import answer
from tests.legacy.codemods.test_equivalence import Anything
from tests.support.fakes import Told, anything
from tools.base import Category, DataKind, RunFacts, SideEffects, Tool, ToolContext
from tools.dispatcher import ToolDispatcherFactory

WORDS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "agent_started": ("agent", "title"),
        "agent_thinking": ("agent", "thought", "source"),
        "tool_executing": ("agent", "tool", "title", "arguments"),
        "tool_completed": ("agent", "tool", "outcome", "code", "result", "error"),
        "agent_completed": ("agent", "outcome", "missing", "answer"),
        "agent_error": ("agent", "code", "message"),
    }
)
"""What a user reads of an event. Of agent_completed all but the summary, which on both sides is made up and to be
decided by a person."""


@dataclass(slots=True)
class Script:
    """What is said by the tools, each of which answers by what it is asked or `fails`, and by the model."""

    fails: bool = False
    calls: list[tuple[str, Mapping[str, Any]]] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    def tool(self, name: str) -> Tool[Any]:
        async def work(given: Anything, reach: ToolContext) -> dict[str, Any]:
            self.calls.append((name, given.model_dump()))
            if self.fails:
                raise BadInput(text("{name} cannot be had today", name=name))
            return answer(name, given.model_dump())

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
        self.asked.append(prompt)
        return ModelTurn(output=f"Of {prompt}: nothing.", messages=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a turn did: what the user was told, what was called, what the model was asked, what was handed on."""

    told: list[tuple[Any, ...]]
    calls: list[tuple[str, Mapping[str, Any]]]
    asked: list[str]
    result: Any


@dataclass(frozen=True, slots=True)
class Stage:
    """One user's run. `opening` is what the side makes up to begin with, which is no word of the agent's."""

    context: UserExecutionContext
    run_input: RunInput
    script: Script
    told: Told
    deps: AgentDeps

    async def taken(self, kind: type[BaseAgent[Any]], opening: str) -> Outcome:
        try:
            output = await kind(self.context, self.deps).execute(self.run_input)
        except AgentFailed as failed:
            output = failed.code
        told = [_read(each) for each in self.told.events]
        if told[1] == ("agent_thinking", kind.name, opening, "agent"):
            del told[1]
        return Outcome(told=told, calls=self.script.calls, asked=self.script.asked, result=_result(output))


def stage(context: UserExecutionContext, ask: str, tools: tuple[str, ...], *, fails: bool) -> Stage:
    script, told = Script(fails=fails), Told()
    catalog = MappingProxyType({name: script.tool(name) for name in tools})
    mine: Any = script.think
    dispatchers = ToolDispatcherFactory(catalog=catalog, admit=anything)
    return Stage(
        context=context,
        run_input=RunInput(facts=RunFacts(ask=ask)),
        script=script,
        told=told,
        deps=replace(kit(told), dispatcher_factory=dispatchers, model_runner=mine),
    )


def platform(on: Stage, name: str, run_dispatcher: Any) -> dict[str, types.ModuleType]:
    """The old platform's modules, as `app`: what was global there is here the facades of one turn."""

    async def think(thought: str) -> None:
        await on.told.emit(AgentThinking(**build_agent_fields(on.context, name), thought=thought))

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
    made = {module: types.ModuleType(module) for module in modules}
    for module, names in modules.items():
        made[module].__dict__.update(names)
    return made


def loaded(path: Path) -> list[type[Any]]:
    """The agents of a file, in order."""
    spec = importlib.util.spec_from_file_location(f"corpus_{path.parent.name}_{path.stem}", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    kinds = [each for each in vars(module).values() if inspect.isclass(each) and each.__module__ == spec.name]
    return [each for each in kinds if issubclass(each, BaseAgent) or any(hasattr(each, name) for name in ENTRY_METHODS)]


def _read(event: Any) -> tuple[Any, ...]:
    return (event.type, *(getattr(event, name) for name in WORDS[event.type]))


def _result(output: object) -> Any:
    """The one thing that is handed on: a bridge names the field that it was left in."""
    if not isinstance(output, LegacyOutput):
        return to_jsonable(output)
    assert len(output.results) <= 1
    return next(iter(output.results.values()), None)
