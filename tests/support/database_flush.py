"""Emptying the test's database beside a server that is still at work on it.

We want every table at once, the server takes its tables one after the other: where they wait for each other
PostgreSQL ends one of the two, and it may be us. The other is through after that, so asking again is enough.

What migrations leave (kinds of content, permissions, roles, plans) is put back as the rows that it was, where a test
has changed it. Django's own flush has the signals of migrations make it again, which takes 0.08 s of processor time on
SQLite after each test with transactions, and it makes each table anew on PostgreSQL, which takes 0.1 s. There are
hundreds of such tests, and each fills a few tables.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest
from django.core.management import CommandError
from django.db import OperationalError, connection, transaction
from django.test import TransactionTestCase

TIMES = 5
LIBRARY_TABLES = [f"procrastinate_{name}" for name in ("periodic_defers", "events", "jobs", "workers")]
"""Of models that Django doesn't manage; each refers to those after it."""


@dataclass(frozen=True, slots=True)
class Rows:
    """All of a table."""

    table: str
    columns: tuple[str, ...]
    values: tuple[tuple[Any, ...], ...]


def read_rows() -> tuple[Rows, ...]:
    """What is in the database now; of tables that are not empty."""
    names = connection.introspection.django_table_names(only_existing=True, include_views=False)
    return tuple(rows for rows in map(_all_of, names) if rows.values)


def put_back(left: tuple[Rows, ...]) -> None:
    """Nothing else is in the database after this."""
    names = connection.introspection.django_table_names(only_existing=True, include_views=False)
    names += LIBRARY_TABLES if connection.vendor == "postgresql" else []
    quote = connection.ops.quote_name
    with transaction.atomic(), connection.cursor() as cursor:  # as one: they refer to each other
        if connection.vendor == "postgresql":  # whoever is writing is through after this
            cursor.execute(f"LOCK TABLE {', '.join(map(quote, names))} IN ACCESS EXCLUSIVE MODE")
        cursor.execute(
            " UNION ALL ".join(f"SELECT '{name}' WHERE EXISTS (SELECT 1 FROM {quote(name)})" for name in names)
        )
        filled = {name for (name,) in cursor.fetchall()}
        changed = [rows for rows in left if rows.table not in filled or _all_of(rows.table) != rows]
        kept = {rows.table for rows in left} - {rows.table for rows in changed}
        for name in names:
            if name in filled and name not in kept:
                cursor.execute(f"DELETE FROM {quote(name)}")
        for rows in changed:
            row = f"({', '.join(['%s'] * len(rows.columns))})"
            into = ", ".join(map(quote, rows.columns))
            statement = f"INSERT INTO {quote(rows.table)} ({into}) VALUES "
            values = [value for each in rows.values for value in each]
            cursor.execute(statement + ", ".join([row] * len(rows.values)), values)


def patient(flush: Callable[[], None]) -> None:
    """Flush; again where the database ended it in favour of somebody else. Any other error is raised at once."""
    for _ in range(TIMES - 1):
        try:
            flush()
        except (CommandError, OperationalError) as error:
            if not _is_contended(error):
                raise
        else:
            return
    flush()


@contextmanager
def patiently(left: tuple[Rows, ...]) -> Iterator[None]:
    """Within the block every test that flushes the database does so patiently, and leaves what is `left`."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", lambda _: patient(lambda: put_back(left)))
        yield


def _all_of(table: str) -> Rows:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
        return Rows(table, tuple(column[0] for column in cursor.description), tuple(cursor.fetchall()))


def _is_contended(error: Exception) -> bool:
    """The command hides what the database said behind an error of its own."""
    return isinstance(error, OperationalError) or isinstance(error.__cause__, OperationalError)
