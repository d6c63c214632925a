"""The invoice that is stored with a log: save, find and delete it."""

from pathlib import Path
from uuid import UUID

from django.db import transaction

from core.db import as_user, retry_on_conflict
from core.exceptions import NotFound
from core.files import private_dir
from workloads.analysis.answers import dump_answers, from_plain, load_answers, to_plain
from workloads.child_process import DEFAULT_LIMITS, ProcessLimits
from workloads.invoices import invoice as domain
from workloads.invoices.sandbox import read_invoice_in_child
from workloads.models import Invoice, Workload, clean_file_name
from workloads.storage import require_room


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


@retry_on_conflict
def store_invoice(
    user_id: UUID, workload_id: UUID, read: domain.BilledCosts, *, data_dir: Path, quota: int | None
) -> Invoice:
    """Store an invoice that was read, in place of an earlier one of the log."""
    content = dump_answers(to_plain(read))
    with as_user(user_id), transaction.atomic():
        require_room(user_id, len(content), data_dir=data_dir, limit=quota)
        workload: Workload = Workload.objects.select_for_update().get_for(user_id, workload_id)
        Invoice.objects.for_user(user_id).filter(workload=workload).delete()
        invoice: Invoice = Invoice.objects.create(
            owner_id=user_id, workload=workload, name=read.name, size=len(content), content=_to_stored(content)
        )
    return invoice


def find_invoice(user_id: UUID, workload_id: UUID) -> Invoice | None:
    """Return the row of the log's invoice; None if it has none. Raises NotFound if the user has no such log."""
    with as_user(user_id):
        workload: Workload = Workload.objects.get_for(user_id, workload_id)
        return Invoice.objects.for_user(user_id).filter(workload=workload).first()


def parse_stored_invoice(row: Invoice) -> domain.BilledCosts:
    return from_plain(load_answers(row.content["json"]), domain.BilledCosts)


@retry_on_conflict
def delete_invoice(user_id: UUID, workload_id: UUID) -> None:
    """Delete the log's invoice. Raises NotFound if the user has no such log, or the log no invoice."""
    with as_user(user_id), transaction.atomic():
        workload: Workload = Workload.objects.select_for_update().get_for(user_id, workload_id)
        deleted, _ = Invoice.objects.for_user(user_id).filter(workload=workload).delete()
        if not deleted:
            raise NotFound(Invoice.NOT_FOUND)


def _to_stored(content: str) -> dict[str, str]:
    """Return the content as the column holds it: as text, so that amounts keep every digit."""
    return {"json": content}
