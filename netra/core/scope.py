"""The seam through which every unit of work says whose it is."""

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

from django.db import connection, transaction


@contextmanager
def as_user(user_id: UUID) -> Iterator[None]:
    """Work of one user. On PostgreSQL a transaction that row-level security can see the user in.

    On SQLite nothing: an IMMEDIATE transaction around reads would block every writer.
    """
    if connection.vendor != "postgresql":
        yield
        return
    with transaction.atomic(), connection.cursor() as cursor:
        # Local to the transaction: a session-wide setting would outlive it on a pooled connection.
        cursor.execute("SELECT set_config('netra.user_id', %s, true)", [str(user_id)])
        yield
