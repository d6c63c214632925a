"""Many users at once on one real server: the time of a whole run, and the isolation of what each user receives.

For each number of users it makes a temporary installation where each user has a websocket and a log of their own whose
features hold a canary; one user asks alone first, then all at once. Checks that the ranges of frames chain without a
gap, events are in order, each run ends once, and nobody receives a run, user id or canary of another user. Prints the
times of a run from its start to its end as the page sees it, events per second, and the server's memory.
`python -m benchmarks.users [--users N ...] [--log small|sample] [--rounds N]`; exit status 1 if a check failed.

With `--every SECONDS [--minutes N]`, each asks once in every period instead, at a moment of their own
(benchmarks.regular_asking): the same checks, answers and processor time by minute, and whether memory grows."""

import argparse
import asyncio
import statistics
import sys
import time
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass

from benchmarks.installation import BenchmarkServer, BenchmarkUser, installation
from benchmarks.measurement import MEBI, percentile, read_resident_memory
from benchmarks.page import QUIET_SECONDS, PageClient, find_errors, find_shared_runs
from benchmarks.regular_asking import measure_regularly, print_regular_report

RUNS_ALONE = 10  # runs of one user alone
REGULAR_USERS = 1000
DEFAULT_CASES = (("sample", 10), ("small", 10), ("small", 100), ("small", 300))


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


def measure_bursts(planned: Sequence[tuple[str, int]], rounds: int) -> bool:
    """Let all users ask at once, several times. Return whether a check failed."""
    print("users  log     alone (s)   p50 (s)   p95 (s)  ratio  events/s  before MiB  after MiB  MiB per user")
    wrong = False
    for log, users in planned:
        with installation([log] * users) as (server, people):
            measurement = asyncio.run(measure_users(server, people, rounds))
        print_report(log, measurement, users)
        wrong = wrong or bool(measurement.wrong)
    return wrong


def measure_regular_asking(planned: Sequence[tuple[str, int]], every: float, minutes: int) -> bool:
    """Let all users ask once in every period. Return whether a check failed."""
    wrong = False
    for log, users in planned:
        print(f"{users} users, each asks every {every:g} s about a log of its own ({log})", flush=True)
        with installation([log] * users) as (server, people):
            measurement = asyncio.run(measure_regularly(server, people, every=every, minutes=minutes))
        print_regular_report(measurement)
        wrong = wrong or bool(measurement.wrong)
    return wrong


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--users", type=int, nargs="+")
    parser.add_argument("--log", choices=("small", "sample"), default="small")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--every", type=float)
    parser.add_argument("--minutes", type=int, default=5)
    options = parser.parse_args()
    planned = [(options.log, users) for users in options.users] if options.users else DEFAULT_CASES
    if options.every is not None:
        planned = planned if options.users else [(options.log, REGULAR_USERS)]
        sys.exit(measure_regular_asking(planned, options.every, options.minutes))
    sys.exit(measure_bursts(planned, options.rounds))


if __name__ == "__main__":
    main()
