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
from tests.legacy.bridges.old_agents import WHOSE, Run, acting, made, run_of
from tests.support.patience import PATIENCE
from tools.base import SideEffects, Tool
from tools.dispatcher import ToolDispatcherFactory
from tools.errors import NotPermitted, OverCallQuota
from tools.spending.budgets import BudgetExhausted
from tools.spending.ledger import SpendEntry

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.filterwarnings("ignore::DeprecationWarning")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    total: int
    by_feature: dict[str, int]


class Modern(BaseAgent[Found]):
    name, title, seconds, output = "data", "Data", 5, Found
    tools = ("whose", "changes", "costs")

    def opening(self, run_input: RunInput) -> str:
        return "kanarienvogel"

    async def perform(self, run_input: RunInput) -> AgentResult[Found]:
        async with self.open_dispatcher(run_input) as dispatcher:
            await dispatcher.dispatch("whose", {})
            for refused in ("changes", "costs"):
                with pytest.raises(NotPermitted):
                    await dispatcher.dispatch(refused, {})
        await self.think("kanarienvogel")
        return AgentResult(output=Found(total=1, by_feature={"kanarienvogel": 2}), summary="kanarienvogel")


async def legacy(agent: Any, state: Any, run_id: str) -> None:
    await agent.emit_thinking("old")
    state.data_result = {"total": 1, "by_feature": {"kanarienvogel": 3}}


def run_with(people: People, made_calls: list[str]) -> Run:
    """A run with a tool that changes something and one that costs; each call that is made is noted."""

    async def noted(_: Any, reach: Any) -> str:
        made_calls.append("made")
        return ""

    tools: dict[str, Tool[Any]] = {
        "whose": WHOSE,
        "changes": replace(WHOSE, name="changes", run=noted, side_effects=SideEffects.OWN_DATA),
        "costs": replace(WHOSE, name="costs", run=noted, cost=Decimal("0.01")),
    }
    run = run_of(people.owner)
    catalogue = ToolDispatcherFactory(catalog=MappingProxyType(tools), admit=run.deps.dispatcher_factory.admit)
    return Run(run.context, replace(run.deps, dispatcher_factory=catalogue), run.told, run.run_input)


async def in_shadow(people: People, modern: type[BaseAgent[Any]]) -> tuple[Run, list[str], ShadowResult]:
    calls: list[str] = []
    run = run_with(people, calls)
    old = await made(acting, legacy, name="data", title="Data")
    assert await run.take(build_shadowed_class(old, modern)) == LegacyOutput(
        results={"data_result": {"total": 1, "by_feature": {"kanarienvogel": 3}}}
    )
    await run.deps.deferred_work.run()
    return run, calls, await ShadowResult.objects.aget()


async def test_it_is_not_heard_and_changes_nothing(people: People) -> None:
    run, calls, result = await in_shadow(people, Modern)
    assert run.told.types == ["agent_started", "agent_thinking", "agent_thinking", "agent_completed"]
    assert "kanarienvogel" not in str(run.told.events)
    assert (run.told.receipts, run.told.entries, calls) == ([], [], [])
    assert (result.verdict, result.fields, result.error) == (ShadowVerdict.DIFFERS, ["by_feature"], "")
    assert result.owner_id == people.owner.id


class Slow(Modern):
    async def perform(self, run_input: RunInput) -> AgentResult[Found]:
        await asyncio.Event().wait()
        raise AssertionError("it was not stopped")


class Stuck(Modern):
    """Does not even keep to its deadline."""

    async def execute(self, run_input: RunInput) -> Found:
        await asyncio.Event().wait()
        raise AssertionError("it was not stopped")


class Foreign(Modern):
    async def perform(self, run_input: RunInput) -> AgentResult[Found]:
        raise IsolationViolation("somebody else's")


