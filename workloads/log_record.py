"""A log's row and that of its invoice, as an analysis session needs them."""

from dataclasses import dataclass
from uuid import UUID

from core.db import as_user, to_uuid_param
from core.exceptions import NotFound
from workloads.models import Invoice, Workload


@dataclass(frozen=True, slots=True)
class LogRecord:
    """A log's row, and that of its invoice."""

    workload: Workload
    invoice: Invoice | None


LOG_COLUMNS = ("id", "owner_id", "name", "size", "state", "error", "imported", "attempt")
"""Without what was found in the log, which takes longer to parse than to read."""


def find_log(user_id: UUID, workload_id: UUID) -> LogRecord:
    """Return a user's log. Raises NotFound."""
    with as_user(user_id):
        # Plain SQL, as it is executed for each run; few logs have an invoice.
        found = Workload.objects.raw(
            f"SELECT {', '.join(LOG_COLUMNS)}, EXISTS (SELECT 1 FROM {Invoice._meta.db_table} i "
            f"WHERE i.workload_id = w.id AND i.owner_id = w.owner_id) AS has_invoice "
            f"FROM {Workload._meta.db_table} w WHERE w.id = %s AND w.owner_id = %s",
            [to_uuid_param(workload_id), to_uuid_param(user_id)],
        )
        workload = next(iter(found), None)
        if workload is None:
            raise NotFound(Workload.NOT_FOUND)
        if not vars(workload)["has_invoice"]:  # composing a query that nobody executes takes half a millisecond
            return LogRecord(workload, None)
        return LogRecord(workload, Invoice.objects.for_user(user_id).filter(workload=workload).first())
