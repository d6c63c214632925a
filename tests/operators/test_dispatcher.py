"""Operators' calls: permitted when they are made, about an existing target, audited for the user they concern."""

import asyncio
import threading
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any, cast
from uuid import uuid4

import pytest
from asgiref.sync import sync_to_async
from django.contrib.auth.models import Group, Permission

import operators.dispatcher
from core.concurrency.database_threads import SharedThreadExecutor, running_database_threads
from core.exceptions import InvalidContext, ScopeClosed
from core.models import User
from operators import admission
from operators.admission import TargetNotFound, TargetNotNamed
from operators.base import OperatorToolContext
from operators.dispatcher import AdminToolDispatcherFactory
from operators.registry import OPERATOR_TOOLS
from tests.agents.claimed_runs import connection, queue_run
from tests.conftest import People
from tests.operators.operators import FACTORY, assert_refused, audit_of, dispatcher_of, forbid, operator
from tests.support.fakes import FakeRecorder, context
from tests.support.patience import PATIENCE
from tools.base import Category, PolicyEffect
from tools.errors import (
    InvalidArguments,
    NeedsApproval,
    NotPermitted,
    OverCallQuota,
    ToolFailed,
    ToolTimeout,
    UnknownTool,
)
from tools.policy.models import Plan, PlanAllowance, Policy, Subscription
from tools.quota.models import Slot

pytestmark = pytest.mark.django_db(transaction=True)

ABOUT = {"user": "owner"}


async def test_a_call_is_made_with_its_permission_and_audited_for_the_user(people: People) -> None:
    run = await sync_to_async(queue_run)(people.owner, "a secret of mine")
    olga = await sync_to_async(operator)("olga", "inspect_runs")
    async with dispatcher_of(olga) as dispatcher:
        result = await dispatcher.dispatch("inspect_runs", ABOUT)
    assert [row["id"] for row in result.value] == [run.id]
    assert "secret" not in str(result)
    assert await audit_of(people.owner) == [("inspect_runs", "ok", "default of inspect_runs", "olga")]
    assert await audit_of(olga) == []


@pytest.mark.parametrize("name", OPERATOR_TOOLS)
async def test_without_its_permission_no_tool_runs(people: People, name: str) -> None:
    others = [tool.permission.split(".")[1] for tool in OPERATOR_TOOLS.values() if tool.name != name]
    olga = await sync_to_async(operator)("olga", *others)
    async with dispatcher_of(olga) as dispatcher:
        message = await assert_refused(dispatcher, NotPermitted, name, ABOUT)
    assert f"operating.{name}" in message
    ((tool, outcome, rule, actor),) = [*await audit_of(people.owner), *await audit_of(olga)]
    assert (tool, outcome, rule, actor) == (name, "refused", f"permission operating.{name}", "olga")


async def test_a_permission_revoked_between_two_calls_refuses_the_second(people: People) -> None:
    olga = await sync_to_async(operator)("olga", "inspect_runs")
    async with dispatcher_of(olga) as dispatcher:
        await dispatcher.dispatch("inspect_runs", ABOUT)
        await sync_to_async(forbid)(olga, "inspect_runs")
        await assert_refused(dispatcher, NotPermitted, "inspect_runs", ABOUT)
    assert [row[1:3] for row in await audit_of(people.owner)] == [
        ("ok", "default of inspect_runs"),
        ("refused", "permission operating.inspect_runs"),
    ]


async def test_leaving_a_group_ends_its_permissions(people: People) -> None:
    olga, group = await sync_to_async(operator)("olga"), await Group.objects.acreate(name="on call")
    await sync_to_async(group.permissions.add)(await Permission.objects.aget(codename="inspect_runs"))
    await sync_to_async(olga.groups.add)(group)
    async with dispatcher_of(olga) as dispatcher:
        await dispatcher.dispatch("inspect_runs", ABOUT)
        await sync_to_async(olga.groups.clear)()
        await assert_refused(dispatcher, NotPermitted, "inspect_runs", ABOUT)


