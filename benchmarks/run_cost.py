"""The processor time of a run whose figures are kept: an answered question, and a full report.

Serves a temporary installation, in which users ask in a loop, each after the answer to the last question. Prints
milliseconds of processor time per run of the server's process, without what it takes while nobody asks, and how long
users waited.
`python -m benchmarks.run_cost [--profile embedded|scale-out] [--users N] [--runs N] [--log small|sample]
[--only question|report] [--first]`
With `--first`, each run is the first about its log since the server has started: its answers are on the disk, and
nothing of it is kept in the process. Every user has a log of their own, so `--runs` more users ask once each.
"""

import argparse
import asyncio
import time
from collections.abc import Awaitable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING

from benchmarks.measurement import percentile, read_cpu_seconds
from benchmarks.questions import KINDS
from benchmarks.stream.profiles import profile

if TYPE_CHECKING:
    from benchmarks.installation import BenchmarkServer, BenchmarkUser
    from benchmarks.page import PageClient

IDLE_SECONDS = 3.0


@dataclass(frozen=True, slots=True, kw_only=True)
class RunCost:
    """Milliseconds per run: of the server's processor time, and of waiting at the page."""

    server: float
    p50: float
    p95: float


async def measure_cost(
    server: "BenchmarkServer", people: "Sequence[BenchmarkUser]", asks: Sequence[str], runs: int
) -> RunCost:
    from benchmarks.page import PageClient  # noqa: PLC0415  # after the profile's environment

    async with AsyncExitStack() as open_pages:
        pages = [await open_pages.enter_async_context(PageClient(server, person)) for person in people]
        for ask in (*asks, *asks):  # the first time computes the figures
            await asyncio.gather(*[page.ask(ask) for page in pages])
        each = max(runs // len(pages), 1)
        return await _measure(server, pages, [_ask(page, asks, each) for page in pages])


async def measure_first_cost(
    server: "BenchmarkServer", people: "Sequence[BenchmarkUser]", asks: Sequence[str], users: int
) -> RunCost:
    """Let the first users ask until the process is warm, and then each of the others once, so many at a time."""
    from benchmarks.page import PageClient  # noqa: PLC0415  # after the profile's environment

    async with AsyncExitStack() as open_pages:
        pages: list[PageClient] = []
        for first in range(0, len(people), users):
            some = people[first : first + users]
            pages += await asyncio.gather(*[open_pages.enter_async_context(PageClient(server, one)) for one in some])
        for ask in (*asks, *asks):
            await asyncio.gather(*[page.ask(ask) for page in pages[:users]])
        others = [pages[number::users][1:] for number in range(users)]
        return await _measure(server, pages, [_ask_in_turn(some, asks) for some in others])


async def _measure(
    server: "BenchmarkServer", pages: "Sequence[PageClient]", asking: "Sequence[Awaitable[list[float]]]"
) -> RunCost:
    idle = await _measure_idle(server)
    cpu, started = read_cpu_seconds(server.pid), time.perf_counter()
    seconds = [took for some in await asyncio.gather(*asking) for took in some]
    cpu = read_cpu_seconds(server.pid) - cpu - idle * (time.perf_counter() - started)
    if wrong := [text for page in pages for text in page.wrong]:
        raise AssertionError(wrong[:5])
    return RunCost(
        server=cpu / len(seconds) * 1000,
        p50=percentile(seconds, 0.5) * 1000,
        p95=percentile(seconds, 0.95) * 1000,
    )


async def _measure_idle(server: "BenchmarkServer") -> float:
    """Return the processor seconds that the server takes each second while nobody asks."""
    before, started = read_cpu_seconds(server.pid), time.perf_counter()
    await asyncio.sleep(IDLE_SECONDS)
    return (read_cpu_seconds(server.pid) - before) / (time.perf_counter() - started)


async def _ask(page: "PageClient", asks: Sequence[str], runs: int) -> list[float]:
    return [(await page.ask(asks[number % len(asks)])).seconds for number in range(runs)]


async def _ask_in_turn(pages: "Sequence[PageClient]", asks: Sequence[str]) -> list[float]:
    return [(await page.ask(asks[number % len(asks)])).seconds for number, page in enumerate(pages)]


def run_benchmark(options: argparse.Namespace) -> None:
    from benchmarks.installation import installation  # noqa: PLC0415  # after the profile's environment

    print(f"{options.profile}, {options.users} users   server (ms)   p50 (ms)   p95 (ms)")
    kinds = [options.only] if options.only else list(KINDS)
    if options.first:
        for kind in kinds:
            with installation([options.log] * (options.users + options.runs)) as (server, people):
                _print_cost(kind, asyncio.run(measure_first_cost(server, people, KINDS[kind], options.users)))
        return
    with installation([options.log] * options.users) as (server, people):
        for kind in kinds:
            _print_cost(kind, asyncio.run(measure_cost(server, people, KINDS[kind], options.runs)))


def _print_cost(kind: str, cost: RunCost) -> None:
    print(f"{kind:18}  {cost.server:11.1f}   {cost.p50:8.0f}   {cost.p95:8.0f}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--profile", choices=("embedded", "scale-out"), default="embedded")
    parser.add_argument("--users", type=int, default=8)
    parser.add_argument("--runs", type=int, default=240)
    parser.add_argument("--log", choices=("small", "sample"), default="small")
    parser.add_argument("--only", choices=tuple(KINDS))
    parser.add_argument("--first", action="store_true")
    options = parser.parse_args()
    with profile(options.profile):
        run_benchmark(options)


if __name__ == "__main__":
    main()
