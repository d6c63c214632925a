"""An agent behaves alike before and after: the same calls with the same arguments, the same words, the same result."""

import inspect
import sys
from types import MappingProxyType
from typing import Any

import pytest
from pydantic import ConfigDict

from agents.framework.agent import BaseAgent
from agents.framework.deps import AgentDeps, RunInput
from agents.llm.offline import follow_plan
from agents.run_queue import StopSignal
from core.context import UserExecutionContext
from core.events import AgentThinking
from core.i18n.text import verbatim_text
from tests.legacy.codemods.cases import BROUGHT, Case, change
from tests.legacy.codemods.old_api import Heard, answer, platform, run
from tests.support.fakes import Told, anything, context, no_log
from tools.base import Category, DataKind, RunFacts, SideEffects, Tool, ToolContext, ToolInput
from tools.dispatcher import ToolDispatcherFactory

pytestmark = pytest.mark.slow


class Anything(ToolInput):
    model_config = ConfigDict(frozen=True, extra="allow")


def tool(name: str, heard: Heard) -> Tool[Any]:
    async def work(given: Anything, reach: ToolContext) -> dict[str, Any]:
        heard.calls.append((name, given.model_dump()))
        return answer(name, given.model_dump())

    return Tool(
        name=name,
        title=verbatim_text(name),
        description=name,
        input=Anything,
        run=work,
        category=Category.BASIC,
        side_effects=SideEffects.NONE,
        idempotent=True,
        result_kinds=frozenset({DataKind.FIGURES}),
    )


async def as_before(case: Case, mine: UserExecutionContext, ask: str, monkeypatch: pytest.MonkeyPatch) -> Heard:
    heard = Heard()
    for name, module in platform(heard).items():
        monkeypatch.setitem(sys.modules, name, module)
    space = executed(case.before)
    kind = next(each for each in space.values() if inspect.isclass(each) and each.__module__ == "case" and legacy(each))
    await run(kind(), heard, mine, ask)
    return heard


async def as_after(case: Case, mine: UserExecutionContext, ask: str) -> Heard:
    heard, told = Heard(), Told()
    space = executed(change(case.before).after.decode())
    kind: Any = next(each for each in space.values() if inspect.isclass(each) and modern(each))
    catalog = MappingProxyType({name: tool(name, heard) for name in kind.tools})
    deps = AgentDeps(
        recorder=told,
        dispatcher_factory=ToolDispatcherFactory(catalog=catalog, admit=anything),
        session=no_log(),
        model_runner=follow_plan,
        notice=None,
        stop=StopSignal(),
    )
    heard.result = await kind(mine, deps).execute(RunInput(facts=RunFacts(ask=ask)))
    heard.thoughts = [each.thought for each in told.events if isinstance(each, AgentThinking)]
    assert (told.types[0], told.types[-1]) == ("agent_started", "agent_completed")
    if heard.thoughts[0] == f"{kind.title} is at work.":
        del heard.thoughts[0]  # made up, since it said nothing; listed
    return heard


def executed(source: str) -> dict[str, Any]:
    space: dict[str, Any] = {"__name__": "case"}
    exec(compile(source, "case", "exec", dont_inherit=True), space)
    return space


def legacy(kind: type) -> bool:
    return (
        "execute_core_logic" in vars(kind) or "run_id" in inspect.signature(getattr(kind, "execute", dict)).parameters
    )


def modern(kind: type) -> bool:
    return issubclass(kind, BaseAgent) and kind is not BaseAgent


@pytest.mark.parametrize("ask", ["cut my spend", ""])
@pytest.mark.parametrize("case", BROUGHT, ids=lambda case: case.name)
async def test_it_behaves_alike(case: Case, ask: str, monkeypatch: pytest.MonkeyPatch) -> None:
    mine = context()
    before = await as_before(case, mine, ask, monkeypatch)
    after = await as_after(case, mine, ask)
    assert after == before