@pytest.mark.parametrize(
    ("fields", "rule"),
    [({"is_active": False}, "account"), ({"is_superuser": False}, "permission operating.inspect_runs")],
)
async def test_a_former_superuser_is_refused(people: People, fields: dict[str, bool], rule: str) -> None:
    root = await User.objects.acreate(username="root", is_superuser=True, is_staff=True)
    async with dispatcher_of(root) as dispatcher:
        await dispatcher.dispatch("inspect_runs", ABOUT)
        await User.objects.filter(pk=root.pk).aupdate(**fields)
        await assert_refused(dispatcher, NotPermitted, "inspect_runs", ABOUT)
    assert [row[1:3] for row in await audit_of(people.owner)] == [("ok", "default of inspect_runs"), ("refused", rule)]


async def test_policies_apply_to_operators_too(people: People) -> None:
    olga = await sync_to_async(operator)("olga", "inspect_runs")
    async with dispatcher_of(olga) as dispatcher:
        deny = await Policy.objects.acreate(
            effect=PolicyEffect.DENY, category=Category.SYSTEM, user=olga, reason="Not now."
        )
        assert await assert_refused(dispatcher, NotPermitted, "inspect_runs", ABOUT) == "Not now."
        await Policy.objects.filter(pk=deny.pk).aupdate(effect=PolicyEffect.ASK)
        await assert_refused(dispatcher, NeedsApproval, "inspect_runs", ABOUT)
    assert [row[2] for row in await audit_of(people.owner)] == [f"policy {deny.pk}"] * 2


async def test_a_quota_counts_for_the_operator_and_is_refunded(people: People) -> None:
    olga = await sync_to_async(operator)("olga", "inspect_runs")
    plan = await Plan.objects.acreate(slug="tight", name="Tight", rank=99)
    await PlanAllowance.objects.acreate(plan=plan, category=Category.SYSTEM, per_minute=2, at_once=1)
    await Subscription.objects.acreate(user=olga, plan=plan)
    async with dispatcher_of(olga) as dispatcher:
        await dispatcher.dispatch("inspect_runs", ABOUT)
        await assert_refused(dispatcher, InvalidArguments, "inspect_runs", ABOUT | {"count": 10_000})
        await assert_refused(dispatcher, OverCallQuota, "inspect_runs", ABOUT)
    assert await Slot.objects.filter(owner=olga, given_back_at=None).acount() == 0


