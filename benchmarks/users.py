"""Many users at once on one real server: how long a whole run takes, and that nobody gets anything of another.

For each number of users: a temporary installation, everybody with a log of their own whose features hold a canary, a
websocket each; one user alone first, then everybody at once. Checked: the ranges of frames chain without a gap, events
are in order, one end per run, no run, user id or canary of another. Prints the times of a run from its start to its end
as the page sees it, events per second, and the server's memory. `python -m benchmarks.users [--users N ...]
[--log small|sample] [--rounds N]`; exit status 1 if anything checked was wrong.
"""

import argparse
import asyncio
import statistics
import sys
import time
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass

from benchmarks.installation import Person, Server, installation
from benchmarks.memory import MEBI, resident
from benchmarks.order import misorder
from benchmarks.page import Page
from benchmarks.percentiles import percentile

ALONE = 10  # runs of one user alone
QUIET = 1.0  # seconds in which nothing may follow
PLANNED = (("sample", 10), ("small", 10), ("small", 100), ("small", 300))


@dataclass(frozen=True, slots=True, kw_only=True)
class Wave:
    """`alone` and `together`: seconds of each run. `events`: per second, while everybody ran."""

    alone: Sequence[float]
    together: Sequence[float]
    events: float
    before: int
    after: int
    wrong: Sequence[str]


async def measure(server: Server, people: Sequence[Person], rounds: int) -> Wave:
    async with AsyncExitStack() as open_pages:
        first = await open_pages.enter_async_context(Page(server, people[0]))
        alone = [(await first.ask()).seconds for _ in range(ALONE + 2)][2:]  # the first two warm up
        before = resident(server.pid)
        others = [await open_pages.enter_async_context(Page(server, person)) for person in people[1:]]
        pages = [first, *others]
        received, started = sum(page.received for page in pages), time.perf_counter()
        together = [each for _ in range(rounds) for each in await _all_at_once(pages)]
        took = time.perf_counter() - started
        received = sum(page.received for page in pages) - received
        after = resident(server.pid)
        await asyncio.sleep(QUIET)
        wrong = [each for page in pages for each in _wrong(page)]
    return Wave(
        alone=alone, together=together, events=received / took, before=before, after=after, wrong=wrong + _shared(pages)
    )


async def _all_at_once(pages: Sequence[Page]) -> list[float]:
    return [told.seconds for told in await asyncio.gather(*[page.ask() for page in pages])]


def _wrong(page: Page) -> list[str]:
    wrong = [*page.wrong, *(each for told in page.runs.values() for each in misorder(told.events))]
    if not page.canaries:
        wrong.append(f"{page.person.canary} never seen: its absence elsewhere says nothing")
    return wrong


def _shared(pages: Sequence[Page]) -> list[str]:
    runs = [run for page in pages for run in page.runs]
    return [] if len(runs) == len(set(runs)) else ["a run was told to two users"]


def report(log: str, wave: Wave, users: int) -> None:
    alone, p50, p95 = statistics.median(wave.alone), percentile(wave.together, 0.5), percentile(wave.together, 0.95)
    print(
        f"{users:5}  {log:6}  {alone:9.2f}  {p50:8.2f}  {p95:8.2f}  {p50 / alone:5.1f}  {wave.events:8.0f}"
        f"  {wave.before / MEBI:10.0f}  {wave.after / MEBI:9.0f}  {(wave.after - wave.before) / MEBI / users:12.2f}",
        flush=True,
    )
    for each in sorted(set(wave.wrong))[:20]:
        print(f"       WRONG: {each}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--users", type=int, nargs="+")
    parser.add_argument("--log", choices=("small", "sample"), default="small")
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    planned = [(options.log, users) for users in options.users] if options.users else PLANNED
    print("users  log     alone (s)   p50 (s)   p95 (s)  ratio  events/s  before MiB  after MiB  MiB per user")
    wrong = False
    for log, users in planned:
        with installation([log] * users) as (server, people):
            wave = asyncio.run(measure(server, people, options.rounds))
        report(log, wave, users)
        wrong = wrong or bool(wave.wrong)
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
