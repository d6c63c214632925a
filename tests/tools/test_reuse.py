"""Calls whose results are kept: computed once, and decided, reported and audited each time."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any, cast
from uuid import uuid4

import pytest
from asgiref.sync import sync_to_async

from core.events import ToolCompleted, ToolExecuting
from core.i18n.text import text
from core.models import User
from realtime.emitter import WebSocketBridgeFactory
from realtime.writer.stream_writer import StreamWriter
from tests.agents.claimed_runs import claim_queued_run
from tests.conftest import People
from tests.support.fakes import FakeRecorder, anything, context
from tests.support.running_worker import everything
from tests.support.workloads.kept_state import STATE
from tests.tools.spending.spend_rows import spend
from tests.tools.test_admission import list_audited, subscribe
from tools.admission import CallAdmission, admit_call, admit_together
from tools.base import Category, DataKind, PolicyEffect, Reuse, RunFacts, SideEffects, Tool, ToolContext, ToolInput
from tools.errors import NotPermitted, OverBudget, OverCallQuota, ToolRefused
from tools.policy.models import Policy
from tools.quota.models import Slot
from tools.results import ToolResult
from tools.run_dispatcher import ToolDispatcher, ToolDispatcherFactory
from tools.spending.models import Budget
from workloads.analysis.session import AnalysisSession
from workloads.kept_values import KeptLog, KeptValues

FACTS = RunFacts(ask="?")


class Amount(ToolInput):
    amount: int
    other_log: bool = False

    @property
    def is_about_other_log(self) -> bool:
        return self.other_log


@dataclass
class KeptSession:
    """A session of a log of which something is kept."""

    kept: KeptLog = field(default_factory=lambda: KeptValues().open(uuid4(), uuid4(), STATE))
    is_open: bool = False

    async def open_kept(self) -> KeptLog:
        return self.kept


@dataclass
class CountedTool:
    """A tool that doubles an amount, and counts how often it is run."""

    runs: int = 0

    async def run(self, wanted: Amount, tool_context: ToolContext) -> int:
        self.runs += 1
        return wanted.amount * 2

    def build(self, reuse: Reuse = Reuse.LOG) -> Tool[Amount]:
        return Tool(
            name="double",
            title=text("Double it"),
            description="Doubles an amount.",
            input=Amount,
            run=self.run,
            category=Category.ANALYTICS,
            side_effects=SideEffects.NONE,
            idempotent=True,
            reuse=reuse,
            result_kinds=frozenset({DataKind.FIGURES}),
        )


async def admit_all(requests: Any) -> list[Any]:
    return [CallAdmission(rule="together") for _ in requests]


def build_dispatcher(
    tool: Tool[Any], session: KeptSession, recorder: FakeRecorder, facts: RunFacts = FACTS, **more: Any
) -> ToolDispatcher:
    locale = more.pop("locale", "en")
    factory = ToolDispatcherFactory(
        catalog=MappingProxyType({"double": tool}), admit=anything, **{"admit_together": admit_all, **more}
    )
    return factory.for_context(
        context(locale=locale),
        agent="data",
        tools=("double",),
        recorder=recorder,
        session=cast(AnalysisSession, session),
        facts=facts,
    )


OF_THE_CALL = {"at", "run_id", "thread_id", "request_id", "call_id", "duration_ms"}
CALLS = [("double", {"amount": amount}) for amount in (1, 2, 3)]


async def test_an_equal_call_of_a_later_turn_gets_the_kept_result_and_is_reported_alike() -> None:
    counted, session = CountedTool(), KeptSession()
    recorders = (FakeRecorder(), FakeRecorder(), FakeRecorder())
    for recorder in recorders:
        async with build_dispatcher(counted.build(), session, recorder) as dispatcher:
            ended = await dispatcher.dispatch_all(CALLS)
            assert [each.value for each in ended if isinstance(each, ToolResult)] == [2, 4, 6]
            assert dispatcher.results == ended
    assert counted.runs == 3
    shown = [[event.model_dump(exclude=OF_THE_CALL) for event in each.events] for each in recorders]
    assert shown[0] == shown[1] == shown[2]
    assert [event.type for event in recorders[1].events] == ["tool_executing", "tool_completed"] * 3
    assert [receipt.attempt.result for receipt in recorders[2].receipts] == ["2", "4", "6"]
    assert [receipt.attempt.rule for receipt in recorders[2].receipts] == ["together"] * 3


async def test_a_single_call_and_those_after_one_that_is_not_kept_are_decided_one_by_one() -> None:
    counted, session = CountedTool(), KeptSession()
    async with build_dispatcher(counted.build(), session, FakeRecorder()) as dispatcher:
        await dispatcher.dispatch_all(CALLS[:1])
    recorder = FakeRecorder()
    async with build_dispatcher(counted.build(), session, recorder) as dispatcher:
        await dispatcher.dispatch_all([*CALLS[:1], ("drop_tables", {}), ("double", {"amount": "x"}), *CALLS])
    assert [receipt.attempt.outcome for receipt in recorder.receipts] == ["ok", "refused", "refused", "ok", "ok", "ok"]
    assert {receipt.attempt.rule for receipt in recorder.receipts} == {"test", "reach"}
    assert counted.runs == 3


@pytest.mark.parametrize(
    ("reuse", "facts", "runs"),
    [
        (Reuse.NEVER, FACTS, 2),
        (Reuse.LOG, replace(FACTS, ask="!", guard="p95"), 1),
        (Reuse.FACTS, replace(FACTS, ask="!"), 1),
        (Reuse.FACTS, replace(FACTS, goal_percent=30.0), 2),
        (Reuse.FACTS, replace(FACTS, guard="p95"), 2),
        (Reuse.FACTS, replace(FACTS, levers=("batch",)), 2),
        (Reuse.FACTS, replace(FACTS, missing=("data",)), 2),
        (Reuse.QUESTION, FACTS, 1),
        (Reuse.QUESTION, replace(FACTS, ask="!"), 2),
    ],
    ids=str,
)
async def test_a_result_is_reused_only_where_nothing_that_it_depends_on_differs(
    reuse: Reuse, facts: RunFacts, runs: int
) -> None:
    counted, session = CountedTool(), KeptSession()
    for each in (FACTS, facts):
        async with build_dispatcher(counted.build(reuse), session, FakeRecorder(), each) as dispatcher:
            await dispatcher.dispatch("double", {"amount": 1})
    assert counted.runs == runs


async def test_another_language_another_log_and_a_remote_model_reuse_nothing() -> None:
    counted, session = CountedTool(), KeptSession()
    ways: tuple[tuple[dict[str, Any], dict[str, Any]], ...] = (
        ({}, {"amount": 1}),
        ({"locale": "eo"}, {"amount": 1}),  # not a language of ours: the same in English
        ({"remote": True}, {"amount": 1}),
        ({"admit_together": None}, {"amount": 1}),
        ({}, {"amount": 1, "other_log": True}),
        ({}, {"amount": 1, "other_log": True}),
    )
    ran = []
    for more, arguments in ways:
        before = counted.runs
        async with build_dispatcher(counted.build(), session, FakeRecorder(), **more) as dispatcher:
            await dispatcher.dispatch("double", arguments)
        ran.append(counted.runs - before)
    assert ran == [1, 0, 1, 1, 1, 1]


async def test_a_result_of_another_state_of_the_log_is_not_kept() -> None:
    """The question's own limits are read within a run: what is asked before them is about another state."""
    counted, session = CountedTool(), KeptSession()
    first, second = session.kept, KeptValues().open(uuid4(), uuid4(), STATE)

    class Changing(CountedTool):
        async def run(self, wanted: Amount, tool_context: ToolContext) -> int:
            session.kept = second
            return await counted.run(wanted, tool_context)

    async with build_dispatcher(Changing().build(), session, FakeRecorder()) as dispatcher:
        await dispatcher.dispatch("double", {"amount": 1})
    for kept in (first, second):
        session.kept = kept
        async with build_dispatcher(counted.build(), session, FakeRecorder()) as dispatcher:
            await dispatcher.dispatch("double", {"amount": 1})
    assert counted.runs == 3


