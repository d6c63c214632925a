"""The cost of permission, budget, quota, validation and audit per call: a tool called through Netra's dispatcher,
against the bare function, both by the same pydantic-ai agent with the same scripted model.

The variants take turns in one process. Prints medians of the time of a call and their ratio. "undecided" is the
dispatcher with everything but the decision: what permission, budget and quota add is the rest.
`python -m benchmarks.dispatch [--profile embedded|scale-out] [--rounds N]`"""

import argparse
import asyncio
import statistics
import time
from collections.abc import Awaitable, Callable, Mapping

from benchmarks.stream.profiles import profile

CALLS = 5  # of a run
Work = Callable[[], Awaitable[object]]


async def measure_calls(work: list[Work]) -> list[float]:
    """Of each call of each piece of work, all begun at once."""

    async def one(piece: Work) -> float:
        start = time.perf_counter()
        await piece()
        return (time.perf_counter() - start) / CALLS

    return list(await asyncio.gather(*[one(piece) for piece in work]))


async def compare_variants(users: int, rounds: int) -> Mapping[str, float]:
    """Median milliseconds of a call, by way."""
    from benchmarks.dispatch_variants import open_variants  # noqa: PLC0415  # after the profile's environment

    found: dict[str, list[float]] = {}
    async with open_variants(users) as each:
        for round_ in range(rounds + 1):
            for name, work in each.items():
                took = await measure_calls(await work())
                if round_:  # the first warms up
                    found.setdefault(name, []).extend(took)
    return {name: statistics.median(took) * 1000 for name, took in found.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--profile", choices=("embedded", "scale-out"), default="embedded")
    parser.add_argument("--rounds", type=int, default=20)
    options = parser.parse_args()
    with profile(options.profile):
        import django  # noqa: PLC0415

        django.setup()
        from django.core.management import call_command  # noqa: PLC0415

        call_command("migrate", verbosity=0, interactive=False)
        print(f"{options.profile}: ms of a call, and times the bare one")
        for users in (1, 10, 100):
            found = asyncio.run(compare_variants(users, options.rounds if users < 100 else 3))
            print(
                f"{users:5} users  "
                + "  ".join(f"{name} {ms:7.3f} ({ms / found['bare']:.1f}x)" for name, ms in found.items())
            )


if __name__ == "__main__":
    main()
