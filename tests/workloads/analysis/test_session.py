"""One run's way to one log, over real files and threads."""

import asyncio
import gc
import json
import os
import signal
import subprocess
import time
from collections.abc import AsyncIterator, Callable
from concurrent.futures import Executor
from decimal import Decimal
from pathlib import Path
from threading import Event
from typing import IO, Any

import pytest
from asgiref.sync import sync_to_async

from core.concurrency.background import analysis_threads
from core.exceptions import BadInput, ScopeClosed
from core.models import User
from tests.conftest import People
from tests.support.fakes import context
from tests.support.patience import PATIENCE
from tests.support.running_worker import log_file, place_log
from tests.support.workloads.uploaded_logs import until
from workloads.analysis import calculator
from workloads.analysis.analysis import Analysis
from workloads.analysis.calculator import open_analysis_in_child
from workloads.analysis.session import AnalysisSession
from workloads.child_process import STOP_SIGNALS, start_child
from workloads.models import Workload
from workloads.pricing.assumptions import Assumptions

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
async def executor() -> AsyncIterator[Executor]:
    async with analysis_threads(2) as threads:
        yield threads


@pytest.fixture
async def log(people: People, tmp_path: Path) -> Workload:
    file = await asyncio.to_thread(log_file, tmp_path / "logs", feature="mine")
    workload: Workload = await sync_to_async(place_log)(people.owner, file, tmp_path)
    return workload


def session(
    user: User, log: Workload | None, executor: Executor, folder: Path, name: str = "temp", price: int | None = None
) -> AnalysisSession:
    """With a price, figures are asked for that nobody computed when the log was read."""
    given = None if price is None else Decimal(price)
    return AnalysisSession(
        context(user.id),
        workload_id=log.id if log else None,
        assumptions=Assumptions(price_in=given, price_out=given),
        executor=executor,
        data_dir=folder,
        temp=folder / name,
    )


def rows(analysis: Analysis) -> int:
    return analysis.profile().rows


def build_stopped_starter(children: list["subprocess.Popen[bytes]"]) -> Callable[..., "subprocess.Popen[bytes]"]:
    """A way to start a process that is stopped before it answers anything: what it is asked has no end."""

    def start_stopped(module: str, folder: Path, *, errors: IO[bytes]) -> "subprocess.Popen[bytes]":
        children.append(start_child(module, folder, errors=errors))
        children[-1].send_signal(signal.SIGSTOP)
        return children[-1]

    return start_stopped


async def test_a_cancelled_question_is_stopped_in_its_process_too(
    people: People, log: Workload, executor: Executor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    children: list[subprocess.Popen[bytes]] = []
    async with session(people.owner, log, executor, tmp_path, price=2) as mine:
        with monkeypatch.context() as patch:
            patch.setattr(calculator, "start_child", build_stopped_starter(children))
            asked = asyncio.create_task(mine.ask(rows))

            async def has_begun() -> bool:
                return bool(children)

            await until(has_begun)
            asked.cancel()
            with pytest.raises(asyncio.CancelledError):
                await asyncio.wait_for(asked, PATIENCE)
            assert {child.returncode for child in children} == {-signal.SIGKILL}  # gone, and its thread is free again
        assert await mine.ask(rows) == 20


async def test_who_is_cancelled_twice_leaves_no_error_behind(
    people: People,
    log: Workload,
    executor: Executor,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    begun, interrupted, let_go = Event(), Event(), Event()
    monkeypatch.setattr(Analysis, "interrupt", lambda _: interrupted.set())

    def fail(analysis: Analysis) -> None:
        begun.set()
        let_go.wait(PATIENCE)
        raise ValueError("nobody hears this")

    async with session(people.owner, log, executor, tmp_path) as mine:
        asked = asyncio.create_task(mine.ask(fail))
        for each in (begun, interrupted):
            assert await asyncio.to_thread(each.wait, PATIENCE)
            asked.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asked
        let_go.set()
    del asked
    gc.collect()  # what was raised and never looked at is logged then
    assert "never retrieved" not in caplog.text


async def test_a_process_that_left_for_being_idle_is_started_again(
    people: People, log: Workload, executor: Executor, tmp_path: Path
) -> None:
    async with session(people.owner, log, executor, tmp_path, price=2) as mine:
        assert await mine.ask(rows) == 20
        child = await mine.ask(process_of)
        await asyncio.to_thread(leave, child)
        assert (await mine.ask(lambda analysis: analysis.spend().priced_requests)) == 20
        assert await mine.ask(process_of) is not child
    assert child.returncode == 0


async def test_a_process_outlives_what_stops_the_service(
    people: People, log: Workload, executor: Executor, tmp_path: Path
) -> None:
    async with session(people.owner, log, executor, tmp_path, price=2) as mine:
        assert await mine.ask(rows) == 20
        child = await mine.ask(process_of)
        for number in STOP_SIGNALS:
            child.send_signal(number)
        assert (await mine.ask(lambda analysis: analysis.spend().priced_requests)) == 20
        assert await mine.ask(process_of) is child


async def test_what_is_stopped_just_after_its_answer_leaves_the_next_question_its_answer(
    people: People, log: Workload, executor: Executor, tmp_path: Path
) -> None:
    async with session(people.owner, log, executor, tmp_path, price=2) as mine:
        assert await mine.ask(rows) == 20
        await mine.ask(lambda analysis: analysis.interrupt())
        assert (await mine.ask(lambda analysis: analysis.spend().priced_requests)) == 20


def process_of(analysis: Analysis) -> "subprocess.Popen[bytes]":
    assert isinstance(analysis._store.calculator, calculator.Calculator)
    assert analysis._store.calculator._child is not None
    return analysis._store.calculator._child


def leave(child: "subprocess.Popen[bytes]") -> None:
    """As one that waited long enough does: it reads no more, and ends."""
    assert child.stdin is not None
    child.stdin.close()
    child.stdin = open(os.devnull, "wb", buffering=0)  # noqa: SIM115 - closed with the process
    child.wait(20)


async def test_a_log_is_opened_once_however_many_ask_at_once(
    people: People, log: Workload, executor: Executor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = []

    def slowly(path: Path, temp: Path, assumptions: Assumptions, **options: Any) -> Analysis:
        opened.append(path)
        time.sleep(0.1)
        return open_analysis_in_child(path, temp, assumptions, **options)

    monkeypatch.setattr("workloads.analysis.session.open_analysis_in_child", slowly)
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
        with pytest.raises(BadInput, match="Upload a log first"):
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
            async with asyncio.timeout(PATIENCE):
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


async def test_another_log_is_priced_by_the_operators_file_too(
    people: People, log: Workload, executor: Executor, tmp_path: Path
) -> None:
    file = tmp_path / "prices.json"
    prices = {"fresh_input": 1000, "output": 1000}
    entry = {"provider": "openai", "model": "gpt-4o", "prices": prices}
    await asyncio.to_thread(file.write_text, json.dumps({"date": "2026-05-01", "models": [entry]}))
    more = await asyncio.to_thread(log_file, tmp_path / "more", feature="other")
    other: Workload = await sync_to_async(place_log)(people.owner, more, tmp_path)
    opened = AnalysisSession(
        context(people.owner.id),
        workload_id=log.id,
        assumptions=Assumptions(),
        executor=executor,
        data_dir=tmp_path,
        temp=tmp_path / "temp",
        price_file=file,
    )
    async with opened as mine:
        totals = [await mine.ask_about(each, lambda analysis: analysis.spend().total) for each in (log.id, other.id)]
    assert totals == [Decimal("20.2"), Decimal("20.2")]
