"""Users who ask again and again, each at moments of their own: `python -m benchmarks.users --every SECONDS`.

Each user asks once in every period, after the same part of it, which is random. An answer's time begins at the moment
when it should have been asked for, so that one that is late makes no later one look quicker."""

import asyncio
import random
import time
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass

from benchmarks.installation import BenchmarkServer, BenchmarkUser
from benchmarks.measurement import MEBI, percentile, read_resident_memory, read_tree_cpu_seconds
from benchmarks.page import QUIET_SECONDS, PageClient, find_errors, find_shared_runs

MINUTE = 60.0
PAGES_AT_ONCE = 20  # that connect at the same moment
SEED = 11


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedOnce:
    """When an answer was asked for, in seconds from the beginning, and how long it took."""

    at: float
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerMinute:
    """One minute of the server: cores that it and its child processes used on average, and its memory at the end."""

    cores: float
    memory: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RegularMeasurement:
    answers: Sequence[AskedOnce]
    minutes: Sequence[ServerMinute]
    wrong: Sequence[str]


async def measure_regularly(
    server: BenchmarkServer, people: Sequence[BenchmarkUser], asks: Sequence[str], *, every: float, minutes: int
) -> RegularMeasurement:
    async with AsyncExitStack() as open_pages:
        pages: list[PageClient] = []
        for first in range(0, len(people), PAGES_AT_ONCE):
            some = people[first : first + PAGES_AT_ONCE]
            pages += await asyncio.gather(*[open_pages.enter_async_context(PageClient(server, one)) for one in some])
        moments, started = random.Random(SEED), time.perf_counter()
        watching = asyncio.create_task(_watch_server(server.pid, minutes))
        asked = await asyncio.gather(
            *[
                _ask_regularly(page, asks, _Moments(started, moments.uniform(0, every), every, minutes * MINUTE))
                for page in pages
            ]
        )
        observed = await watching
        await asyncio.sleep(QUIET_SECONDS)
        wrong = [each for page in pages for each in find_errors(page)]
    return RegularMeasurement(
        answers=[answer for of_one in asked for answer in of_one],
        minutes=observed,
        wrong=wrong + find_shared_runs(pages),
    )


@dataclass(frozen=True, slots=True)
class _Moments:
    """When one user asks: first, and then after each period, for so many seconds from the start."""

    started: float
    first: float
    every: float
    seconds: float


async def _ask_regularly(page: PageClient, asks: Sequence[str], moments: _Moments) -> list[AskedOnce]:
    answers: list[AskedOnce] = []
    at = moments.first
    while at < moments.seconds:
        await asyncio.sleep(moments.started + at - time.perf_counter())
        run = await page.ask(asks[len(answers) % len(asks)])
        answers.append(AskedOnce(at=at, seconds=time.perf_counter() - moments.started - at))
        # Checked and forgotten at once: thousands of runs would fill the client's memory.
        page.wrong += run.find_errors()
        run.events.clear()
        run.is_checked = True
        at += moments.every
    return answers


async def _watch_server(pid: int, minutes: int) -> list[ServerMinute]:
    observed: list[ServerMinute] = []
    cpu, at = read_tree_cpu_seconds(pid), time.perf_counter()
    for _ in range(minutes):
        await asyncio.sleep(MINUTE)
        now, used = time.perf_counter(), read_tree_cpu_seconds(pid)
        observed.append(ServerMinute(cores=(used - cpu) / (now - at), memory=read_resident_memory(pid)))
        cpu, at = used, now
    return observed


def print_regular_report(measurement: RegularMeasurement) -> None:
    print("minute  answers   p50 (s)   p95 (s)   p99 (s)  server's cores  memory MiB")
    for number, minute in enumerate(measurement.minutes):
        begin = number * MINUTE
        took = [answer.seconds for answer in measurement.answers if begin <= answer.at < begin + MINUTE]
        print(f"{number + 1:6}  {_describe(took)}  {minute.cores:14.2f}  {minute.memory / MEBI:10.0f}")
    cores = sum(minute.cores for minute in measurement.minutes) / len(measurement.minutes)
    took = [answer.seconds for answer in measurement.answers]
    growth = measurement.minutes[-1].memory / measurement.minutes[0].memory
    print(f"   all  {_describe(took)}  {cores:14.2f}  {growth:5.2f} times", flush=True)
    for each in sorted(set(measurement.wrong))[:20]:
        print(f"        WRONG: {each}", flush=True)


def _describe(seconds: Sequence[float]) -> str:
    if not seconds:
        return f"{0:7}  {'':8}  {'':8}  {'':8}"
    shares = (percentile(seconds, share) for share in (0.5, 0.95, 0.99))
    return f"{len(seconds):7}  " + "  ".join(f"{each:8.2f}" for each in shares)
