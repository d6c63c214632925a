"""The child's side of `workloads.calculator`: questions about one log, a line of JSON each, and their answers.

Run as `python -m workloads.calculation`. The first line is the task.
"""

import json
import os
import select
import sys
import traceback
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from workloads.analysis import Analysis, open_analysis
from workloads.answers import dump, load, plain, revive
from workloads.childerrors import describe_error
from workloads.childlimits import confine, end_with_parent
from workloads.prices import Assumptions

IDLE = 20.0
"""Seconds without a question after which the process leaves: it is started again when there is one."""


def main() -> None:
    end_with_parent()
    lines = read_lines(sys.stdin.fileno())
    task = load(next(lines))
    confine(task["limits"])
    analysis: Analysis | None = None
    for line in lines:
        try:
            analysis = analysis or opened(task)
            said = {"answer": plain(analysis.answer(tuple(json.loads(line))))}
        except Exception as error:  # noqa: BLE001 - whatever it is, it is told, and the next question may be answered
            said = explained(error, task)
        sys.stdout.write(dump(said) + "\n")
        sys.stdout.flush()


def opened(task: Mapping[str, Any]) -> Analysis:
    assumptions = revive(task["assumptions"], Assumptions)
    now = datetime.fromisoformat(task["now"])
    scratch = task["limits"]["scratch"]
    return open_analysis(Path(task["path"]), Path(task["temp"]), assumptions, now=now, scratch=scratch)


def explained(error: Exception, task: Mapping[str, Any]) -> dict[str, Any]:
    """An error as the parent raises it again: the user's, the disk's or, with its traceback, ours."""
    defect = {"error": "defect", "message": "".join(traceback.format_exception(error))[-4000:]}
    return describe_error(error, task["limits"], task["name"]) or defect


def read_lines(descriptor: int) -> Iterator[bytes]:
    """Lines as they come, until there are no more or none comes for IDLE seconds."""
    rest = b""
    while select.select([descriptor], [], [], IDLE)[0]:
        got = os.read(descriptor, 1 << 16)
        if not got:
            return
        *whole, rest = (rest + got).split(b"\n")
        yield from whole


if __name__ == "__main__":
    main()
