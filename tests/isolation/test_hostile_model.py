"""A hostile model in real runs of two users at once. Whatever it calls: nothing runs that may not, nothing of the
neighbour is told, and every attempt is in the audit."""

import asyncio
import json
import random
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from asgiref.sync import sync_to_async

from agents.llm.loop import ModelLoop
from agents.models import Run, RunState
from agents.run_queue import RunJob
from core.exceptions import ScopeClosed
from core.jobs.runner import JobRunner
from core.models import User
from netra.services import Services, running_services
from tests.agents.claimed_runs import claim_queued_run
from tests.conftest import People
from tests.isolation.attacks import ODD, Call, Spite
from tests.isolation.hostile import HostileCalls, HostileModel, ask
from tests.support.runners import running_runs
from tests.support.running_worker import ask_about_log, await_run_events, environment, everything, log_file, place_log
from tools.audit.anchors import ANCHOR_FILE_NAME
from tools.audit.models import AuditRow, AuditSubject
from tools.audit.verification import Verification
from tools.base import PolicyEffect, RunFacts
from tools.policy.models import Policy
from tools.run_dispatcher import ToolDispatcherFactory
from workloads.analysis.session import AnalysisSession
from workloads.models import Workload
from workloads.pricing.assumptions import Assumptions

pytestmark = pytest.mark.django_db(transaction=True)

SEED = 20_260_101
DENIED = "estimate_lever"


def canary(user: User) -> str:
    return f"canary-{user.username}"


def log_of(user: User, folder: Path) -> Workload:
    return place_log(user, log_file(folder / user.username, feature=canary(user)), folder)


def ids_of(log: Workload) -> tuple[str, ...]:
    run = ask_about_log(log.owner, log, "queued before")
    Run.objects.filter(id=run.id).update(state=RunState.CANCELLED)
    return (str(log.id), str(log.owner_id), str(run.id), str(run.thread_id), log.owner.username)


async def hostile_runs(people: People, folder: Path, seen: HostileCalls, calls: int) -> None:
    """Runs of both users at once, one after the other, until so many calls have been tried."""
    users = (people.owner, people.neighbour)
    logs = {user: await sync_to_async(log_of)(user, folder) for user in users}
    ids = {user: await sync_to_async(ids_of)(log) for user, log in logs.items()}
    foreign = {user.username: ids[other] for user, other in (users, users[::-1])}
    model = HostileModel(seed=SEED, foreign=foreign)
    model.between["owner", 3] = lambda: deny_tool(people.owner, seen)
    talking = ModelLoop(model_factory=model.for_plan, streaming=False)
    async with running_services(environment(folder), model_runner=talking) as opened:
        services = replace(opened, dispatcher_factory=watch_dispatchers(opened, seen))
        async with running_runs(services.execute_run, run_seconds=600) as engine:
            while len(seen.attempts) < calls:
                await asyncio.gather(*(ran(services, engine, user, logs[user]) for user in users))
            model.between["neighbour", model.steps["neighbour"] + 2] = lambda: deactivate_user(people.neighbour, seen)
            await ran(services, engine, people.neighbour, logs[people.neighbour])
            # Everybody else's runs go on as if nothing had been.
            run = await sync_to_async(ask_about_log)(people.stranger, None)
            engine.wake()
            assert (await await_run_events(services, run))[-1].type in ("agent_completed", "agent_error")


def watch_dispatchers(services: Services, seen: HostileCalls) -> ToolDispatcherFactory:
    ours = services.dispatcher_factory
    return ToolDispatcherFactory(catalog=seen.catalog(ours.catalog), admit=ours.admit)


async def ran(services: Services, engine: JobRunner, user: User, log: Workload) -> None:
    run = await sync_to_async(ask_about_log)(user, log, ask(user))
    engine.wake()
    await await_run_events(services, run)


async def deny_tool(user: User, seen: HostileCalls) -> None:
    await Policy.objects.acreate(effect=PolicyEffect.DENY, tool=DENIED, user=user)
    seen.forbidden.add((user.id, DENIED))


async def deactivate_user(user: User, seen: HostileCalls) -> None:
    await User.objects.filter(pk=user.pk).aupdate(is_active=False)
    seen.forbidden.add((user.id, ""))


def count_audited(user: User) -> Counter[tuple[str, str, str]]:
    subject = AuditSubject.objects.get(owner=user).subject
    rows = AuditRow.objects.filter(subject=subject).values_list("tool", "outcome", "code")
    return Counter(rows)


