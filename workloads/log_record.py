"""A log's row and that of its invoice, as an analysis session needs them. Plain SQL, as each run reads them."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import connection

from core.db import as_user, to_uuid, to_uuid_param
from core.exceptions import NotFound
from workloads.models import Invoice, Workload


@dataclass(frozen=True, slots=True)
class LogRecord:
    """A log's row, and that of its invoice."""

    workload: Workload
    invoice: Invoice | None


LOG_COLUMNS = ("owner_id", "id", "name", "size", "imported", "state", "error", "attempt")
"""In the model's order, and without what was found in the log, which takes longer to parse than to read."""
SELECTED_OF_LOG = f"""{", ".join(f"w.{name}" for name in LOG_COLUMNS)}, EXISTS (
    SELECT 1 FROM {Invoice._meta.db_table} i WHERE i.workload_id = w.id AND i.owner_id = w.owner_id)"""
"""What `build_log_record` needs of the row `w` of a log."""


def find_log(user_id: UUID, workload_id: UUID) -> LogRecord:
    """Return a user's log. Raises NotFound."""
    with as_user(user_id), connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {SELECTED_OF_LOG} FROM {Workload._meta.db_table} w WHERE w.id = %s AND w.owner_id = %s",
            [to_uuid_param(workload_id), to_uuid_param(user_id)],
        )
        found = cursor.fetchone()
        if found is None:
            raise NotFound(Workload.NOT_FOUND)
        return build_log_record(found)


def build_log_record(selected: Sequence[Any]) -> LogRecord:
    """Return the record of a log from SELECTED_OF_LOG, in the transaction that selected it. Few logs have an invoice,
    which is read here."""
    owner_id, workload_id, name, size, imported, state, error, attempt, has_invoice = selected
    imported = json.loads(imported) if isinstance(imported, str) else imported
    error = Workload._meta.get_field("error").from_db_value(error, None, connection)
    values = (to_uuid(owner_id), to_uuid(workload_id), name, size, imported, state, error, attempt)
    workload = Workload.from_db(connection.alias, LOG_COLUMNS, values)
    if not has_invoice:  # composing a query that nobody executes takes half a millisecond
        return LogRecord(workload, None)
    return LogRecord(workload, Invoice.objects.for_user(workload.owner_id).filter(workload=workload).first())
