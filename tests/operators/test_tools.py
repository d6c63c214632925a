"""The operators' tools."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from asgiref.sync import sync_to_async

from agents.models import Run, RunState
from core.events import AgentError, RunCancelRequested
from core.models import User
from operators.registry import OPERATOR_TOOLS
from tests.agents.claimed_runs import claim_queued_run, queue_run
from tests.conftest import People
from tests.netra.test_services import hanging_at, start
from tests.operators.operators import assert_refused, dispatcher_of, operator
from tests.support.claimed_jobs import lose_workers
from tests.support.patience import PATIENCE
from tests.support.running_worker import await_run_events, environment, everything, working
from tools.base import Category, PolicyEffect
from tools.errors import ToolFailed
from tools.policy.decisions import evaluate_call
from tools.policy.models import Policy, PolicyVersion
from tools.registry import TOOLS

pytestmark = pytest.mark.django_db(transaction=True)


async def call_tool(by: User, tool: str, data_dir: Path = Path("nowhere"), /, **arguments: Any) -> Any:
    async with dispatcher_of(by, data_dir) as dispatcher:
        return (await dispatcher.dispatch(tool, arguments)).value


def everything_allowed() -> User:
    return operator("olga", *OPERATOR_TOOLS)


async def test_a_cancellation_is_published_in_the_users_own_stream(people: People) -> None:
    job, olga = await sync_to_async(claim_queued_run)(people.owner), await sync_to_async(everything_allowed)()
    done = await call_tool(olga, "cancel_run", run_id=str(job.context.run_id))
    assert done.state == RunState.RUNNING
    run = await Run.objects.aget()
    assert (run.state, run.ended_at) == (RunState.RUNNING, None)
    assert run.cancel_requested_at is not None
    events = await sync_to_async(everything)(people.owner.id)
    assert isinstance(events[-1], RunCancelRequested)
    assert await sync_to_async(everything)(olga.id) == ()


async def test_the_worker_stops_a_cancelled_run_and_publishes_it(people: People, tmp_path: Path) -> None:
    run, reached = await sync_to_async(start)(people.owner, tmp_path), asyncio.Event()
    olga = await sync_to_async(everything_allowed)()
    async with working(environment(tmp_path), model_runner=hanging_at("profile_workload", reached)) as (
        services,
        engine,
    ):
        await asyncio.wait_for(reached.wait(), PATIENCE)
        await call_tool(olga, "cancel_run", run_id=str(run.id))
        engine.wake()
        last = (await await_run_events(services, run))[-1]
    assert isinstance(last, AgentError)
    assert (last.agent, last.code) == ("supervisor", "cancelled")
    assert "by an administrator" in last.message
    assert (await Run.objects.aget()).state == RunState.CANCELLED


async def test_an_ended_run_is_not_cancelled(people: People) -> None:
    run, olga = await sync_to_async(queue_run)(people.owner), await sync_to_async(everything_allowed)()
    assert (await call_tool(olga, "cancel_run", run_id=str(run.id))).state == RunState.CANCELLED
    async with dispatcher_of(olga) as dispatcher:
        await assert_refused(dispatcher, ToolFailed, "cancel_run", {"run_id": str(run.id)})


async def test_a_grant_is_a_policy_with_author_and_reason(people: People) -> None:
    olga = await sync_to_async(everything_allowed)()
    wanted = {"user": "owner", "tool": "price_workload", "why": "ticket 7"}
    denied = await call_tool(olga, "change_grant", **wanted, effect="deny")
    assert (denied.now, denied.decided_by) == ("deny", denied.policy)
    assert await call_tool(olga, "change_grant", **wanted, effect="deny") == denied
    allowed = await call_tool(olga, "change_grant", **wanted, effect="allow", hours=1)
    assert (allowed.policy, allowed.version, allowed.now) == (denied.policy, 2, "allow")
    versions = [row async for row in PolicyVersion.objects.order_by("version")]
    assert [(row.changed_by, row.why, row.actor_id) for row in versions] == [("olga", "ticket 7", olga.id)] * 2
    decision = await sync_to_async(evaluate_call)(people.neighbour.id, TOOLS["price_workload"], None)
    assert decision.rule == "default of price_workload"
    async with dispatcher_of(olga) as dispatcher:
        await assert_refused(
            dispatcher, ToolFailed, "change_grant", wanted | {"tool": "drop_tables", "effect": "allow"}
        )
    assert await Policy.objects.acount() == 1


async def test_health_reports_waiting_and_overdue_runs(people: People) -> None:
    olga = await sync_to_async(everything_allowed)()
    assert (await call_tool(olga, "engine_health")).healthy
    job = await sync_to_async(claim_queued_run)(people.owner)
    await sync_to_async(queue_run)(people.neighbour)
    engines = await call_tool(olga, "engine_health")
    assert (engines.workers, engines.running, engines.queued, engines.overdue, engines.healthy) == (1, 1, 1, 0, True)
    past = datetime.now(UTC) - timedelta(seconds=11)
    await Run.objects.filter(id=job.context.run_id).aupdate(cancel_requested_at=past)
    await sync_to_async(lose_workers)()
    engines = await call_tool(olga, "engine_health")
    assert (engines.overdue, engines.stopping, engines.healthy) == (1, 1, False)
    streams = await call_tool(olga, "stream_health")
    assert (streams.longest, streams.events_in_five_minutes, streams.incidents_open) == (1, 2, 0)


async def test_prune_removes_only_if_confirmed(people: People, tmp_path: Path) -> None:
    run, olga = await sync_to_async(queue_run)(people.owner), await sync_to_async(everything_allowed)()
    await Run.objects.filter(id=run.id).aupdate(ended_at=datetime.now(UTC) - timedelta(days=40))
    result = await call_tool(olga, "prune", tmp_path)
    assert (result.removed, result.garbage[0].count) == (False, 1)
    assert len(await sync_to_async(everything)(people.owner.id)) == 1
    assert (await call_tool(olga, "prune", tmp_path, confirmed=True)).garbage[0].count == 1
    assert (await call_tool(olga, "prune", tmp_path)).garbage[0].count == 0


async def test_usage_is_reported_by_user(people: People) -> None:
    for user in (people.owner, people.owner, people.neighbour):
        await sync_to_async(queue_run)(user)
    olga = await sync_to_async(everything_allowed)()
    everybody = [(each.user, each.runs, each.dollars) for each in await call_tool(olga, "usage_by_user")]
    assert everybody == [("owner", 2, "0.00"), ("neighbour", 1, "0.00")]
    assert [each.user for each in await call_tool(olga, "usage_by_user", user="neighbour")] == ["neighbour"]
    await Run.objects.aupdate(created_at=datetime.now(UTC) - timedelta(days=3))
    assert await call_tool(olga, "usage_by_user", days=2) == []


def test_every_tool_has_a_permission_and_a_category_of_its_own() -> None:
    assert {name: tool.permission for name, tool in OPERATOR_TOOLS.items()} == {
        tool.name: f"operating.{tool.name}" for tool in OPERATOR_TOOLS.values()
    }
    assert {tool.category for tool in OPERATOR_TOOLS.values()} == {Category.SYSTEM}
    assert not OPERATOR_TOOLS.keys() & TOOLS.keys()
    assert PolicyEffect.ALLOW in {tool.default for tool in OPERATOR_TOOLS.values()}


async def test_runs_of_the_named_user_are_listed(people: People) -> None:
    run = await sync_to_async(queue_run)(people.neighbour)
    olga = await sync_to_async(everything_allowed)()
    assert await call_tool(olga, "inspect_runs", user="owner") == []
    assert [row["id"] for row in await call_tool(olga, "inspect_runs", user=str(people.neighbour.id))] == [run.id]