def count_attempts(seen: HostileCalls, user: User) -> Counter[tuple[str, str, str]]:
    """As the audit names them: of a tool that there is not, it keeps no name."""
    mine = [each[1:] for each in seen.attempts if each[0] == user.id]
    return Counter(
        ("unknown" if code == "unknown_tool" else tool, "timeout" if code == "tool_timeout" else outcome, code)
        for tool, outcome, code in mine
    )


def check(people: People, folder: Path, seen: HostileCalls) -> None:
    assert [each for each in seen.executed if not each[2]] == []
    assert seen.untyped == []
    assert seen.defects == []
    for user, other in ((people.owner, people.neighbour), (people.neighbour, people.owner)):
        assert count_audited(user) == count_attempts(seen, user)
        told = json.dumps([event.model_dump(mode="json") for event in everything(user.id)])
        assert canary(user) in told
        assert canary(other) not in told
    verification = Verification(folder / ANCHOR_FILE_NAME)
    assert list(verification.iter_findings()) == []
    assert verification.rows >= len(seen.attempts)


async def try_hostile_runs(people: People, folder: Path, monkeypatch: pytest.MonkeyPatch, calls: int) -> None:
    seen = HostileCalls()
    seen.watch(monkeypatch)
    await hostile_runs(people, folder, seen, calls)
    await sync_to_async(check)(people, folder, seen)
    assert {"", "invalid_arguments", "not_permitted"} <= {code for *_, code in seen.attempts}
    await assert_dispatchers_closed(seen, monkeypatch)
    await sync_to_async(check)(people, folder, seen)


async def assert_dispatchers_closed(seen: HostileCalls, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each of the dispatchers that there were, called once more: these are no attempts, as nobody is there to make
    them."""
    monkeypatch.undo()
    assert len(seen.dispatchers) > 10
    for dispatcher in seen.dispatchers:
        with pytest.raises(ScopeClosed, match="the dispatcher of"):
            await dispatcher.dispatch(next(iter(dispatcher.tools)), {})


@pytest.mark.long
async def test_five_hundred_calls(people: People, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    await try_hostile_runs(people, tmp_path, monkeypatch, 500)


@pytest.mark.soak
async def test_ten_thousand_calls(people: People, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    await try_hostile_runs(people, tmp_path, monkeypatch, 10_000)


async def test_concurrent_calls_and_hidden_names_are_refused(
    people: People, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At the dispatcher's own door, with what no JSON carries there: pydantic-ai stops such calls before it."""
    seen, hands_of = HostileCalls(), {"owner": people.owner, "neighbour": people.neighbour}
    logs = {name: await sync_to_async(log_of)(user, tmp_path) for name, user in hands_of.items()}
    seen.watch(monkeypatch)
    async with running_services(environment(tmp_path)) as services:
        await asyncio.gather(*(storm(services, seen, user, logs) for user in hands_of.values()))
    await sync_to_async(check)(people, tmp_path, seen)
    assert Counter(code for *_, code in seen.attempts)["unknown_tool"] > 20


async def storm(services: Services, seen: HostileCalls, user: User, logs: dict[str, Workload]) -> None:
    """All calls of one user at once; some of them policies deny, and in the middle the user is switched off."""
    claim = await sync_to_async(claim_queued_run)(user)
    other = logs["neighbour" if user.username == "owner" else "owner"]
    spite = Spite(random.Random(f"{SEED} {user.username}"), (str(other.id), str(other.owner_id)))
    emitter, names = services.bridge_factory.for_context(claim.context), ("list_levers", "price_workload", DENIED)
    session = session_of(services, claim, logs[user.username])
    factory = watch_dispatchers(services, seen)
    reach: dict[str, Any] = {"agent": "data", "recorder": emitter, "session": session, "facts": RunFacts(ask="?")}
    async with session, factory.for_context(claim.context, tools=names, **reach) as dispatcher:
        for part in range(3):
            calls = spite.calls(names, 25, hidden=0.4) + [Call(tool=DENIED, arguments=odd) for odd in ODD]
            calls += [Call(tool=name, arguments={}) for name in ("list_levers", "price_workload")]
            await asyncio.gather(
                *(dispatcher.dispatch(each.tool, each.arguments) for each in calls), return_exceptions=True
            )
            await (deny_tool if part == 0 else deactivate_user)(user, seen)
        await emitter.close()


def session_of(services: Services, claim: RunJob, log: Workload) -> AnalysisSession:
    return AnalysisSession(
        claim.context,
        workload_id=log.id,
        assumptions=Assumptions(),
        executor=services.analysis_executor,
        data_dir=services.data_dir,
        temp=services.data_dir / "scratch" / str(claim.context.run_id),
    )
