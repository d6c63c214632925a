"""A model that makes hostile calls for as long as it is let, and then does what an honest one would; and what is seen
of it from the outside."""

import json
import random
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any
from uuid import UUID

import pytest
from pydantic_ai.messages import ModelMessage, ModelResponse, ToolCallPart
from pydantic_ai.models.function import AgentInfo, FunctionModel

from agents.llm.turns import OfflinePlan
from core.models import User
from tests.isolation.attacks import Spite
from tests.support.llm.plan_models import build_plan_model, to_plan_history
from tools.base import Tool
from tools.errors import ToolFailed, ToolRefused
from tools.results import ToolResult
from tools.run_dispatcher import ToolDispatcher

STEPS = 2  # a third of the kind that is to be mended would end the agent's turn
Turn = Callable[[], Awaitable[None]]


@dataclass(slots=True)
class HostileCalls:
    """`attempts` as (user, tool, outcome, code) at the dispatcher's door, `untyped` what came out of it that is neither
    a refusal nor a failure, `executed` what ran, with whether it should have. `forbidden` names whom and which tool;
    "" is every tool."""

    attempts: list[tuple[UUID, str, str, str]] = field(default_factory=list)
    untyped: list[BaseException] = field(default_factory=list)
    defects: list[str] = field(default_factory=list)
    executed: list[tuple[UUID, str, bool]] = field(default_factory=list)
    forbidden: set[tuple[UUID, str]] = field(default_factory=set)
    dispatchers: list[ToolDispatcher] = field(default_factory=list)

    def may(self, user_id: UUID, tool: str) -> bool:
        return not {(user_id, tool), (user_id, "")} & self.forbidden

    def watch(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Every call that comes to any dispatcher's door while it is open."""
        dispatch = ToolDispatcher.dispatch

        async def dispatch_watched(
            dispatcher: ToolDispatcher, name: str, arguments: Mapping[str, Any], call_id: str | None = None
        ) -> ToolResult:
            if dispatcher not in self.dispatchers:
                self.dispatchers.append(dispatcher)
            told = "cancelled", "cancelled"
            try:
                result = await dispatch(dispatcher, name, arguments, call_id)
                told = "ok", ""
            except (ToolRefused, ToolFailed) as error:
                told = ("refused" if isinstance(error, ToolRefused) else "failed"), error.code
                if "internal error" in str(error):
                    self.defects.append(f"{name}: {error}")
                raise
            except Exception as error:
                self.untyped.append(error)
                raise
            finally:
                self.attempts.append((dispatcher.context.user_id, name, *told))
            return result

        monkeypatch.setattr(ToolDispatcher, "dispatch", dispatch_watched)

    def catalog(self, tools: Mapping[str, Tool[Any]]) -> Mapping[str, Tool[Any]]:
        """The same tools, each noting that it runs, for whom, and whether it should."""
        return MappingProxyType({name: replace(tool, run=self._noting(tool)) for name, tool in tools.items()})

    def _noting(self, tool: Tool[Any]) -> Callable[[Any, Any], Awaitable[Any]]:
        async def run(wanted: Any, reach: Any) -> Any:
            user_id = reach.context.user_id
            may = isinstance(wanted, tool.input) and self.may(user_id, tool.name)
            self.executed.append((user_id, tool.name, may))
            return await tool.run(wanted, reach)

        return run


@dataclass(slots=True)
class HostileModel:
    """Whose run it plays in stands in the question. `between` is done before a user's nth hostile step."""

    seed: int
    foreign: Mapping[str, tuple[str, ...]]
    calls: int = 12  # in one step
    between: dict[tuple[str, int], Turn] = field(default_factory=dict)
    steps: dict[str, int] = field(default_factory=dict)
    said: int = 0

    def for_plan(self, plan: OfflinePlan) -> FunctionModel:
        honest = build_plan_model(plan)

        async def answer(messages: list[ModelMessage], info: AgentInfo) -> ModelResponse:
            whose = next((name for name in self.foreign if f"[{name}]" in to_plan_history(messages).ask), None)
            before = sum(isinstance(each, ModelResponse) for each in messages)
            if whose is None or before >= STEPS or not info.function_tools:
                assert honest.function is not None
                return await honest.function(messages, info)  # type: ignore[no-any-return, misc]
            return await self._hostile(whose, [tool.name for tool in info.function_tools])

        return FunctionModel(answer)

    async def _hostile(self, whose: str, offered: list[str]) -> ModelResponse:
        step = self.steps[whose] = self.steps.get(whose, 0) + 1
        if turn := self.between.get((whose, step)):
            await turn()
        chance = random.Random(f"{self.seed} {whose} {step}")
        calls = Spite(chance, self.foreign[whose]).calls(offered, self.calls)
        self.said += len(calls)
        return ModelResponse(parts=[ToolCallPart(call.tool, as_text(call.arguments)) for call in calls])


def as_text(value: Any) -> str:
    """JSON, also of what is nested deeper than Python's own writer goes: lists and objects of one element each."""
    before, after = [], []
    while isinstance(value, list | dict) and len(value) == 1:
        if isinstance(value, list):
            before.append("[")
            after.append("]")
            (value,) = value
        else:
            ((name, value),) = value.items()
            before.append(f"{{{json.dumps(name)}:")
            after.append("}")
    return "".join(before) + json.dumps(value) + "".join(reversed(after))


def ask(user: User) -> str:
    return f"cut my spend by 30 % [{user.username}]"