Open = Callable[..., AbstractAsyncContextManager[ToolDispatcher]]


@pytest.fixture
async def open_turn() -> AsyncIterator[Open]:
    """Opens turns of real runs, whose calls' results are kept already."""
    counted, session = CountedTool(), KeptSession()
    async with build_dispatcher(counted.build(), session, FakeRecorder()) as dispatcher:
        await dispatcher.dispatch_all(CALLS)
    async with StreamWriter(lambda written: None) as writer:

        @asynccontextmanager
        async def open_for(claim: Any) -> AsyncIterator[ToolDispatcher]:
            emitter = WebSocketBridgeFactory(writer).for_context(claim.context)
            factory = ToolDispatcherFactory(
                catalog=MappingProxyType({"double": counted.build()}), admit=admit_call, admit_together=admit_together
            )
            async with factory.for_context(
                claim.context,
                agent="data",
                tools=("double",),
                recorder=emitter,
                session=cast(AnalysisSession, session),
                facts=FACTS,
            ) as dispatcher:
                yield dispatcher
            await emitter.close()

        yield open_for
    assert counted.runs == 3


def list_outcomes(user: User) -> list[tuple[str, str, str]]:
    return [(row.outcome, row.code, row.rule) for row in list_audited(user)]


@pytest.mark.django_db(transaction=True)
async def test_kept_calls_are_each_decided_by_the_rules_of_this_moment(people: People, open_turn: Open) -> None:
    claim = await sync_to_async(claim_queued_run)(people.owner)
    async with open_turn(claim) as dispatcher:
        await dispatcher.dispatch_all(CALLS)
        limit = await Policy.objects.acreate(effect=PolicyEffect.ALLOW, tool="double", limits={"amount": {"max": 2}})
        ended = await dispatcher.dispatch_all(CALLS)
        assert [type(each) for each in ended] == [ToolResult, ToolResult, NotPermitted]
        await Policy.objects.filter(pk=limit.pk).aupdate(effect=PolicyEffect.DENY, limits={})
        assert [type(each) for each in await dispatcher.dispatch_all(CALLS)] == [NotPermitted] * 3
        await Policy.objects.filter(pk=limit.pk).adelete()
        await dispatcher.dispatch_all(CALLS)
        await User.objects.filter(pk=people.owner.pk).aupdate(is_active=False)
        assert [type(each) for each in await dispatcher.dispatch_all(CALLS)] == [NotPermitted] * 3
    ok, rule = ("ok", "", "default of double"), f"policy {limit.pk}"
    denied, inactive = ("refused", "not_permitted", rule), ("refused", "not_permitted", "account")
    assert await sync_to_async(list_outcomes)(people.owner) == [
        *([ok] * 3),
        *([("ok", "", rule)] * 2),
        *([denied] * 4),
        *([ok] * 3),
        *([inactive] * 3),
    ]
    completed = [each for each in await sync_to_async(everything)(people.owner.id) if isinstance(each, ToolCompleted)]
    assert [each.result for each in completed if each.outcome == "ok"] == [2, 4, 6, 2, 4, 2, 4, 6]
    assert {each.result for each in completed if each.outcome != "ok"} == {None}


