"""The invoice that is stored with a log: read it from a file, save, find and delete it.

The file is untrusted, so it is read in a child process with hard limits, like a log (workloads.ingest.sandbox)."""

import json
import subprocess
import time
from collections.abc import Mapping
from dataclasses import asdict, replace
from pathlib import Path
from tempfile import TemporaryDirectory, TemporaryFile
from typing import Any
from uuid import UUID

from django.db import transaction

from core.db import as_user, retry_on_conflict
from core.exceptions import Defect, NotFound
from core.files import private_dir
from workloads.analysis.answers import MAX_BYTES, from_plain, to_plain
from workloads.child_process import (
    DEFAULT_LIMITS,
    POLL_SECONDS,
    ProcessLimits,
    build_timeout_error,
    check_scratch,
    error_from_json,
    explain_exit,
    fit_disk,
    fit_size,
    read_error_tail,
    start_child,
)
from workloads.exact_json import dump_exact, load_exact
from workloads.invoices.invoice import BilledCosts
from workloads.models import Invoice, Workload, clean_file_name
from workloads.storage import require_room

MAX_SECONDS = 60


def import_invoice(
    user_id: UUID,
    workload_id: UUID,
    path: Path,
    *,
    name: str,
    data_dir: Path,
    quota: int | None = None,
    limits: ProcessLimits = DEFAULT_LIMITS,
) -> Invoice:
    """Read the cost export at `path` and store it with the log, in place of an earlier one. Blocks.

    Raises NotFound for a log that the user does not have, BadInput for a file that is no cost export,
    StorageQuotaExceeded.
    """
    with as_user(user_id):
        workload: Workload = Workload.objects.get_for(user_id, workload_id)
    folder = workload.get_path(data_dir).parent
    private_dir(folder)
    read = read_invoice_in_child(path, name=clean_file_name(name), folder=folder, limits=limits)
    return store_invoice(user_id, workload_id, read, data_dir=data_dir, quota=quota)


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
        start_child("workloads.invoices.reading", Path(work), errors=errors) as child,
    ):
        fitted = fit_disk(fitted, folder, name)
        task = {"path": str(path.absolute()), "work": work, "name": name, "limits": asdict(fitted)}
        try:
            output = _await_output(child, task, Path(work), fitted, name)
        finally:
            child.kill()
        if child.returncode:
            raise explain_exit(child.returncode, read_error_tail(errors), name)
        return _parse_output(output)


def _await_output(
    child: "subprocess.Popen[bytes]", task: Mapping[str, Any], work: Path, limits: ProcessLimits, name: str
) -> bytes:
    """Return what the child wrote to stdout. Raises BadInput if it takes too long or too much of the disk."""
    until = time.monotonic() + limits.seconds
    pending: bytes | None = json.dumps(task).encode()
    while True:
        try:
            output, _ = child.communicate(pending, timeout=POLL_SECONDS)
        except subprocess.TimeoutExpired:
            pending = None
        else:
            return output
        if time.monotonic() > until:
            raise build_timeout_error(name)
        check_scratch(work, limits, name)


@retry_on_conflict
def store_invoice(user_id: UUID, workload_id: UUID, read: BilledCosts, *, data_dir: Path, quota: int | None) -> Invoice:
    """Store an invoice that was read, in place of an earlier one of the log."""
    content = dump_exact(to_plain(read))  # stored as text, so that amounts keep every digit
    with as_user(user_id), transaction.atomic():
        require_room(user_id, len(content), data_dir=data_dir, limit=quota)
        workload: Workload = Workload.objects.select_for_update().get_for(user_id, workload_id)
        Invoice.objects.for_user(user_id).filter(workload=workload).delete()
        invoice: Invoice = Invoice.objects.create(
            owner_id=user_id, workload=workload, name=read.name, size=len(content), content={"json": content}
        )
    return invoice


def find_invoice(user_id: UUID, workload_id: UUID) -> Invoice | None:
    """Return the row of the log's invoice; None if it has none. Raises NotFound if the user has no such log."""
    with as_user(user_id):
        workload: Workload = Workload.objects.get_for(user_id, workload_id)
        return Invoice.objects.for_user(user_id).filter(workload=workload).first()


def parse_stored_invoice(row: Invoice) -> BilledCosts:
    return from_plain(load_exact(row.content["json"]), BilledCosts)


@retry_on_conflict
def delete_invoice(user_id: UUID, workload_id: UUID) -> None:
    """Delete the log's invoice. Raises NotFound if the user has no such log, or the log no invoice."""
    with as_user(user_id), transaction.atomic():
        workload: Workload = Workload.objects.select_for_update().get_for(user_id, workload_id)
        deleted, _ = Invoice.objects.for_user(user_id).filter(workload=workload).delete()
        if not deleted:
            raise NotFound(Invoice.NOT_FOUND)


def _parse_output(output: bytes) -> BilledCosts:
    if len(output) > MAX_BYTES:
        raise Defect("an invoice is too long to be one")
    match data := load_exact(output):
        case {"invoice": plain}:
            return from_plain(plain, BilledCosts)
    raise error_from_json(data) or Defect("reading an invoice ended without an answer")