@pytest.mark.parametrize(
    ("modern", "seconds", "code"), [(Slow, 0.2, "deadline"), (Stuck, 0.2, "deadline"), (Foreign, PATIENCE, "defect")]
)
async def test_whatever_it_fails_with_the_turn_is_as_without(
    people: People, monkeypatch: pytest.MonkeyPatch, modern: type[BaseAgent[Any]], seconds: float, code: str
) -> None:
    monkeypatch.setattr(shadow, "SHADOW_SECONDS", seconds)
    monkeypatch.setattr(shadow, "GRACE_SECONDS", 0.2)
    run, _, result = await in_shadow(people, modern)
    assert run.told.types[-1] == "agent_completed" and len(run.told.types) == 4
    assert (result.verdict, result.error) == (ShadowVerdict.FAILED, code)


async def test_a_process_that_stops_stops_its_shadows(people: People) -> None:
    run = run_with(people, [])
    await run.take(build_shadowed_class(await made(acting, legacy, name="data", title="Data"), Slow))
    rest = asyncio.create_task(run.deps.deferred_work.run())
    await asyncio.sleep(0.05)
    rest.cancel()
    with pytest.raises(asyncio.CancelledError):
        await rest
    assert not await ShadowResult.objects.aexists()
    assert run.told.types[-1] == "agent_completed"


async def test_a_run_whose_time_is_over_has_a_shadow_with_time_of_its_own(people: People) -> None:
    run = run_with(people, [])
    over = replace(run.context, deadline=datetime.now(UTC)).child()
    old = LegacyOutput(results={"data_result": {"total": 1, "by_feature": {"kanarienvogel": 2}}})
    assert (await shadow.run_trial(Modern, over, run.deps, run.run_input, old)).verdict == ShadowVerdict.EQUAL


async def test_whoever_is_gone_meanwhile_has_no_result(people: People) -> None:
    run = run_with(people, [])
    await run.take(build_shadowed_class(await made(acting, legacy, name="data", title="Data"), Modern))
    await people.owner.adelete()
    await run.deps.deferred_work.run()
    assert not await ShadowResult.objects.aexists()


async def test_it_makes_so_many_calls_and_no_more(people: People) -> None:
    class Busy(Modern):
        async def perform(self, run_input: RunInput) -> AgentResult[Found]:
            async with self.open_dispatcher(run_input) as dispatcher:
                for _ in range(MAX_CALLS):
                    await dispatcher.dispatch("whose", {})
                with pytest.raises(OverCallQuota):
                    await dispatcher.dispatch("whose", {})
            return AgentResult(output=Found(total=1, by_feature={"kanarienvogel": 3}), summary="")

    _, _, result = await in_shadow(people, Busy)
    assert result.verdict == ShadowVerdict.EQUAL


async def test_a_result_that_cannot_be_stored_does_no_harm(people: People) -> None:
    run = run_with(people, [])
    kind = build_shadowed_class(await made(acting, legacy, name="data", title="Data"), Modern)
    await run.take(kind)
    await run.take(kind)  # there will be one for this run and agent already
    await run.deps.deferred_work.run()
    assert await ShadowResult.objects.acount() == 1
    assert run.told.types.count("agent_completed") == 2


async def test_what_it_may_spend_is_its_own(people: People) -> None:
    def entry(cost: str | None) -> SpendEntry:
        dollars = None if cost is None else Decimal(cost)
        return SpendEntry(user_id=people.owner.id, run_id=people.owner.id, kind="model", name="m", cost=dollars)

    dear, many = DiscardingRecorder(), DiscardingRecorder()
    await dear.spend(entry("0.06"))
    with pytest.raises(BudgetExhausted):
        await dear.spend(entry("0.06"))
    assert dear.spent == Decimal("0.12")
    for _ in range(MAX_MODEL_REQUESTS - 1):
        await many.spend(entry(None))
    with pytest.raises(BudgetExhausted):
        await many.spend(entry(None))


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
def test_names_of_declared_fields_are_told_and_no_keys(old: Any, expected: tuple[str, ...]) -> None:
    new = Found(total=1, by_feature={"a": 1})
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
def test_fractions_may_differ_in_their_last_digits(old: Any, new: Any, expected: bool) -> None:
    assert is_equal_json(old, new) is expected
