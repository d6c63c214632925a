"""One agent's turn with a modern one in its shadow: what the shadow may not do."""

import asyncio
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import Decimal
from types import MappingProxyType
from typing import Any

import pytest

from agents.framework.agent import BaseAgent
from agents.framework.deps import AgentResult, RunInput
from core.exceptions import IsolationViolation
from legacy.bridges.results import LegacyOutput
from legacy.models import ShadowResult, ShadowVerdict
from legacy.rollout import shadow
from legacy.rollout.shadow import (
    MAX_CALLS,
    MAX_MODEL_REQUESTS,
    DiscardingRecorder,
    build_shadowed_class,
    compare_outputs,
    is_equal_json,
)
from tests.conftest import People
from tests.legacy.bridges.old_agents import WHOSE, Run, build_bridged, build_class, build_run
from tests.support.patience import PATIENCE
from tools.base import SideEffects, Tool
from tools.errors import NotPermitted, OverCallQuota
from tools.run_dispatcher import ToolDispatcherFactory
from tools.spending.budgets import BudgetExhausted
from tools.spending.ledger import SpendEntry

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.filterwarnings("ignore::DeprecationWarning")]


@dataclass(frozen=True, slots=True, kw_only=True)
class TotalsResult:
    total: int
    by_feature: dict[str, int]


class Modern(BaseAgent[TotalsResult]):
    name, title, seconds, output = "data", "Data", 5, TotalsResult
    tools = ("whose", "changes", "costs")

    def opening(self, run_input: RunInput) -> str:
        return "kanarienvogel"

    async def perform(self, run_input: RunInput) -> AgentResult[TotalsResult]:
        async with self.open_dispatcher(run_input) as dispatcher:
            await dispatcher.dispatch("whose", {})
            for refused in ("changes", "costs"):
                with pytest.raises(NotPermitted):
                    await dispatcher.dispatch(refused, {})
        await self.think("kanarienvogel")
        return AgentResult(output=TotalsResult(total=1, by_feature={"kanarienvogel": 2}), summary="kanarienvogel")


async def legacy(agent: Any, state: Any, run_id: str) -> None:
    await agent.emit_thinking("old")
    state.data_result = {"total": 1, "by_feature": {"kanarienvogel": 3}}


def run_with(people: People, calls: list[str]) -> Run:
    """Return a run with a tool that changes data and one that costs money, whose calls are recorded."""

    async def record_call(_: Any, tool_context: Any) -> str:
        calls.append("call")
        return ""

    tools: dict[str, Tool[Any]] = {
        "whose": WHOSE,
        "changes": replace(WHOSE, name="changes", run=record_call, side_effects=SideEffects.OWN_DATA),
        "costs": replace(WHOSE, name="costs", run=record_call, cost=Decimal("0.01")),
    }
    run = build_run(people.owner)
    dispatcher_factory = ToolDispatcherFactory(catalog=MappingProxyType(tools), admit=run.deps.dispatcher_factory.admit)
    return Run(run.context, replace(run.deps, dispatcher_factory=dispatcher_factory), run.recorder, run.run_input)


async def run_shadow(people: People, modern: type[BaseAgent[Any]]) -> tuple[Run, list[str], ShadowResult]:
    calls: list[str] = []
    run = run_with(people, calls)
    old = await build_class(build_bridged, legacy, name="data", title="Data")
    assert await run.run_agent(build_shadowed_class(old, modern)) == LegacyOutput(
        results={"data_result": {"total": 1, "by_feature": {"kanarienvogel": 3}}}
    )
    await run.deps.deferred_work.run()
    return run, calls, await ShadowResult.objects.aget()


async def test_a_shadow_emits_and_changes_nothing(people: People) -> None:
    run, calls, result = await run_shadow(people, Modern)
    assert run.recorder.types == ["agent_started", "agent_thinking", "agent_thinking", "agent_completed"]
    assert "kanarienvogel" not in str(run.recorder.events)
    assert (run.recorder.receipts, run.recorder.entries, calls) == ([], [], [])
    assert (result.verdict, result.fields, result.error) == (ShadowVerdict.DIFFERS, ["by_feature"], "")
    assert result.owner_id == people.owner.id


class Slow(Modern):
    async def perform(self, run_input: RunInput) -> AgentResult[TotalsResult]:
        await asyncio.Event().wait()
        raise AssertionError("it was not stopped")


class Stuck(Modern):
    """Ignores its deadline."""

    async def execute(self, run_input: RunInput) -> TotalsResult:
        await asyncio.Event().wait()
        raise AssertionError("it was not stopped")


class Foreign(Modern):
    async def perform(self, run_input: RunInput) -> AgentResult[TotalsResult]:
        raise IsolationViolation("another user's id")


