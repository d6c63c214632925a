"""`python -m tests.faults.storm --faults 300 --users 100`: faults while users ask, and how long recovery takes.

After each fault every question that was open must be answered, once. At the end, each user's whole stream is read anew
and must be the one that was received. Exit status 1 if anything was lost, doubled, foreign or out of order.

A storm can be cut into parts with seeds of their own: `--save one.json`, `--save two.json`, and then `--add one.json
two.json` prints the figures of all."""

import argparse
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.faults.storm.faults import FAULTS
from tests.faults.storm.report import add_results, format_report, load_result, save_result
from tests.faults.storm.storm import StormOptions, run_storm


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--faults", type=int, default=300)
    parser.add_argument("--users", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--kinds", nargs="+", default=list(FAULTS), choices=list(FAULTS), metavar="KIND")
    parser.add_argument("--save", type=Path, metavar="FILE", help="write the figures to a file, too")
    parser.add_argument("--log", type=Path, metavar="FILE", help="write what all processes print to a file")
    parser.add_argument("--add", type=Path, nargs="+", metavar="FILE", help="only print the figures of these files")
    options = parser.parse_args()
    if options.add:
        result = add_results(map(load_result, options.add))
    else:
        with TemporaryDirectory() as folder:
            result = run_storm(
                StormOptions(
                    folder=Path(folder) / "scaled",
                    faults=options.faults,
                    users=options.users,
                    seed=options.seed,
                    kinds=tuple(options.kinds),
                    log=options.log,
                ),
                print_line,
            )
    if options.save:
        save_result(result, options.save)
    print_line(format_report(result))
    sys.exit(1 if result.is_bad else 0)


def print_line(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
