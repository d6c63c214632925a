"""Classes that are no agents are refused with a reason, and every agent passes."""

import asyncio
import functools
from dataclasses import dataclass
from typing import Any, ClassVar, cast

import pytest
from django.core.checks import run_checks

from agents.framework.agent import BaseAgent
from agents.framework.deps import AgentResult, RunInput
from agents.framework.registry import AGENTS
from agents.framework.validation import assert_compliant, validate_agent
from agents.team.supervisor import SupervisorAgent
from core.exceptions import Defect, InvalidContext
from tests.agents.framework.test_agent import build_deps
from tests.support.fakes import FakeRecorder, context

SEEN: list[str] = []
COUNT: dict[str, int] = {}


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberOutput:
    number: int


@dataclass
class Loose:
    number: int = 0


class Good(BaseAgent[NumberOutput]):
    name = "good"
    title = "Good"
    seconds = 5
    output = NumberOutput

    def opening(self, run_input: RunInput) -> str:
        return "Looking."

    async def perform(self, run_input: RunInput) -> AgentResult[NumberOutput]:
        local: list[int] = []
        local.append(1)
        return AgentResult(output=NumberOutput(number=len(local)), summary="found")


def with_(**members: Any) -> type[Any]:
    return type("Wrong", (Good,), members)


def count(name: str) -> None:
    COUNT[name] = COUNT.get(name, 0) + 1


class WritesModule(Good):
    async def perform(self, run_input: RunInput) -> AgentResult[NumberOutput]:
        SEEN.append(run_input.ask)
        return await super().perform(run_input)


class WritesBehind(Good):
    async def perform(self, run_input: RunInput) -> AgentResult[NumberOutput]:
        count(self.name)
        return await super().perform(run_input)


class AssignsGlobal(Good):
    async def perform(self, run_input: RunInput) -> AgentResult[NumberOutput]:
        global COUNT  # noqa: PLW0603
        COUNT = {}
        return await super().perform(run_input)


class WritesClass(Good):
    last: ClassVar[str] = ""

    async def perform(self, run_input: RunInput) -> AgentResult[NumberOutput]:
        type(self).last = run_input.ask
        return await super().perform(run_input)


class SetsClass(Good):
    async def perform(self, run_input: RunInput) -> AgentResult[NumberOutput]:
        setattr(SetsClass, "last", run_input.ask)  # noqa: B010
        return await super().perform(run_input)


class SharesDefault(Good):
    async def perform(self, run_input: RunInput, seen: list[str] = []) -> AgentResult[NumberOutput]:  # noqa: B006
        return await super().perform(run_input)


class Caches(Good):
    @staticmethod
    @functools.lru_cache
    def priced(ask: str) -> int:
        return len(ask)


class Holds(Good):
    def __init__(self, context: Any, deps: Any) -> None:
        super().__init__(context, deps)
        self.db_session = deps.session
        self.user_id = context.user_id


class Replaces(Good):
    async def perform(self, run_input: RunInput) -> AgentResult[NumberOutput]:
        self.context = self.context.child()
        return await super().perform(run_input)


class Overrides(Good):
    async def execute(self, run_input: RunInput) -> NumberOutput:
        return NumberOutput(number=1)


class Blocks(Good):
    def perform(self, run_input: RunInput) -> Any:
        return None


class Demands(Good):
    def __init__(self, session: Any) -> None: ...


