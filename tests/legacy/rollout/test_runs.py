"""Real runs under rollout rules: the path of each run, the effect of changes, and shadows without side effects."""

import asyncio
import json
from collections import Counter
from pathlib import Path

import pytest
from asgiref.sync import sync_to_async

from agents.models import Run, RunState, Step
from core.events import Event
from core.models import IsolationIncident, User
from legacy.models import AgentPath, RunPath, ShadowResult, ShadowVerdict
from legacy.rollout import shadow
from legacy.rollout.roster import roll_back_agent
from tests.conftest import People
from tests.legacy.rollout.flags import CHANGE, add_rule
from tests.legacy.rollout.team import LEGACY_MARK, SLOW, OldDataAgent
from tests.support.patience import PATIENCE
from tests.support.running_worker import (
    ask_about_log,
    await_run_events,
    environment,
    everything,
    log_file,
    place_log,
    working,
)
from tools.audit.models import AuditRow
from tools.quota.models import Slot

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.long,
]

TEAM = "tests.legacy.rollout.team"
LEGACY, SHADOW, MODERN = AgentPath.LEGACY, AgentPath.SHADOW, AgentPath.MODERN


def start_run(user: User, folder: Path) -> Run:
    file = log_file(folder / f"of-{user.username}", feature=f"canary-{user.username}")
    return ask_about_log(user, place_log(user, file, folder), text=f"cut my spend, canary-{user.username}")


async def finish_runs(folder: Path, *users: User, roster: str = "roster", shadows: int = 0) -> dict[User, list[Event]]:
    """Run all users concurrently in one process, until there are `shadows` shadow results."""
    settings = environment(folder, roster=f"{TEAM}.{roster}")
    async with working(settings) as (services, engine):
        runs = [await sync_to_async(start_run)(user, folder) for user in users]
        engine.wake()
        events = await asyncio.gather(*[await_run_events(services, run) for run in runs])
        await wait_for_shadows(shadows)
    return dict(zip(users, events, strict=True))


async def wait_for_shadows(results: int) -> None:
    async with asyncio.timeout(PATIENCE):
        while await ShadowResult.objects.acount() < results:
            await asyncio.sleep(0.02)


def list_files(folder: Path) -> list[str]:
    return [each.name for each in folder.iterdir()]


def count_events(events: list[Event]) -> Counter[tuple[str, str]]:
    return Counter((event.type, str(getattr(event, "agent", ""))) for event in events)


def is_from_legacy(events: list[Event]) -> bool:
    return LEGACY_MARK in json.dumps([event.model_dump(mode="json") for event in events])


async def test_two_concurrent_users_of_a_legacy_agent_are_kept_apart(people: People, tmp_path: Path) -> None:
    events_by_user = await finish_runs(tmp_path, people.owner, people.neighbour, people.owner, people.neighbour)
    assert {run.state async for run in Run.objects.all()} == {RunState.COMPLETED}
    for user, other in ((people.owner, people.neighbour), (people.neighbour, people.owner)):
        assert is_from_legacy(events_by_user[user])
        events = await sync_to_async(everything)(user.id)
        steps = [step.output async for step in Step.objects.for_user(user.id)]
        data = json.dumps([*(event.model_dump(mode="json") for event in events), *steps])
        assert f"canary-{user.username}" in data
        assert f"canary-{other.username}" not in data and str(other.id) not in data
    assert OldDataAgent.cache == {}
    assert not await IsolationIncident.objects.aexists()
    paths = [row async for row in RunPath.objects.values_list("owner_id", "agent", "path")]
    assert Counter(paths) == {(user.id, "data", LEGACY): 2 for user in (people.owner, people.neighbour)}


async def test_a_change_applies_from_the_next_run_and_can_be_rolled_back(people: People, tmp_path: Path) -> None:
    settings = environment(tmp_path, roster=f"{TEAM}.roster")
    async with working(settings) as (services, engine):

        async def run_uses_legacy(user: User) -> bool:
            run = await sync_to_async(start_run)(user, tmp_path)
            engine.wake()
            return is_from_legacy(await await_run_events(services, run))

        assert await run_uses_legacy(people.owner)
        metrics = await asyncio.to_thread(services.metrics.render)
        assert b'netra_legacy_calls_total{agent="data",what="OldDataAgent.execute"} 1.0' in metrics
        await sync_to_async(add_rule)(MODERN, user=people.owner)
        assert [await run_uses_legacy(user) for user in (people.owner, people.neighbour)] == [False, True]
        await sync_to_async(add_rule)(MODERN, percentage=100)
        assert not await run_uses_legacy(people.neighbour)
        assert await sync_to_async(roll_back_agent)("data", CHANGE) == 2
        assert [await run_uses_legacy(user) for user in (people.owner, people.neighbour)] == [True, True]
    paths = [
        path async for path in RunPath.objects.for_user(people.owner.id).order_by("id").values_list("path", flat=True)
    ]
    assert paths == [LEGACY, MODERN, LEGACY]


