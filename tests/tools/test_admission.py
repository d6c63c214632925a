"""Calls as runs make them, decided by the database at the moment of the call: real policies, quotas, budgets, writer
and audit."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import replace
from decimal import Decimal
from types import MappingProxyType
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.db import OperationalError

from agents.run_queue import RunJob
from core.events import ToolCompleted
from core.i18n.text import text
from core.models import User
from realtime.emitter import WebSocketBridgeFactory
from realtime.writer import stream_writer
from realtime.writer.stream_writer import StreamWriter
from tests.agents.claimed_runs import claim_queued_run
from tests.conftest import People
from tests.support.fakes import no_log
from tests.support.patience import PATIENCE
from tests.support.running_worker import everything
from tools import admission, execution
from tools.admission import CallAdmission, CallRequest, admit_call
from tools.audit.models import AuditRow, AuditSubject
from tools.base import Category, DataKind, PolicyEffect, RunFacts, SideEffects, Tool, ToolContext, ToolInput
from tools.errors import (
    InvalidArguments,
    NeedsApproval,
    NotPermitted,
    OverBudget,
    OverCallQuota,
    ToolRefused,
    UnknownTool,
)
from tools.policy.models import Plan, PlanAllowance, Policy, Subscription
from tools.quota.models import Slot
from tools.run_dispatcher import ToolDispatcher, ToolDispatcherFactory
from tools.spending.models import Budget, Hold, Spend

pytestmark = pytest.mark.django_db(transaction=True)


class Amount(ToolInput):
    amount: int


async def double(wanted: Amount, tool_context: ToolContext) -> int:
    return wanted.amount * 2


DOUBLE: Tool[Amount] = Tool(
    name="double",
    title=text("Double it"),
    description="Doubles an amount.",
    input=Amount,
    run=double,
    category=Category.ANALYTICS,
    side_effects=SideEffects.NONE,
    idempotent=True,
    result_kinds=frozenset({DataKind.FIGURES}),
)

Open = Callable[..., AbstractAsyncContextManager[ToolDispatcher]]


@pytest.fixture
async def open_turn() -> AsyncIterator[Open]:
    async with StreamWriter(lambda written: None) as writer:

        @asynccontextmanager
        async def open_for(claim: RunJob, tool: Tool[Any] = DOUBLE) -> AsyncIterator[ToolDispatcher]:
            emitter = WebSocketBridgeFactory(writer).for_context(claim.context)
            factory = ToolDispatcherFactory(catalog=MappingProxyType({"double": tool}), admit=admit_call)
            async with factory.for_context(
                claim.context,
                agent="data",
                tools=("double",),
                recorder=emitter,
                session=no_log(),
                facts=RunFacts(ask="?"),
            ) as dispatcher:
                yield dispatcher
            await emitter.close()

        yield open_for


def list_audited(user: User) -> list[AuditRow]:
    subject = AuditSubject.objects.get(owner=user).subject
    return list(AuditRow.objects.filter(subject=subject).order_by("seq"))


def list_completed(user: User) -> list[ToolCompleted]:
    return [event for event in everything(user.id) if isinstance(event, ToolCompleted)]


async def assert_refused(
    dispatcher: ToolDispatcher, kind: type[ToolRefused], arguments: Any = None, name: str = "double"
) -> str:
    with pytest.raises(kind) as caught:
        await dispatcher.dispatch(name, {"amount": 21} if arguments is None else arguments)
    return str(caught.value)


async def test_an_allowed_call_is_audited_with_its_rule(people: People, open_turn: Open) -> None:
    claim = await sync_to_async(claim_queued_run)(people.owner)
    async with open_turn(claim) as dispatcher:
        assert (await dispatcher.dispatch("double", {"amount": 21})).value == 42
    (row,) = await sync_to_async(list_audited)(people.owner)
    assert (row.tool, row.outcome, row.rule, row.code) == ("double", "ok", "default of double", "")
    assert [each.code for each in await sync_to_async(list_completed)(people.owner)] == [None]


async def test_each_refusal_has_its_code_and_is_audited_with_its_rule(people: People, open_turn: Open) -> None:
    claim = await sync_to_async(claim_queued_run)(people.owner)
    async with open_turn(claim) as dispatcher:
        await assert_refused(dispatcher, UnknownTool, name="drop_tables")
        await assert_refused(dispatcher, InvalidArguments, {"amount": 1, "user_id": str(people.neighbour.id)})
        deny = await Policy.objects.acreate(
            effect=PolicyEffect.DENY, tool="double", user=people.owner, reason="Not today."
        )
        assert await assert_refused(dispatcher, NotPermitted) == "Not today."
        await Policy.objects.filter(pk=deny.pk).aupdate(enabled=False)
        ask = await Policy.objects.acreate(effect=PolicyEffect.ASK, tool="double")
        assert "doesn't support approvals" in await assert_refused(dispatcher, NeedsApproval)
        await Policy.objects.filter(pk=ask.pk).aupdate(effect=PolicyEffect.ALLOW, limits={"amount": {"max": 20}})
        assert "amount" in await assert_refused(dispatcher, NotPermitted)
    codes = ["unknown_tool", "invalid_arguments", "not_permitted", "approval_needed", "not_permitted"]
    rules = ["reach", "default of double", f"policy {deny.pk}", f"policy {ask.pk}", f"policy {ask.pk}"]
    rows = await sync_to_async(list_audited)(people.owner)
    assert [(row.outcome, row.code, row.rule) for row in rows] == [
        ("refused", code, rule) for code, rule in zip(codes, rules, strict=True)
    ]
    assert [each.code for each in await sync_to_async(list_completed)(people.owner)] == codes


async def test_a_change_applies_from_the_next_call_and_only_to_its_user(people: People, open_turn: Open) -> None:
    claims = [await sync_to_async(claim_queued_run)(user) for user in (people.owner, people.neighbour)]
    async with open_turn(claims[0]) as mine, open_turn(claims[1]) as theirs:
        await mine.dispatch("double", {"amount": 1})
        await Policy.objects.acreate(effect=PolicyEffect.DENY, user=people.owner)
        await assert_refused(mine, NotPermitted)
        await theirs.dispatch("double", {"amount": 1})
        await User.objects.filter(pk=people.neighbour.pk).aupdate(is_active=False)
        await assert_refused(theirs, NotPermitted)


async def test_a_plans_quota_holds_and_slots_are_released(
    people: People, open_turn: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    # What nobody awaits is not stored by itself: then a call would find that the one before still has its slot.
    monkeypatch.setattr(stream_writer, "LINGER_SECONDS", 10 * PATIENCE)
    await sync_to_async(subscribe)(people.owner, per_minute=3, at_once=1)
    claim = await sync_to_async(claim_queued_run)(people.owner)
    async with open_turn(claim) as dispatcher:
        for _ in range(3):
            await dispatcher.dispatch("double", {"amount": 1})
        assert "3 calls of double per minute" in await assert_refused(dispatcher, OverCallQuota)
        await dispatcher.journal.flush()


async def test_a_call_whose_database_is_away_is_left_to_another_attempt(
    people: People, open_turn: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def lose(wanted: Amount, tool_context: ToolContext) -> int:
        raise OperationalError("server closed the connection unexpectedly")

    monkeypatch.setattr(execution, "is_database_away", lambda error: True)
    await sync_to_async(subscribe)(people.owner, at_once=1)
    claim = await sync_to_async(claim_queued_run)(people.owner)
    async with open_turn(claim, replace(DOUBLE, run=lose)) as dispatcher:
        with pytest.raises(OperationalError):
            await dispatcher.dispatch("double", {"amount": 1})
        await dispatcher.journal.flush()
    assert [each.outcome for each in await sync_to_async(list_completed)(people.owner)] == ["cancelled"]
    assert await Slot.objects.filter(owner=people.owner, given_back_at=None).acount() == 0


def subscribe(user: User, **bounds: int) -> None:
    plan = Plan.objects.create(slug="small", name="Small", rank=90)
    PlanAllowance.objects.create(plan=plan, category=Category.ANALYTICS, **bounds)
    Subscription.objects.create(user=user, plan=plan)


async def wait_for_held_slots(user: User, held: int) -> None:
    """Until so many slots are held: what nobody awaits is committed a moment later."""
    async with asyncio.timeout(PATIENCE):
        while await Slot.objects.filter(owner=user, given_back_at=None).acount() != held:
            await asyncio.sleep(0.01)


async def test_money_is_reserved_before_a_call_and_recorded_with_it(people: People, open_turn: Open) -> None:
    await Budget.objects.acreate(name="tight", limit=Decimal("0.50"))
    claim = await sync_to_async(claim_queued_run)(people.owner)
    priced = replace(DOUBLE, cost=Decimal("0.20"))
    async with open_turn(claim, priced) as dispatcher:
        for _ in range(2):
            await dispatcher.dispatch("double", {"amount": 1})
        await assert_refused(dispatcher, OverBudget)
    assert [each.cost async for each in Spend.objects.filter(owner=people.owner)] == [Decimal("0.20")] * 2
    assert not await Hold.objects.aexists()
    costs = [row.cost for row in await sync_to_async(list_audited)(people.owner)]
    assert costs == [Decimal("0.20"), Decimal("0.20"), Decimal(0)]


async def test_a_cancel_during_admission_leaves_no_reservation(
    people: People, open_turn: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    await sync_to_async(subscribe)(people.owner, per_minute=3, at_once=1)
    claim = await sync_to_async(claim_queued_run)(people.owner)
    begun, go_on = asyncio.Event(), asyncio.Event()
    decided = admission._decide_admission
    loop = asyncio.get_running_loop()

    def slow(request: CallRequest) -> CallAdmission:
        found = decided(request)
        loop.call_soon_threadsafe(begun.set)
        asyncio.run_coroutine_threadsafe(go_on.wait(), loop).result(5)
        return found

    monkeypatch.setattr(admission, "_decide_admission", slow)
    async with open_turn(claim) as dispatcher:
        call = asyncio.create_task(dispatcher.dispatch("double", {"amount": 1}))
        await begun.wait()
        call.cancel()
        go_on.set()
        with pytest.raises(asyncio.CancelledError):
            await call
    await wait_for_held_slots(people.owner, 0)
    (row,) = await sync_to_async(list_audited)(people.owner)
    assert row.outcome == "cancelled"


async def test_an_attempt_of_a_worker_that_lost_its_run_is_audited(people: People, open_turn: Open) -> None:
    claim = await sync_to_async(claim_queued_run)(people.owner)
    lost = replace(claim, context=replace(claim.context, attempt=2))
    async with open_turn(lost) as dispatcher:
        await dispatcher.dispatch("double", {"amount": 1})
    (row,) = await sync_to_async(list_audited)(people.owner)
    assert (row.tool, row.outcome) == ("double", "ok")
    assert await sync_to_async(list_completed)(people.owner) == []
