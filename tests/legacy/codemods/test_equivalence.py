"""An agent behaves the same before and after its migration: same calls and arguments, same texts, same result."""

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
from tests.legacy.codemods.cases import MIGRATED, Case, migrate_text
from tests.legacy.codemods.old_api import Recording, build_answer, build_platform, run
from tests.support.fakes import FakeRecorder, anything, context, no_log
from tools.base import Category, DataKind, RunFacts, SideEffects, Tool, ToolContext, ToolInput
from tools.run_dispatcher import ToolDispatcherFactory

pytestmark = [pytest.mark.slow, pytest.mark.long]


class Anything(ToolInput):
    model_config = ConfigDict(frozen=True, extra="allow")


def build_tool(name: str, recording: Recording) -> Tool[Any]:
    async def work(arguments: Anything, tool_context: ToolContext) -> dict[str, Any]:
        recording.calls.append((name, arguments.model_dump()))
        return build_answer(name, arguments.model_dump())

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


async def run_before(
    case: Case, user_context: UserExecutionContext, ask: str, monkeypatch: pytest.MonkeyPatch
) -> Recording:
    recording = Recording()
    for name, module in build_platform(recording).items():
        monkeypatch.setitem(sys.modules, name, module)
    namespace = execute_source(case.before)
    kind = next(
        each for each in namespace.values() if inspect.isclass(each) and each.__module__ == "case" and is_legacy(each)
    )
    await run(kind(), recording, user_context, ask)
    return recording


async def run_after(case: Case, user_context: UserExecutionContext, ask: str) -> Recording:
    recording, recorder = Recording(), FakeRecorder()
    namespace = execute_source(migrate_text(case.before).after.decode())
    kind: Any = next(each for each in namespace.values() if inspect.isclass(each) and is_modern(each))
    catalog = MappingProxyType({name: build_tool(name, recording) for name in kind.tools})
    deps = AgentDeps(
        recorder=recorder,
        dispatcher_factory=ToolDispatcherFactory(catalog=catalog, admit=anything),
        session=no_log(),
        model_runner=follow_plan,
        notice=None,
        stop=StopSignal(),
    )
    recording.result = await kind(user_context, deps).execute(RunInput(facts=RunFacts(ask=ask)))
    recording.thoughts = [each.thought for each in recorder.events if isinstance(each, AgentThinking)]
    assert (recorder.types[0], recorder.types[-1]) == ("agent_started", "agent_completed")
    if recording.thoughts[0] == f"{kind.title} is starting.":
        del recording.thoughts[0]  # added by the codemod, because the agent had no first message
    return recording


def execute_source(source: str) -> dict[str, Any]:
    namespace: dict[str, Any] = {"__name__": "case"}
    exec(compile(source, "case", "exec", dont_inherit=True), namespace)
    return namespace


def is_legacy(kind: type) -> bool:
    return (
        "execute_core_logic" in vars(kind) or "run_id" in inspect.signature(getattr(kind, "execute", dict)).parameters
    )


def is_modern(kind: type) -> bool:
    return issubclass(kind, BaseAgent) and kind is not BaseAgent


@pytest.mark.parametrize("ask", ["cut my spend", ""])
@pytest.mark.parametrize("case", MIGRATED, ids=lambda case: case.name)
async def test_a_migrated_agent_behaves_the_same(case: Case, ask: str, monkeypatch: pytest.MonkeyPatch) -> None:
    user_context = context()
    before = await run_before(case, user_context, ask, monkeypatch)
    after = await run_after(case, user_context, ask)
    assert after == before