async def test_a_call_cancelled_while_it_is_admitted_gives_its_slot_back(
    people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    olga = await sync_to_async(operator)("olga", "inspect_runs")
    plan = await Plan.objects.acreate(slug="tight", name="Tight", rank=99)
    await PlanAllowance.objects.acreate(plan=plan, category=Category.SYSTEM, per_minute=9, at_once=1)
    await Subscription.objects.acreate(user=olga, plan=plan)
    begun, go_on = asyncio.Event(), threading.Event()
    loop, decide = asyncio.get_running_loop(), admission.admit_operator_call

    def admit_slowly(request: Any) -> Any:
        admitted = decide(request)
        loop.call_soon_threadsafe(begun.set)
        assert go_on.wait(PATIENCE)
        return admitted

    async with running_database_threads(2) as database:
        factory = AdminToolDispatcherFactory(catalog=OPERATOR_TOOLS, data_dir=FACTORY.data_dir, database=database)
        async with factory.for_context(connection(olga), agent="admin") as dispatcher:
            with monkeypatch.context() as patched:
                patched.setattr(admission, "admit_operator_call", admit_slowly)
                call = asyncio.create_task(dispatcher.dispatch("inspect_runs", ABOUT))
                await asyncio.wait_for(begun.wait(), PATIENCE)
                call.cancel()
                loop.call_soon(go_on.set)
                with pytest.raises(asyncio.CancelledError):
                    await call
            await dispatcher.dispatch("inspect_runs", ABOUT)  # there is room for one at once
    assert await Slot.objects.filter(owner=olga, given_back_at=None).acount() == 0
    assert [row[1:3] for row in await audit_of(people.owner)] == [
        ("cancelled", ""),
        ("ok", "default of inspect_runs"),
    ]


@dataclass(slots=True)
class HeldBack(SharedThreadExecutor):
    """Database work, of which the settlement of a call waits for `go_on`."""

    begun: asyncio.Event = field(default_factory=asyncio.Event)
    go_on: asyncio.Event = field(default_factory=asyncio.Event)
    settled: asyncio.Event = field(default_factory=asyncio.Event)

    async def run(self, key: Any, work: Any, *args: Any, **kwargs: Any) -> Any:
        if work is operators.dispatcher._settle_call:
            self.begun.set()
            await self.go_on.wait()
        done = await sync_to_async(work)(*args, **kwargs)
        if work is operators.dispatcher._settle_call:
            self.settled.set()
        return done


async def test_a_call_that_was_made_is_audited_though_its_task_is_cancelled_then(people: People) -> None:
    olga, database = await sync_to_async(operator)("olga", "inspect_runs"), HeldBack()
    factory = replace(FACTORY, database=database)
    async with factory.for_context(connection(olga), agent="admin") as dispatcher:
        call = asyncio.create_task(dispatcher.dispatch("inspect_runs", ABOUT))
        await asyncio.wait_for(database.begun.wait(), PATIENCE)
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call
    database.go_on.set()
    await asyncio.wait_for(database.settled.wait(), PATIENCE)
    assert [row[1] for row in await audit_of(people.owner)] == ["ok"]


async def test_invalid_arguments_and_missing_targets_are_refused_and_audited(people: People) -> None:
    olga = await sync_to_async(operator)("olga", "inspect_runs", "cancel_run", "ask_consent")
    theirs = await sync_to_async(queue_run)(people.neighbour)
    async with dispatcher_of(olga) as dispatcher:
        await assert_refused(dispatcher, UnknownTool, "drop_tables", {})
        await assert_refused(dispatcher, InvalidArguments, "inspect_runs", {})
        await assert_refused(dispatcher, InvalidArguments, "inspect_runs", ABOUT | {"operator": "root"})
        await assert_refused(dispatcher, TargetNotFound, "inspect_runs", {"user": "nobody"})
        await assert_refused(dispatcher, TargetNotFound, "cancel_run", {"run_id": str(uuid4())})
        foreign = {"user": "owner", "thread_id": str(theirs.thread_id), "why": "looking"}
        await assert_refused(dispatcher, TargetNotFound, "ask_consent", foreign)
    assert {row[1] for row in await audit_of(olga)} == {"refused"}
    assert len(await audit_of(olga)) == 6
    assert await audit_of(people.owner) == []


async def test_a_name_that_two_users_share_is_refused_and_audited(people: People) -> None:
    olga = await sync_to_async(operator)("olga", "inspect_runs")
    twin = User(username="Owner")
    twin.username_key = f"owner\n{twin.pk.hex}"  # as the migration leaves it
    await twin.asave()
    recorder = FakeRecorder()
    async with FACTORY.for_context(context(olga.id), agent="operations", recorder=recorder) as dispatcher:
        message = await assert_refused(dispatcher, TargetNotFound, "inspect_runs", ABOUT)
    assert str(twin.pk) in message
    assert recorder.types == ["tool_executing", "tool_completed"]
    assert [row[:3] for row in await audit_of(olga)] == [("inspect_runs", "refused", "not found")]


async def test_after_its_block_every_call_raises(people: People) -> None:
    olga = await sync_to_async(operator)("olga", "inspect_runs")
    dispatcher = cast(Any, dispatcher_of(olga))
    with pytest.raises(ScopeClosed):
        await dispatcher.dispatch("inspect_runs", ABOUT)
    async with dispatcher:
        pass
    with pytest.raises(ScopeClosed):
        await dispatcher.dispatch("inspect_runs", ABOUT)
    assert await audit_of(people.owner) == []


def test_it_needs_a_context() -> None:
    with pytest.raises(InvalidContext):
        FACTORY.for_context(cast(Any, {"user_id": "me"}), agent="admin")


async def test_a_timeout_and_a_failure_are_reported_and_audited(people: People) -> None:
    olga = await sync_to_async(operator)("olga", "inspect_runs")

    over = threading.Event()

    def slow(wanted: Any, reach: OperatorToolContext) -> None:
        over.wait(PATIENCE)

    def broken(wanted: Any, reach: OperatorToolContext) -> None:
        raise RuntimeError("password is hunter2")

    for run, seconds, kind, outcome in ((slow, 0.05, ToolTimeout, "timeout"), (broken, PATIENCE, ToolFailed, "failed")):
        tool = replace(OPERATOR_TOOLS["inspect_runs"], run=run, seconds=seconds)
        # One user has half of the threads, and the slow tool keeps one until it is let go.
        async with running_database_threads(4) as database:
            factory = AdminToolDispatcherFactory(
                catalog=MappingProxyType({"inspect_runs": tool}), data_dir=FACTORY.data_dir, database=database
            )
            async with factory.for_context(connection(olga), agent="admin") as dispatcher:
                assert "hunter2" not in await assert_refused(dispatcher, kind, "inspect_runs", ABOUT)
            assert (await audit_of(people.owner))[-1][1] == outcome
            over.set()


async def test_calls_in_a_run_are_published_and_cannot_read_conversations(people: People) -> None:
    olga, recorder = await sync_to_async(operator)("olga", "inspect_runs", "read_conversation"), FakeRecorder()
    mine = context(olga.id)
    async with FACTORY.for_context(
        mine, agent="operations", recorder=recorder, operator_words="/ops runs of owner"
    ) as dispatcher:
        assert "read_conversation" not in dispatcher.tools
        await dispatcher.dispatch("inspect_runs", ABOUT)
        await assert_refused(dispatcher, UnknownTool, "read_conversation", ABOUT | {"thread_id": str(uuid4())})
    assert recorder.types == ["tool_executing", "tool_completed"] * 2


async def test_a_model_changes_only_what_the_operator_has_named(people: People) -> None:
    run = await sync_to_async(queue_run)(people.owner)
    olga = await sync_to_async(operator)("olga", "cancel_run", "change_grant", "prune", "ask_consent")
    grant = {"user": "owner", "tool": "price_workload", "effect": "deny", "why": "because"}
    async with dispatcher_of(
        olga, operator_words="/ops how is everything, and what about the neighbour?"
    ) as dispatcher:
        await assert_refused(dispatcher, TargetNotNamed, "cancel_run", {"run_id": str(run.id)})
        await assert_refused(dispatcher, TargetNotNamed, "change_grant", grant)
        await assert_refused(dispatcher, TargetNotNamed, "prune", {"confirmed": True})
        await assert_refused(dispatcher, TargetNotNamed, "ask_consent", {"user": "owner", "why": "because"})
    await run.arefresh_from_db()
    assert run.state == "queued"
    assert not await Policy.objects.aexists()
    async with dispatcher_of(olga, operator_words=f"/ops cancel run {run.id}.") as dispatcher:
        await dispatcher.dispatch("cancel_run", {"run_id": str(run.id)})


async def test_operators_do_not_act_as_the_target_user(people: People) -> None:
    """Whose dispatcher it is comes from its context and from nowhere else."""
    olga = await sync_to_async(operator)("olga", "inspect_runs")
    async with FACTORY.for_context(connection(people.owner), agent="admin") as dispatcher:
        await assert_refused(dispatcher, NotPermitted, "inspect_runs", {"user": "olga"})
    assert [row[3] for row in await audit_of(olga)] == ["owner"]
