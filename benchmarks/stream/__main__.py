"""Delivery of events in three variants: `python -m benchmarks.stream [--profile embedded|scale-out] [--users N ...]
[--seconds S] [--idle N ...]`.

Raw and naive are served by daphne as it comes, Netra by its own server. The variants take turns, so that a slow moment
of the machine hits all. Prints
runs per second, p50/p95/p99 to the last event in ms, and Netra's ratios to both others; the memory of an idle socket; a
burst of a thousand events; the other users' p95 while one user's query takes 200 ms. Exit status 1 for a gap or another
user's event."""

import argparse
import asyncio
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import AsyncExitStack, contextmanager
from typing import Any

from benchmarks.measurement import percentile, read_cpu_seconds, read_resident_memory
from benchmarks.stream.profiles import StreamServer, profile, running_server

SLICES = 3
Servers = Mapping[str, StreamServer]  # by variant


@contextmanager
def running_servers() -> Iterator[Servers]:
    with running_server("plain") as plain, running_server("netra") as netra:
        yield {"raw": plain, "naive": plain, "netra": netra, "idle": netra}


async def compare_variants(servers: Servers, people: Any, users: int, seconds: float) -> list[str]:
    # After Django knows its settings.
    from benchmarks.stream.client import VARIANTS, open_clients, run_turns  # noqa: PLC0415

    took: dict[str, list[float]] = {variant: [] for variant in VARIANTS}
    spent, worked = dict.fromkeys(VARIANTS, 0.0), dict.fromkeys(VARIANTS, 0.0)
    wrong: list[str] = []
    async with AsyncExitStack() as stack:
        clients = {
            variant: await open_clients(stack, variant, servers[variant].port, people[:users]) for variant in VARIANTS
        }
        for variant in VARIANTS:
            await asyncio.gather(*[client.run_turn() for client in clients[variant]])  # warms up
        for _ in range(SLICES):
            for variant in VARIANTS:
                pid = servers[variant].pid
                began, before = time.perf_counter(), read_cpu_seconds(pid)
                until = began + seconds / SLICES
                await asyncio.gather(*[run_turns(client, until, took[variant]) for client in clients[variant]])
                spent[variant] += time.perf_counter() - began
                worked[variant] += read_cpu_seconds(pid) - before
        wrong = [each for client in clients["netra"] for each in client.wrong]
    rate = {variant: len(took[variant]) / spent[variant] for variant in VARIANTS}
    for variant in VARIANTS:
        p50, p95, p99 = (percentile(took[variant], share) * 1000 for share in (0.5, 0.95, 0.99))
        ratio = f"  {rate['netra'] / rate['naive']:6.1f}x naive  {rate['netra'] / rate['raw']:5.2f} of raw"
        each = worked[variant] / len(took[variant]) * 1e6
        line = f"{users:6}  {variant:6}  {rate[variant]:8.0f}  {p50:8.1f}  {p95:8.1f}  {p99:8.1f}  {each:9.0f}"
        print(line + (ratio if variant == "netra" else ""), flush=True)
    return wrong


async def measure_slow_query(servers: Servers, people: Any) -> list[str]:
    """The others' p95 while one user keeps the shared database thread busy for 200 ms, twice a second."""
    from benchmarks.stream.client import open_clients  # noqa: PLC0415

    for variant in ("naive", "netra"):
        async with AsyncExitStack() as stack:
            first, *others = await open_clients(stack, variant, servers[variant].port, people[:20])
            calm: list[float] = []
            busy: list[float] = []
            for found, slow in ((calm, False), (busy, True), (calm, False), (busy, True)):
                for _ in range(6):
                    if slow:
                        await first.send("slow")
                    until = time.perf_counter() + 0.5
                    while time.perf_counter() < until:
                        found.extend(await asyncio.gather(*[other.run_turn() for other in others]))
                        await asyncio.sleep(0.02)
            before, after = percentile(calm, 0.95) * 1000, percentile(busy, 0.95) * 1000
            line = (
                f"others beside a slow query  {variant:6}  p95 {before:.1f} -> {after:.1f} ms  ({after / before:.1f}x)"
            )
            print(line, flush=True)
    return []


async def measure_burst(server: StreamServer, people: Any) -> list[str]:
    from benchmarks.stream.client import open_clients  # noqa: PLC0415

    async with AsyncExitStack() as stack:
        (one,) = await open_clients(stack, "netra", server.port, people[:1])
        seconds = await one.run_turn("burst", 1_000)
        print(f"a burst of 1,000 events: all of them in {seconds:.2f} s", flush=True)
        return one.wrong


async def measure_idle_sockets(server: StreamServer, people: Any, sockets: int) -> list[str]:
    from benchmarks.stream.client import open_clients  # noqa: PLC0415

    async with AsyncExitStack() as stack:
        await open_clients(stack, "idle", server.port, people[:50])
        await asyncio.sleep(1)
        before = read_resident_memory(server.pid)
        wanted = [people[number % len(people)] for number in range(sockets)]
        await open_clients(stack, "idle", server.port, wanted)
        await asyncio.sleep(2)
        each = (read_resident_memory(server.pid) - before) / sockets / 1024
        print(f"{sockets:6} idle sockets: {each:.1f} KiB each", flush=True)
    return []


def run_benchmark(options: argparse.Namespace) -> list[str]:
    import django  # noqa: PLC0415  # after the profile is in the environment

    django.setup()
    from django.core.management import call_command  # noqa: PLC0415

    from benchmarks.stream.users import create_users  # noqa: PLC0415

    call_command("migrate", verbosity=0, interactive=False)
    people, wrong = create_users(max([1000, *options.users])), []
    print(f"{options.profile}\n users  variant       runs/s   p50 (ms)  p95 (ms)  p99 (ms)  CPU (us)", flush=True)
    for users in options.users:
        with running_servers() as servers:
            wrong += asyncio.run(compare_variants(servers, people, users, options.seconds))
    with running_servers() as servers:
        wrong += asyncio.run(measure_burst(servers["netra"], people))
        wrong += asyncio.run(measure_slow_query(servers, people))
    for sockets in options.idle:
        with running_server("netra") as server:
            wrong += asyncio.run(measure_idle_sockets(server, people, sockets))
    return wrong


def main() -> None:
    parser = argparse.ArgumentParser(prog="benchmarks.stream", description=__doc__)
    parser.add_argument("--profile", choices=("embedded", "scale-out"), default="embedded")
    parser.add_argument("--users", type=int, nargs="*", default=[10, 100, 500, 1000])
    parser.add_argument("--seconds", type=float, default=9.0, help="of each variant, in three slices")
    parser.add_argument("--idle", type=int, nargs="*", default=[1000, 5000])
    options = parser.parse_args()
    with profile(options.profile):
        wrong = run_benchmark(options)
    for each in sorted(set(wrong))[:20]:
        print(f"WRONG: {each}")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
