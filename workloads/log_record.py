"""A log's row and that of its invoice, as an analysis session needs them."""

from dataclasses import dataclass
from uuid import UUID

from django.db import connection

from core.db import as_user, to_uuid_param
from workloads.models import Invoice, Workload


@dataclass(frozen=True, slots=True)
class LogRecord:
    """A log's row, and that of its invoice."""

    workload: Workload
    invoice: Invoice | None


LOG_COLUMNS = ("id", "owner_id", "name", "size", "state", "error", "imported")
"""Without what was found in the log, which takes longer to parse than to read."""


def find_log(user_id: UUID, workload_id: UUID) -> LogRecord:
    """Return a user's log. Raises NotFound."""
    with as_user(user_id):
        workload: Workload = Workload.objects.only(*LOG_COLUMNS).get_for(user_id, workload_id)
        invoices = Invoice.objects.for_user(user_id).filter(workload=workload)
        return LogRecord(workload, invoices.first() if _has_invoice(workload) else None)


def _has_invoice(workload: Workload) -> bool:
    """Plain SQL, as it is asked for each run, and few logs have an invoice."""
    parameters = [to_uuid_param(workload.id), to_uuid_param(workload.owner_id)]
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT 1 FROM {Invoice._meta.db_table} WHERE workload_id = %s AND owner_id = %s", parameters)
        return cursor.fetchone() is not None
