"""Read an invoice in a child process with hard limits, like a log (workloads.ingest.sandbox): the file is untrusted."""

import json
import subprocess
from dataclasses import asdict, replace
from pathlib import Path
from tempfile import TemporaryDirectory, TemporaryFile

from core.exceptions import Defect
from workloads.analysis.answers import MAX_BYTES, from_plain, load_answers
from workloads.child_process import (
    DEFAULT_LIMITS,
    ProcessLimits,
    build_timeout_error,
    error_from_json,
    explain_exit,
    fit_disk,
    fit_size,
    read_error_tail,
    start_child,
)
from workloads.invoices.invoice import BilledCosts

MAX_SECONDS = 60


def read_invoice_in_child(
    path: Path, *, name: str, folder: Path, limits: ProcessLimits = DEFAULT_LIMITS
) -> BilledCosts:
    """Return the invoice in the file at `path`, read in a child that works in a folder of its own in `folder`.

    Blocks. Raises BadInput for a file that is no cost export or takes too much, StorageFull if the disk is full.
    """
    size = path.stat().st_size if path.is_file() else 0
    fitted = replace(fit_size(limits, size), seconds=MAX_SECONDS)
    with (
        TemporaryDirectory(prefix="..invoice.", dir=folder) as work,
        TemporaryFile() as errors,
        start_child("workloads.invoices.sandbox_child", Path(work), errors=errors) as child,
    ):
        task = {
            "path": str(path.absolute()),
            "work": work,
            "name": name,
            "limits": asdict(fit_disk(fitted, folder, name)),
        }
        try:
            output, _ = child.communicate(json.dumps(task).encode(), timeout=fitted.seconds)
        except subprocess.TimeoutExpired as error:
            raise build_timeout_error(name) from error
        finally:
            child.kill()
        if child.returncode:
            raise explain_exit(child.returncode, read_error_tail(errors), name)
        return _parse_output(output)


def _parse_output(output: bytes) -> BilledCosts:
    if len(output) > MAX_BYTES:
        raise Defect("an invoice is too long to be one")
    match data := load_answers(output):
        case {"invoice": plain}:
            return from_plain(plain, BilledCosts)
    raise error_from_json(data) or Defect("reading an invoice ended without an answer")
