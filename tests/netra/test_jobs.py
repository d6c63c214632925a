"""The kinds of jobs of an installation."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from asgiref.sync import sync_to_async

from agents.models import Run
from core.jobs.job import Job
from core.jobs.kinds import AbortSignal, Pool
from core.jobs.procrastinate_runner import to_cron
from core.models import Event
from netra import jobs
from netra.jobs import POOL_NAMES, PRUNE, running_jobs
from netra.services import running_services
from tests.agents.claimed_runs import queue_run
from tests.conftest import People
from tests.support.running_worker import environment

pytestmark = pytest.mark.django_db(transaction=True)


class IdleRunner:
    """It has pools, and runs nothing."""

    def __init__(self, pools: tuple[Pool, ...], *_: Any, **__: Any) -> None:
        self.pools = {pool.name: pool for pool in pools}

    async def __aenter__(self) -> "IdleRunner":
        return self

    async def __aexit__(self, *_: object) -> None:
        return None


async def open_pools(folder: Path, monkeypatch: pytest.MonkeyPatch, options: Any, **settings: Any) -> dict[str, Pool]:
    monkeypatch.setattr(jobs, "build_runner", IdleRunner)
    given = environment(folder, **settings)
    async with running_services(given) as services, running_jobs(given, services, **options) as runner:
        assert isinstance(runner, IdleRunner)
        return runner.pools


async def test_each_kind_is_in_one_pool_and_can_be_repeated(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pools = await open_pools(tmp_path, monkeypatch, {}, prune_days=30, engine_capacity=3, reading_threads=2)
    assert {name: pool.concurrency for name, pool in pools.items()} == {"runs": 3, "logs": 2, "upkeep": 1}
    kinds = [kind for pool in pools.values() for kind in pool.kinds]
    assert len({kind.name for kind in kinds}) == len(kinds)
    assert all(to_cron(kind.every) for kind in kinds if kind.every is not None)


async def test_a_worker_has_the_pools_that_it_is_given(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pools = await open_pools(tmp_path, monkeypatch, {"pools": ("logs",), "concurrency": 5})
    assert [(pool.name, pool.concurrency) for pool in pools.values()] == [("logs", 5)]
    assert set(pools) < set(POOL_NAMES)


async def test_nothing_is_pruned_by_itself_without_a_number_of_days(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pools = await open_pools(tmp_path, monkeypatch, {})
    assert PRUNE not in {kind.name for kind in pools["upkeep"].kinds}


async def test_pruning_removes_what_is_past_its_retention(
    people: People, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old, new = [await sync_to_async(queue_run)(user) for user in (people.owner, people.neighbour)]
    for run, days in ((old, 31), (new, 29)):
        await Run.objects.filter(id=run.id).aupdate(ended_at=datetime.now(UTC) - timedelta(days=days))
    pools = await open_pools(tmp_path, monkeypatch, {}, prune_days=30)
    (prune,) = (kind for kind in pools["upkeep"].kinds if kind.name == PRUNE)
    await prune.handle(Job(kind=PRUNE), AbortSignal())
    assert {event.run_id async for event in Event.objects.all()} == {new.id}
