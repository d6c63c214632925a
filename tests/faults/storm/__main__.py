"""`python -m tests.faults.storm --faults 300 --users 100`: faults while users ask, and how long recovery takes.

After each fault every question that was open must be answered, once. At the end, each user's whole stream is read anew
and must be the one that was received. Exit status 1 if anything was lost, doubled, foreign or out of order."""

import argparse
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.faults.storm.report import format_report
from tests.faults.storm.storm import StormOptions, run_storm


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--faults", type=int, default=300)
    parser.add_argument("--users", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    with TemporaryDirectory() as folder:
        result = run_storm(
            StormOptions(folder=Path(folder) / "scaled", faults=options.faults, users=options.users, seed=options.seed),
            print_line,
        )
    print_line(format_report(result))
    sys.exit(1 if result.wrong else 0)


def print_line(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
