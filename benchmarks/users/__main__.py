"""Many users at once on one real server: the time of a whole run, and the isolation of what each user receives.

For each number of users it makes a temporary installation where each user has a websocket and a log of their own whose
features hold a canary; one user asks alone first, then all at once. Checks that the ranges of frames chain without a
gap, events are in order, each run ends once, and nobody receives a run, user id or canary of another user. Prints the
times of a run from its start to its end as the page sees it, events per second, and the server's memory.
`python -m benchmarks.users [--users N ...] [--log small|sample] [--rounds N]`; exit status 1 if a check failed.

With `--every SECONDS [--minutes N] [--kind report|question]`, each asks once in every period instead, at a moment of
their own: the same checks; answers, processor time and memory by minute."""

import argparse
import asyncio
import sys
from collections.abc import Sequence

from benchmarks.installation import installation
from benchmarks.questions import KINDS
from benchmarks.users.bursts import measure_users, print_report
from benchmarks.users.regular import measure_regularly, print_regular_report

REGULAR_USERS = 1000
DEFAULT_CASES = (("sample", 10), ("small", 10), ("small", 100), ("small", 300))


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


def measure_regular_asking(planned: Sequence[tuple[str, int]], every: float, minutes: int, asks: Sequence[str]) -> bool:
    """Let all users ask once in every period. Return whether a check failed."""
    wrong = False
    for log, users in planned:
        print(f"{users} users, each asks every {every:g} s about a log of its own ({log})", flush=True)
        with installation([log] * users) as (server, people):
            measurement = asyncio.run(measure_regularly(server, people, asks, every=every, minutes=minutes))
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
    parser.add_argument("--kind", choices=tuple(KINDS), default="report")
    options = parser.parse_args()
    planned = [(options.log, users) for users in options.users] if options.users else DEFAULT_CASES
    if options.every is not None:
        planned = planned if options.users else [(options.log, REGULAR_USERS)]
        sys.exit(measure_regular_asking(planned, options.every, options.minutes, KINDS[options.kind]))
    sys.exit(measure_bursts(planned, options.rounds))


if __name__ == "__main__":
    main()
