"""Two users who look the same, with the same file names, at work at the same time in one process."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from asgiref.sync import sync_to_async

from agents.models import Run, RunState, Step
from core.concurrency.background import analysis_threads
from core.events import AgentCompleted, AgentError, ToolCompleted
from core.exceptions import NotFound, ScopeClosed
from core.models import Event, User
from tests.conftest import People
from tests.support.fakes import context
from tests.support.running_worker import (
    ask_about_log,
    await_run_events,
    environment,
    everything,
    log_file,
    place_log,
    working,
)
from workloads.analysis.analysis import Analysis
from workloads.analysis.calculator import open_analysis_in_child
from workloads.analysis.session import AnalysisSession
from workloads.models import Workload
from workloads.pricing.assumptions import Assumptions

pytestmark = pytest.mark.django_db(transaction=True)


def secret(user: User) -> str:
    return f"canary-{user.username}"


def start(user: User, folder: Path, data_dir: Path) -> Run:
    file = log_file(folder / user.username, feature=secret(user))
    return ask_about_log(user, place_log(user, file, data_dir), text=f"cut my spend, {secret(user)}")


async def test_each_user_gets_only_their_own_events(people: People, tmp_path: Path) -> None:
    users = (people.owner, people.neighbour)
    async with working(environment(tmp_path)) as (services, engine):
        runs = [await sync_to_async(start)(user, tmp_path / "logs", tmp_path) for user in users]
        engine.wake()
        await asyncio.gather(*[await_run_events(services, run) for run in runs])
    for user, other in (users, users[::-1]):
        everything_of_mine = await sync_to_async(belongings)(user)
        assert secret(user) in everything_of_mine
        assert secret(other) not in everything_of_mine
        assert str(other.id) not in everything_of_mine
    assert await sync_to_async(belongings)(people.stranger) == "[]"


def belongings(user: User) -> str:
    """All that the database and the disk hold in a user's name, as text."""
    rows: list[object] = [event.model_dump(mode="json") for event in everything(user.id)]
    rows += [[step.agent, step.output, step.messages] for step in Step.objects.for_user(user.id)]
    for workload in Workload.objects.for_user(user.id):
        rows.append([workload.name, workload.source])
    return json.dumps(rows)


async def test_events_are_complete_and_in_order(people: People, tmp_path: Path) -> None:
    async with working(environment(tmp_path)) as (services, engine):
        runs = [
            await sync_to_async(start)(user, tmp_path / "logs", tmp_path) for user in (people.owner, people.neighbour)
        ]
        engine.wake()
        told = await asyncio.gather(*[await_run_events(services, run) for run in runs])
    for run, events in zip(runs, told, strict=True):
        types = [event.type for event in events]
        assert types[:3] == ["run_queued", "agent_started", "agent_thinking"]
        assert {"tool_executing", "tool_completed", "agent_completed"} <= set(types)
        assert types[-1] == "agent_completed"
        last = events[-1]
        assert isinstance(last, AgentCompleted)
        assert last.answer is not None
        numbers = await sync_to_async(sequence)(run)
        assert numbers == list(range(1, len(numbers) + 1))
        assert (await Run.objects.aget(id=run.id)).state == RunState.COMPLETED


def sequence(run: Run) -> list[int]:
    return list(Event.objects.for_user(run.owner_id).order_by("seq").values_list("seq", flat=True))


async def test_one_users_error_does_not_reach_the_other(people: People, tmp_path: Path) -> None:
    async with working(environment(tmp_path)) as (services, engine):
        mine = await sync_to_async(start)(people.owner, tmp_path / "logs", tmp_path)
        broken = await sync_to_async(start)(people.neighbour, tmp_path / "logs", tmp_path)
        workload = await Workload.objects.for_user(people.neighbour.id).aget()
        await asyncio.to_thread(workload.get_path(tmp_path).write_bytes, b"not a database")
        engine.wake()
        fine, failed = await asyncio.gather(await_run_events(services, mine), await_run_events(services, broken))
    assert isinstance(fine[-1], AgentCompleted)
    assert all(event.outcome == "ok" for event in fine if isinstance(event, ToolCompleted))
    assert any(event.outcome == "failed" for event in failed if isinstance(event, ToolCompleted))


@pytest.mark.parametrize("who", ["neighbour", "stranger"])
async def test_a_log_opens_for_its_owner_only(people: People, tmp_path: Path, who: str) -> None:
    file = await asyncio.to_thread(log_file, tmp_path / "logs", feature="mine")
    workload = await sync_to_async(place_log)(people.owner, file, tmp_path)
    async with analysis_threads(1) as executor:

        def session(user: User) -> AnalysisSession:
            return AnalysisSession(
                context(user.id),
                workload_id=workload.id,
                assumptions=Assumptions(),
                executor=executor,
                data_dir=tmp_path,
                temp=tmp_path / user.username,
            )

        async with session(people.owner) as mine:
            assert (await mine.ask(lambda analysis: analysis.source.name)) == "usage.csv"
        with pytest.raises(ScopeClosed):
            await mine.ask(lambda analysis: analysis.source.name)
        async with session(getattr(people, who)) as theirs:
            with pytest.raises(NotFound):
                await theirs.ask(lambda analysis: analysis.source.name)


async def test_files_are_separate_and_scratch_is_removed(people: People, tmp_path: Path) -> None:
    users = (people.owner, people.neighbour)
    async with working(environment(tmp_path)) as (services, engine):
        runs = [await sync_to_async(start)(user, tmp_path / "logs", tmp_path) for user in users]
        engine.wake()
        told = await asyncio.gather(*[await_run_events(services, run) for run in runs])
    assert not any(isinstance(event, AgentError) for events in told for event in events)
    await asyncio.to_thread(check_files, users, tmp_path)


def check_files(users: tuple[User, ...], data_dir: Path) -> None:
    for user in users:
        folder = data_dir / "workloads" / str(user.id)
        assert sorted(path.suffix for path in folder.iterdir()) == [".answers", ".duckdb"]
        assert folder.stat().st_mode & 0o077 == 0
    assert list((data_dir / "scratch").iterdir()) == []


async def test_each_attempt_of_each_run_has_its_own_scratch(
    people: People, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A folder that two shared would be removed by the first to end, under the other's feet."""
    folders: list[Path] = []

    def open_and_record_folder(path: Path, temp: Path, assumptions: Assumptions, **options: Any) -> Analysis:
        folders.append(temp)
        return open_analysis_in_child(path, temp, assumptions, **options)

    monkeypatch.setattr("workloads.analysis.session.open_analysis_in_child", open_and_record_folder)
    runs = [await sync_to_async(start)(people.owner, tmp_path / "logs", tmp_path) for _ in range(3)]
    await Run.objects.filter(id=runs[2].id).aupdate(attempt=1)  # taken up once before, by a worker that was lost
    async with working(environment(tmp_path)) as (services, _):
        await asyncio.gather(*[await_run_events(services, run) for run in runs])
    assert len(set(folders)) == 3
    names = {f"{run.id}-{attempt}" for run, attempt in zip(runs, (1, 1, 2), strict=True)}
    assert {folder.name for folder in folders} == names
