"""The child process of `workloads.analysis.calculator`: reads questions about one log and writes the answers, one JSON
line for each.

Run as `python -m workloads.analysis.calculator_child`. The first line is the task."""

import json
import os
import select
import sys
import traceback
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from workloads.analysis.analysis import Analysis
from workloads.analysis.answers import from_plain, to_plain
from workloads.analysis.opening import open_analysis
from workloads.child_process import apply_process_limits, error_to_json, tie_to_parent
from workloads.exact_json import dump_exact, load_exact
from workloads.invoices.invoice import BilledCosts
from workloads.pricing.assumptions import Assumptions
from workloads.pricing.price_file import parse_price_text

IDLE_SECONDS = 20.0
"""The process exits after this time without a question; the parent starts it again for the next one."""


def main() -> None:
    tie_to_parent()
    lines = read_lines(sys.stdin.fileno())
    task = load_exact(next(lines))
    apply_process_limits(task["limits"])
    analysis: Analysis | None = None
    for line in lines:
        try:
            analysis = analysis or open_task(task)
            result = {"answer": to_plain(analysis.answer(tuple(json.loads(line))))}
        except Exception as error:  # noqa: BLE001 - every error is reported, and the next question may succeed
            result = explain_error(error, task)
        sys.stdout.write(dump_exact(result) + "\n")
        sys.stdout.flush()


def open_task(task: Mapping[str, Any]) -> Analysis:
    assumptions = from_plain(task["assumptions"], Assumptions)
    now = datetime.fromisoformat(task["now"])
    scratch = task["limits"]["scratch"]
    invoice = None if task["invoice"] is None else from_plain(task["invoice"], BilledCosts)
    return open_analysis(
        Path(task["path"]),
        Path(task["temp"]),
        assumptions,
        now=now,
        scratch=scratch,
        invoice=invoice,
        price_file=None if task["price_file"] is None else parse_price_text(task["price_file"]),
    )


def explain_error(error: Exception, task: Mapping[str, Any]) -> dict[str, Any]:
    """Return the error as data for the parent: the user's, the disk's or, with its traceback, a bug of ours."""
    defect = {"error": "defect", "message": "".join(traceback.format_exception(error))[-4000:]}
    return error_to_json(error, task["limits"], task["name"]) or defect


def read_lines(descriptor: int) -> Iterator[bytes]:
    """Yield lines as they arrive, until the end or until none arrives for IDLE_SECONDS."""
    rest = b""
    while select.select([descriptor], [], [], IDLE_SECONDS)[0]:
        chunk = os.read(descriptor, 1 << 16)
        if not chunk:
            return
        *whole, rest = (rest + chunk).split(b"\n")
        yield from whole


if __name__ == "__main__":
    main()
