"""One run's way to one log, over real files and threads."""

import asyncio
import time
from collections.abc import AsyncIterator
from concurrent.futures import Executor
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from asgiref.sync import sync_to_async

from netra.core.exceptions import BadInput, ScopeClosed
from netra.core.models import User
from netra.wiring import analysis_threads
from tests.conftest import People
from tests.houses import brought, log_file
from tests.told import context
from workloads.analysis import Analysis, open_analysis
from workloads.models import Workload
from workloads.prices import Assumptions
from workloads.session import AnalysisSession

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
async def executor() -> AsyncIterator[Executor]:
    async with analysis_threads(2) as threads:
        yield threads


@pytest.fixture
async def log(people: People, tmp_path: Path) -> Workload:
    file = await asyncio.to_thread(log_file, tmp_path / "logs", feature="mine")
    workload: Workload = await sync_to_async(brought)(people.owner, file, tmp_path)
    return workload


def session(user: User, log: Workload | None, executor: Executor, folder: Path, name: str = "temp") -> AnalysisSession:
    return AnalysisSession(
        context(user.id),
        workload_id=log.id if log else None,
        assumptions=Assumptions(),
        executor=executor,
        data_dir=folder,
        temp=folder / name,
    )


def rows(analysis: Analysis) -> int:
    return analysis.profile().rows


@dataclass(slots=True)
class Endless:
    """A question without end, which the test can end where the session does not."""

    begun: Event = field(default_factory=Event)
    over: Event = field(default_factory=Event)
    asked_of: list[Analysis] = field(default_factory=list)

    def __call__(self, analysis: Analysis) -> None:
        self.asked_of.append(analysis)
        self.begun.set()
        try:
            analysis._ledger.all("SELECT sum(a.range * b.range) FROM range(10000000) a, range(10000000) b")
        finally:
            self.over.set()

    def end(self) -> None:
        while not self.over.wait(0.05):
            self.asked_of[0].interrupt()


async def test_a_cancelled_question_is_stopped_in_the_database_too(
    people: People, log: Workload, executor: Executor, tmp_path: Path
) -> None:
    endless = Endless()
    async with session(people.owner, log, executor, tmp_path) as mine:
        asked = asyncio.create_task(mine.ask(endless))
        assert await asyncio.to_thread(endless.begun.wait, 10)
        asked.cancel()
        try:
            with pytest.raises(asyncio.CancelledError):
                await asyncio.wait_for(asyncio.shield(asked), 5)
            assert endless.over.is_set()  # its thread is free again
        finally:
            await asyncio.to_thread(endless.end)
        assert await mine.ask(rows) == 20


async def test_a_log_is_opened_once_however_many_ask_at_once(
    people: People, log: Workload, executor: Executor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = []

    def slowly(path: Path, temp: Path, assumptions: Assumptions, **options: Any) -> Analysis:
        opened.append(path)
        time.sleep(0.1)
        return open_analysis(path, temp, assumptions, **options)

    monkeypatch.setattr("workloads.session.open_analysis", slowly)
    async with session(people.owner, log, executor, tmp_path) as mine:
        assert await asyncio.gather(*[mine.ask(rows) for _ in range(4)]) == [20] * 4
    assert len(opened) == 1


async def test_one_session_that_ends_leaves_the_others_their_scratch(
    people: People, log: Workload, executor: Executor, tmp_path: Path
) -> None:
    async with session(people.owner, log, executor, tmp_path, "two") as two:
        async with session(people.owner, log, executor, tmp_path, "one") as one:
            assert await one.ask(rows) == await two.ask(rows) == 20
        assert await asyncio.to_thread((tmp_path / "two").is_dir)
        assert not await asyncio.to_thread((tmp_path / "one").exists)
    assert not await asyncio.to_thread((tmp_path / "two").exists)


async def test_a_question_after_the_end_is_refused_and_opens_nothing(
    people: People, log: Workload, executor: Executor, tmp_path: Path
) -> None:
    async with session(people.owner, log, executor, tmp_path) as mine:
        pass
    with pytest.raises(ScopeClosed):
        await mine.ask(rows)
    assert not await asyncio.to_thread((tmp_path / "temp").exists)


async def test_without_a_log_it_says_so(people: People, executor: Executor, tmp_path: Path) -> None:
    async with session(people.owner, None, executor, tmp_path) as mine:
        with pytest.raises(BadInput, match="bring one"):
            await mine.ask(rows)


async def test_a_cancelled_question_that_waits_for_a_thread_is_never_asked(
    people: People, log: Workload, tmp_path: Path
) -> None:
    hold, asked = Event(), Event()
    async with analysis_threads(1) as one, session(people.owner, log, one, tmp_path) as mine:
        one.submit(hold.wait)
        question = asyncio.ensure_future(mine.ask(lambda analysis: asked.set()))
        await asyncio.sleep(0.05)
        question.cancel()
        try:
            async with asyncio.timeout(2):
                with pytest.raises(asyncio.CancelledError):
                    await question
        finally:
            hold.set()
        assert await mine.ask(rows) == 20
    assert not asked.is_set()


async def test_scratch_is_closed_to_others_on_the_machine(
    people: People, log: Workload, executor: Executor, tmp_path: Path
) -> None:
    async with session(people.owner, log, executor, tmp_path / "data", "scratch/mine") as mine:
        with pytest.raises(BadInput):
            await mine.ask(rows)  # no log lies there; the folders are made all the same
        for folder in ("scratch", "scratch/mine"):
            status = await asyncio.to_thread((tmp_path / "data" / folder).stat)
            assert status.st_mode & 0o077 == 0