@pytest.mark.parametrize(
    ("modern", "seconds", "code"), [(Slow, 0.2, "deadline"), (Stuck, 0.2, "deadline"), (Foreign, PATIENCE, "defect")]
)
async def test_any_failure_of_a_shadow_leaves_the_turn_unchanged(
    people: People, monkeypatch: pytest.MonkeyPatch, modern: type[BaseAgent[Any]], seconds: float, code: str
) -> None:
    monkeypatch.setattr(shadow, "SHADOW_SECONDS", seconds)
    monkeypatch.setattr(shadow, "GRACE_SECONDS", 0.2)
    run, _, result = await run_shadow(people, modern)
    assert run.recorder.types[-1] == "agent_completed" and len(run.recorder.types) == 4
    assert (result.verdict, result.error) == (ShadowVerdict.FAILED, code)


async def test_a_stopping_process_cancels_the_shadow(people: People) -> None:
    run = run_with(people, [])
    await run.run_agent(build_shadowed_class(await build_class(build_bridged, legacy, name="data", title="Data"), Slow))
    deferred = asyncio.create_task(run.deps.deferred_work.run())
    await asyncio.sleep(0.05)
    deferred.cancel()
    with pytest.raises(asyncio.CancelledError):
        await deferred
    assert not await ShadowResult.objects.aexists()
    assert run.recorder.types[-1] == "agent_completed"


async def test_a_shadow_has_its_own_deadline(people: People) -> None:
    run = run_with(people, [])
    expired = replace(run.context, deadline=datetime.now(UTC)).child()
    old = LegacyOutput(results={"data_result": {"total": 1, "by_feature": {"kanarienvogel": 2}}})
    assert (await shadow.run_trial(Modern, expired, run.deps, run.run_input, old)).verdict == ShadowVerdict.EQUAL


async def test_a_deleted_user_gets_no_result(people: People) -> None:
    run = run_with(people, [])
    await run.run_agent(
        build_shadowed_class(await build_class(build_bridged, legacy, name="data", title="Data"), Modern)
    )
    await people.owner.adelete()
    await run.deps.deferred_work.run()
    assert not await ShadowResult.objects.aexists()


async def test_the_calls_of_a_shadow_are_limited(people: People) -> None:
    class Busy(Modern):
        async def perform(self, run_input: RunInput) -> AgentResult[TotalsResult]:
            async with self.open_dispatcher(run_input) as dispatcher:
                for _ in range(MAX_CALLS):
                    await dispatcher.dispatch("whose", {})
                with pytest.raises(OverCallQuota):
                    await dispatcher.dispatch("whose", {})
            return AgentResult(output=TotalsResult(total=1, by_feature={"kanarienvogel": 3}), summary="")

    _, _, result = await run_shadow(people, Busy)
    assert result.verdict == ShadowVerdict.EQUAL


async def test_a_result_that_cannot_be_stored_does_not_affect_the_run(people: People) -> None:
    run = run_with(people, [])
    kind = build_shadowed_class(await build_class(build_bridged, legacy, name="data", title="Data"), Modern)
    await run.run_agent(kind)
    await run.run_agent(kind)  # a result for this run and agent will already exist
    await run.deps.deferred_work.run()
    assert await ShadowResult.objects.acount() == 1
    assert run.recorder.types.count("agent_completed") == 2


async def test_a_shadow_has_its_own_budget(people: People) -> None:
    def entry(cost: str | None) -> SpendEntry:
        dollars = None if cost is None else Decimal(cost)
        return SpendEntry(user_id=people.owner.id, run_id=people.owner.id, kind="model", name="m", cost=dollars)

    expensive, frequent = DiscardingRecorder(), DiscardingRecorder()
    await expensive.spend(entry("0.06"))
    with pytest.raises(BudgetExhausted):
        await expensive.spend(entry("0.06"))
    assert expensive.spent == Decimal("0.12")
    for _ in range(MAX_MODEL_REQUESTS - 1):
        await frequent.spend(entry(None))
    with pytest.raises(BudgetExhausted):
        await frequent.spend(entry(None))


@pytest.mark.parametrize(
    ("old", "expected"),
    [
        ({"total": 1, "by_feature": {"a": 1}}, ()),
        ({"total": 2, "by_feature": {"b": 1}}, ("total", "by_feature")),
        ({"total": 1, "by_feature": {"a": 1}, "kanarienvogel": 3}, ("(more)",)),
        ({"by_feature": {"a": 1}}, ("total",)),
        (None, ("(all of it)",)),
    ],
)
def test_differences_name_declared_fields_only(old: Any, expected: tuple[str, ...]) -> None:
    new = TotalsResult(total=1, by_feature={"a": 1})
    results = {} if old is None else {"data_result": old}
    assert compare_outputs("data", LegacyOutput(results=results), new) == expected


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ({"a": [0.1, "x"]}, {"a": [0.1 + 1e-15, "x"]}, True),
        ({"a": [0.1]}, {"a": [0.2]}, False),
        ({"a": [0.1]}, {"a": [0.1, 0.1]}, False),
        ({"a": "1"}, {"a": 1}, False),
    ],
)
def test_floats_may_differ_in_their_last_digits(old: Any, new: Any, expected: bool) -> None:
    assert is_equal_json(old, new) is expected
