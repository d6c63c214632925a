"""Links as rows: added by one statement, and taken out again as they went in."""

from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from django.db import connection
from django.db.backends.utils import CursorWrapper

from tools.audit.link import COLUMNS, Link
from tools.audit.models import AuditRow

ROWS = 1_000  # in one statement; SQLite takes 32,766 parameters


def insert(cursor: CursorWrapper, links: Sequence[Link]) -> None:
    row = f"({', '.join(['%s'] * len(COLUMNS))})"
    columns = ", ".join(connection.ops.quote_name(name) for name in COLUMNS)
    table = AuditRow._meta.db_table
    stored = _as_is if connection.vendor == "postgresql" else _on_sqlite
    for start in range(0, len(links), ROWS):
        some = links[start : start + ROWS]
        values = [stored(value) for link in some for value in link.values()]
        cursor.execute(f"INSERT INTO {table} ({columns}) VALUES {', '.join([row] * len(some))}", values)


def _as_is(value: Any) -> Any:
    return value


def _on_sqlite(value: Any) -> Any:
    """As Django stores it there."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).replace(tzinfo=None).isoformat(" ")
    return str(value) if isinstance(value, Decimal) else value
