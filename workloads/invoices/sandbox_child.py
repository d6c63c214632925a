"""The child process of `workloads.invoices.storage`: reads one invoice and writes it to stdout as JSON.

Run as `python -m workloads.invoices.sandbox_child`."""

import json
import sys
from pathlib import Path
from typing import Any

from workloads.analysis.answers import dump_answers, to_plain
from workloads.child_process import apply_process_limits, end_with_parent, error_to_json
from workloads.invoices.reading import read_invoice


def main() -> None:
    """Do one task from stdin. An error that is neither the user's nor the disk's ends as a traceback."""
    end_with_parent()
    task = json.loads(sys.stdin.buffer.read())
    apply_process_limits(task["limits"])
    sys.stdout.write(dump_answers(_read(task)))


def _read(task: dict[str, Any]) -> dict[str, Any]:
    try:
        invoice = read_invoice(Path(task["path"]), name=task["name"], work=Path(task["work"]))
    except Exception as error:
        if (data := error_to_json(error, task["limits"], task["name"])) is None:
            raise
        return data
    return {"invoice": to_plain(invoice)}


if __name__ == "__main__":
    main()
