"""The effect of noisy users on a quiet one, on one real server: the times of the quiet user's runs and handshakes.

The quiet user opens a socket and asks, again and again; stretches alone and stretches under load take turns, so that
a slow moment of the machine hits both. Under load each noisy user keeps 40 REST requests at the server. Prints p50 and
p95 of a handshake (to its `welcome`) and of a run (to its end), alone and under load, and their ratios.
`python -m benchmarks.neighbours [--profile embedded|scale-out] [--noisy N] [--each N] [--rounds N]`; exit status 1 if a
median under load is more than three times its calm one, or anything was wrong."""

import argparse
import asyncio
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from benchmarks.measurement import percentile
from benchmarks.stream.profiles import profile

REPEATS = 3
SETTLE_SECONDS = 1.0  # seconds until a load has begun, or is over
MAX_RATIO = 3.0


async def measure_quiet_user(
    server: Any, user: Any, rounds: int, handshakes: list[float], runs: list[float]
) -> list[str]:
    from benchmarks.page import PageClient  # noqa: PLC0415  # after the profile's environment

    wrong: list[str] = []
    for _ in range(rounds):
        began = time.perf_counter()
        async with PageClient(server, user) as page:
            handshakes.append(time.perf_counter() - began)
            runs.append((await page.ask()).seconds)
        wrong += page.wrong
    return wrong


@contextmanager
def request_load(server: Any, users: Sequence[Any], each: int) -> Iterator[None]:
    tokens = (user.token for user in users)
    command = [sys.executable, "-m", "benchmarks.request_load", str(server.port), str(each), *tokens]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        time.sleep(SETTLE_SECONDS)
        try:
            yield
        finally:
            output, _ = process.communicate()
            print(f"  answers under load (by status, 0: connection lost): {output.strip()}", flush=True)
    time.sleep(SETTLE_SECONDS)


def run_benchmark(options: argparse.Namespace) -> bool:
    from benchmarks.installation import installation  # noqa: PLC0415

    calm: dict[str, list[float]] = {"handshake": [], "run": []}
    beside: dict[str, list[float]] = {"handshake": [], "run": []}
    logs = ["small"] * (1 + options.noisy)
    more = dict(each.split("=", 1) for each in options.setting)
    # Without the bound by the minute, which would refuse most of the load before it costs anything.
    with installation(logs, NETRA_REQUESTS_PER_MINUTE="0", **more) as (server, (quiet, *noisy)):
        wrong = asyncio.run(measure_quiet_user(server, quiet, 3, [], []))  # warms up
        for _ in range(REPEATS):
            wrong += asyncio.run(measure_quiet_user(server, quiet, options.rounds, calm["handshake"], calm["run"]))
            with request_load(server, noisy, options.each):
                wrong += asyncio.run(
                    measure_quiet_user(server, quiet, options.rounds, beside["handshake"], beside["run"])
                )
    within = True
    print("           calm p50   p95 (ms)   load  p50   p95 (ms)   ratio p50   p95")
    for what, values in calm.items():
        before = [percentile(values, share) * 1000 for share in (0.5, 0.95)]
        after = [percentile(beside[what], share) * 1000 for share in (0.5, 0.95)]
        ratios = [b / a for a, b in zip(before, after, strict=True)]
        within = within and ratios[0] <= MAX_RATIO
        print(
            f"{what:9}  {before[0]:8.1f}  {before[1]:9.1f}  {after[0]:10.1f}  {after[1]:9.1f}"
            f"  {ratios[0]:10.1f}  {ratios[1]:4.1f}",
            flush=True,
        )
    for each in sorted(set(wrong))[:20]:
        print(f"  WRONG: {each}", flush=True)
    return within and not wrong


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--profile", choices=("embedded", "scale-out"), default="embedded")
    parser.add_argument("--noisy", type=int, default=3)
    parser.add_argument("--each", type=int, default=40)
    parser.add_argument("--rounds", type=int, default=8)
    parser.add_argument("--setting", action="append", default=[], help="NAME=VALUE of the server's environment")
    options = parser.parse_args()
    print(f"{options.profile}: one quiet user beside {options.noisy} with {options.each} requests each", flush=True)
    with profile(options.profile):
        passed = run_benchmark(options)
    sys.exit(0 if passed else 1)


if __name__ == "__main__":
    main()
