"""All users ask at the same moment, again and again: `python -m benchmarks.users`. One asks alone first."""

import asyncio
import statistics
import time
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass

from benchmarks.installation import BenchmarkServer, BenchmarkUser
from benchmarks.measurement import MEBI, percentile, read_resident_memory
from benchmarks.page import QUIET_SECONDS, PageClient, find_errors, find_shared_runs

RUNS_ALONE = 10  # runs of one user alone


@dataclass(frozen=True, slots=True, kw_only=True)
class UsersMeasurement:
    """`alone` and `together` are seconds of each run, `events` is events per second while all users ran."""

    alone: Sequence[float]
    together: Sequence[float]
    events: float
    before: int
    after: int
    wrong: Sequence[str]


async def measure_users(server: BenchmarkServer, people: Sequence[BenchmarkUser], rounds: int) -> UsersMeasurement:
    async with AsyncExitStack() as open_pages:
        first = await open_pages.enter_async_context(PageClient(server, people[0]))
        alone = [(await first.ask()).seconds for _ in range(RUNS_ALONE + 2)][2:]  # the first two warm up
        before = read_resident_memory(server.pid)
        others = [await open_pages.enter_async_context(PageClient(server, person)) for person in people[1:]]
        pages = [first, *others]
        received, started = sum(page.received for page in pages), time.perf_counter()
        together = [each for _ in range(rounds) for each in await _ask_all_at_once(pages)]
        took = time.perf_counter() - started
        received = sum(page.received for page in pages) - received
        after = read_resident_memory(server.pid)
        await asyncio.sleep(QUIET_SECONDS)
        wrong = [each for page in pages for each in find_errors(page)]
    return UsersMeasurement(
        alone=alone,
        together=together,
        events=received / took,
        before=before,
        after=after,
        wrong=wrong + find_shared_runs(pages),
    )


async def _ask_all_at_once(pages: Sequence[PageClient]) -> list[float]:
    return [run.seconds for run in await asyncio.gather(*[page.ask() for page in pages])]


def print_report(log: str, measurement: UsersMeasurement, users: int) -> None:
    alone, p50, p95 = (
        statistics.median(measurement.alone),
        percentile(measurement.together, 0.5),
        percentile(measurement.together, 0.95),
    )
    per_user = (measurement.after - measurement.before) / MEBI / users
    print(
        f"{users:5}  {log:6}  {alone:9.2f}  {p50:8.2f}  {p95:8.2f}  {p50 / alone:5.1f}  {measurement.events:8.0f}"
        f"  {measurement.before / MEBI:10.0f}  {measurement.after / MEBI:9.0f}  {per_user:12.2f}",
        flush=True,
    )
    for each in sorted(set(measurement.wrong))[:20]:
        print(f"       WRONG: {each}", flush=True)