async def test_a_shadow_emits_nothing_and_stores_only_its_result(people: People, tmp_path: Path) -> None:
    await sync_to_async(add_rule)(SHADOW, user=people.owner)
    events_by_user = await finish_runs(tmp_path, people.owner, people.neighbour, shadows=1)
    assert count_events(events_by_user[people.owner]) == count_events(events_by_user[people.neighbour])
    assert is_from_legacy(events_by_user[people.owner])
    audited = Counter([row async for row in AuditRow.objects.values_list("tool", flat=True)])
    assert audited["price_workload"] == 2
    assert (
        await Slot.objects.filter(owner=people.owner).acount()
        == await Slot.objects.filter(owner=people.neighbour).acount()
    )
    result = await ShadowResult.objects.aget()
    assert (result.owner_id, result.agent, result.verdict, result.fields) == (
        people.owner.id,
        "data",
        ShadowVerdict.EQUAL,
        [],
    )
    assert result.modern_ms > 0 and result.cost == 0
    assert await RunPath.objects.aget(path=SHADOW, owner=people.owner)


@pytest.mark.parametrize(
    ("roster", "code"), [("broken", "defect"), pytest.param("unbuildable", "defect", marks=pytest.mark.soak)]
)
async def test_a_failed_shadow_does_not_affect_the_run(people: People, tmp_path: Path, roster: str, code: str) -> None:
    await sync_to_async(add_rule)(SHADOW, percentage=100)
    events_by_user = await finish_runs(tmp_path, people.owner, roster=roster, shadows=1)
    run = await Run.objects.aget()
    assert (run.state, run.degraded) == (RunState.COMPLETED, False)
    assert "agent_error" not in [event.type for event in events_by_user[people.owner]]
    result = await ShadowResult.objects.aget()
    assert (result.verdict, result.error) == (ShadowVerdict.FAILED, code)
    row = {field.name: str(getattr(result, field.attname)) for field in ShadowResult._meta.concrete_fields}
    assert "kanarienvogel" not in str(row)


async def test_a_later_attempt_keeps_the_path(people: People, tmp_path: Path) -> None:
    run = await sync_to_async(start_run)(people.owner, tmp_path)
    # As after a worker started the run and was lost.
    await Run.objects.filter(id=run.id).aupdate(attempt=1)
    await RunPath.objects.acreate(owner=people.owner, run_id=run.id, agent="data", path=LEGACY, at=run.created_at)
    await sync_to_async(add_rule)(MODERN, percentage=100)
    settings = environment(tmp_path, roster=f"{TEAM}.roster")
    async with working(settings) as (services, engine):
        engine.wake()
        assert is_from_legacy(await await_run_events(services, run))
    assert await RunPath.objects.acount() == 1


async def test_the_run_ends_before_its_shadow(people: People, tmp_path: Path) -> None:
    await sync_to_async(add_rule)(SHADOW, percentage=100)
    async with working(environment(tmp_path, roster=f"{TEAM}.slow")) as (services, engine):
        run = await sync_to_async(start_run)(people.owner, tmp_path)
        engine.wake()
        events = await await_run_events(services, run)
        last = events[-1]
        assert (last.type, last.agent) == ("agent_completed", "supervisor")  # type: ignore[union-attr]
        assert not await ShadowResult.objects.aexists()
        await wait_for_shadows(1)
    result = await ShadowResult.objects.aget()
    assert (result.verdict, result.owner_id, result.run_id) == (ShadowVerdict.EQUAL, people.owner.id, run.id)
    assert result.modern_ms >= SLOW * 1000
    assert (result.at - last.at).total_seconds() >= SLOW


async def test_a_hanging_shadow_is_stopped_and_recorded(
    people: People, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shadow, "SHADOW_SECONDS", 0.5)
    await sync_to_async(add_rule)(SHADOW, percentage=100)
    await finish_runs(tmp_path, people.owner, roster="hanging", shadows=1)
    result = await ShadowResult.objects.aget()
    assert (result.verdict, result.error) == (ShadowVerdict.FAILED, "deadline")
    assert (await Run.objects.aget()).state == RunState.COMPLETED


async def test_a_stopping_process_cancels_its_shadows(people: People, tmp_path: Path) -> None:
    await sync_to_async(add_rule)(SHADOW, percentage=100)
    async with (
        asyncio.timeout(PATIENCE),
        working(environment(tmp_path, roster=f"{TEAM}.hanging")) as (services, engine),
    ):
        run = await sync_to_async(start_run)(people.owner, tmp_path)
        engine.wake()
        await await_run_events(services, run)
        while not await asyncio.to_thread(list_files, tmp_path / "scratch"):  # until it has started
            await asyncio.sleep(0.02)
    assert not await ShadowResult.objects.aexists()
    assert await asyncio.to_thread(list_files, tmp_path / "scratch") == []
    assert not [task for task in asyncio.all_tasks() if "Aftermath" in str(task.get_coro())]