WRONG: dict[str, tuple[type[Any], str]] = {
    "no name": (with_(name=None), "`name`"),
    "a name of words": (with_(name="Two Words"), "`name`"),
    "no title": (with_(title=" "), "`title`"),
    "no deadline": (with_(seconds=None), "`seconds`"),
    "an endless deadline": (with_(seconds=float("inf")), "`seconds`"),
    "a deadline of yes": (with_(seconds=True), "`seconds`"),
    "no output": (with_(output=dict), "`output`"),
    "a loose output": (with_(output=Loose), "not frozen"),
    "tools in a list": (with_(tools=["price_workload"]), "`tools` is not a tuple"),
    "unknown tools": (with_(tools=("price_workload", "launch_rockets")), "launch_rockets"),
    "a container": (with_(cache={}), "`Wrong.cache` is a dict"),
    "writes to its module": (WritesModule, "changes the module's SEEN"),
    "writes behind a function": (WritesBehind, "count writes to the module's COUNT"),
    "assigns a global": (AssignsGlobal, "assigns to the module's COUNT"),
    "writes to its class": (WritesClass, "writes to its class"),
    "sets on its class": (SetsClass, "changes its class"),
    "a shared default": (SharesDefault, "default that all calls share"),
    "a cache": (Caches, "caches the results"),
    "a session": (Holds, "self.db_session"),
    "a user's id": (Holds, "self.user_id"),
    "another context": (Replaces, "replaces `self.context`"),
    "an own execute": (Overrides, "`execute` is overridden"),
    "a blocking perform": (Blocks, "not `async def`"),
    "another constructor": (Demands, "(self, context, deps)"),
    "half an agent": (type("Half", (BaseAgent,), {"name": "half"}), "does not implement opening, perform"),
}


@pytest.mark.parametrize("what", WRONG)
def test_errors_are_reported(what: str) -> None:
    kind, says = WRONG[what]
    found = validate_agent(kind)
    assert not found.compliant
    assert any(says in error for error in found.errors), found.errors
    with pytest.raises(Defect, match="not a compliant agent"):
        assert_compliant(kind)


def test_an_error_has_its_location() -> None:
    assert any(error.startswith("test_validation.py:") for error in validate_agent(WritesModule).errors)


def test_a_compliant_agent_is_modern() -> None:
    found = validate_agent(Good)
    assert (found.compliant, found.pattern, found.errors, found.warnings) == (True, "modern", (), ())
    assert_compliant(Good)


class Doubtful(Good):
    async def perform(self, run_input: RunInput) -> AgentResult[NumberOutput]:
        self.step = 1
        self.task = asyncio.create_task(asyncio.sleep(0))
        return await super().perform(run_input)


def test_warnings_are_reported() -> None:
    found = validate_agent(Doubtful)
    assert found.compliant
    assert [("self.step" in says, "create_task" in says) for says in found.warnings] == [
        (True, False),
        (False, False),
        (False, True),
    ]


class Old:
    async def execute(self, state: Any, run_id: str, stream_updates: bool) -> None: ...


@pytest.mark.parametrize("kind", [Old, Old(), dict, 5, None, Good.__init__])
def test_another_class_has_no_pattern(kind: object) -> None:
    found = validate_agent(kind)
    assert (found.compliant, found.pattern) == (False, "none")
    assert bool(found.recommendations) == (kind is Old or isinstance(kind, Old))


def test_a_bridged_agent_is_recognised() -> None:
    found = validate_agent(with_(pattern="legacy_bridge"))
    assert (found.compliant, found.pattern) == (True, "legacy_bridge")
    assert found.recommendations


@pytest.mark.slow
def test_every_registered_agent_is_compliant_and_checked(monkeypatch: pytest.MonkeyPatch) -> None:
    assert [validate_agent(kind).errors for kind in (SupervisorAgent, *AGENTS.values())] == [()] * (len(AGENTS) + 1)
    assert not [message for message in run_checks() if str(message.id).startswith("agents.")]
    monkeypatch.setattr("agents.framework.registry.AGENTS", {"wrong": WritesModule, "doubtful": Doubtful})
    found = {(message.id, message.obj) for message in run_checks()}
    assert {("agents.E001", "WritesModule"), ("agents.W001", "Doubtful")} <= found


@pytest.mark.parametrize(
    "wrong",
    [None, "user-1", {"user_id": "u"}, lambda: context().__class__, object()],
    ids=lambda each: type(each).__name__,
)
def test_a_context_of_another_kind_raises_at_construction(wrong: object) -> None:
    for kind in (Good, *AGENTS.values()):
        with pytest.raises(InvalidContext):
            cast(Any, kind)(wrong, build_deps(FakeRecorder()))
