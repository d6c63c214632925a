"""On PostgreSQL the product's own statements are executed as its role, tests' as the owner of the tables.

Tests lay out rows of several users and look at them; the policies of row-level security are there for the product,
which calls the database in the same process and on the same connection. Who executes a statement is the nearest module
of ours that is being executed: the product's, or a test's. Without one it is the test database being made."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created

ROOT = str(Path(__file__).parents[2])
TESTS = f"{ROOT}/tests/"
INSTALLED = (f"{ROOT}/.venv/", "/site-packages/")
IN_A_CALLERS_TRANSACTION = (
    *("agents/locks.py", "agents/run_queue.py", "workloads/import_queue.py"),
    *("core/models.py", "core/stream/append.py", "core/stream/sequence.py"),
    *("tools/audit/record.py", "tools/quota/slots.py", "tools/spending/ledger.py"),
)
OF_EITHER = frozenset((__file__, *(f"{ROOT}/{path}" for path in IN_A_CALLERS_TRANSACTION)))
"""Modules that execute what their caller wants, in its transaction and so in its role."""
ROLE = "application"


def separate_roles() -> None:
    """Let every connection from now on be the application's, except for tests' own statements."""
    connection_created.connect(_become_application, dispatch_uid="tests.support.product_role")


def _become_application(connection: BaseDatabaseWrapper, **_: Any) -> None:
    with connection.connection.cursor() as cursor:
        cursor.execute(f"SET SESSION AUTHORIZATION {ROLE}")
        if not connection.get_autocommit():
            connection.connection.commit()
    if _execute_as_its_author not in connection.execute_wrappers:
        connection.execute_wrappers.append(_execute_as_its_author)


def _execute_as_its_author(
    execute: Callable[..., Any], sql: str, params: Any, many: bool, context: dict[str, Any]
) -> Any:
    if sql.startswith(("SAVEPOINT", "RELEASE", "ROLLBACK")) or not _is_tests_own(sys._getframe(1)):
        return execute(sql, params, many, context)
    connection: BaseDatabaseWrapper = context["connection"]
    local = "LOCAL " if connection.in_atomic_block else ""
    with connection.connection.cursor() as cursor:
        role = cursor.execute("SELECT current_setting('role')").fetchone()[0]
        cursor.execute(f"SET {local}SESSION AUTHORIZATION owner")
    try:
        result = execute(sql, params, many, context)
    except BaseException:
        if not connection.in_atomic_block:  # else it is taken back with the savepoint or the transaction
            _give_back(connection, local, role)
        raise
    _give_back(connection, local, role)
    return result


def _give_back(connection: BaseDatabaseWrapper, local: str, role: str) -> None:
    with connection.connection.cursor() as cursor:
        cursor.execute(f"SET {local}SESSION AUTHORIZATION {ROLE}")
        if role != "none":
            cursor.execute(f'SET {local}ROLE "{role}"')


def _is_tests_own(frame: FrameType | None) -> bool:
    while frame is not None:
        name = frame.f_code.co_filename
        if name.startswith(ROOT) and name not in OF_EITHER and not any(part in name for part in INSTALLED):
            return name.startswith(TESTS)
        frame = frame.f_back
    return True


@contextmanager
def as_product() -> Iterator[None]:
    """Within the block this thread's statements are all the product's, a test's too."""
    wrappers = connection.execute_wrappers
    connection.ensure_connection()
    wrappers.remove(_execute_as_its_author)
    try:
        yield
    finally:
        wrappers.append(_execute_as_its_author)