@pytest.mark.django_db(transaction=True)
async def test_kept_calls_count_for_quotas_and_budgets(people: People, open_turn: Open) -> None:
    await sync_to_async(subscribe)(people.owner, per_minute=2, at_once=2)
    claim = await sync_to_async(claim_queued_run)(people.owner)
    async with open_turn(claim) as dispatcher:
        ended = await dispatcher.dispatch_all(CALLS)
    assert [type(each) for each in ended] == [ToolResult, ToolResult, OverCallQuota]
    assert await Slot.objects.filter(owner=people.owner).acount() == 2
    other = await sync_to_async(claim_queued_run)(people.neighbour)
    budget = await Budget.objects.acreate(name="spent", limit=1)
    await sync_to_async(spend)(people.neighbour.id, "2", other.context.run_id)
    async with open_turn(other) as dispatcher:
        ended = await dispatcher.dispatch_all(CALLS)
        assert [type(each) for each in ended] == [OverBudget] * 3
        await Budget.objects.filter(pk=budget.pk).aupdate(limit=100)
        assert [type(each) for each in await dispatcher.dispatch_all(CALLS)] == [ToolResult] * 3


@pytest.mark.django_db(transaction=True)
async def test_a_cancelled_decision_on_kept_calls_makes_none(
    people: People, open_turn: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    claim = await sync_to_async(claim_queued_run)(people.owner)
    begun = asyncio.Event()

    async def wait(*_: Any) -> list[CallAdmission | ToolRefused]:
        begun.set()
        await asyncio.Event().wait()
        raise AssertionError

    async with open_turn(claim) as dispatcher:
        assert dispatcher.reuse is not None
        dispatcher.reuse = replace(dispatcher.reuse, admit_together=wait)
        calls = asyncio.create_task(dispatcher.dispatch_all(CALLS))
        await begun.wait()
        calls.cancel()
        with pytest.raises(asyncio.CancelledError):
            await calls
        assert dispatcher.results == []
    told = await sync_to_async(everything)(people.owner.id)
    assert not [event for event in told if isinstance(event, ToolExecuting | ToolCompleted)]
