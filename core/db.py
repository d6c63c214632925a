"""Database helpers: row-level security, retries, full disks, secure deletion, a user's rows, ids as columns.

Imports the models, so it is only for code that runs after django.setup()."""

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any, ParamSpec, TypeVar
from uuid import UUID

from django.apps import apps
from django.db import Error, OperationalError, connection, transaction
from django.db.models import ForeignKey, Model

from core.exceptions import Conflict
from core.i18n.text import text
from core.models import Owned, User


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


log = logging.getLogger(__name__)

P = ParamSpec("P")
T = TypeVar("T")

SERIALIZATION_FAILURE, DEADLOCK, FOREIGN_KEY = "40001", "40P01", "23503"
CONFLICTS = frozenset({SERIALIZATION_FAILURE, DEADLOCK, FOREIGN_KEY})
"""PostgreSQL's codes for a transaction that may well succeed when it is made again. A foreign key: what a row refers to
was deleted, or referred to, at the same moment."""
MAX_TRIES = 5
RETRY_PAUSE = 0.02  # seconds before the second; doubling


def retry_on_conflict(function: Callable[P, T]) -> Callable[P, T]:
    """For functions that are one transaction. Within somebody else's they are tried once: who began it must begin anew.

    Raises Conflict where the last try fails, too.
    """

    @wraps(function)
    def attempt(*args: P.args, **kwargs: P.kwargs) -> T:
        if connection.in_atomic_block:
            return function(*args, **kwargs)
        for left in reversed(range(MAX_TRIES)):
            try:
                return function(*args, **kwargs)
            except Error as error:
                if not is_conflict(error):
                    raise
                log.warning("%s met another transaction (%s)", function.__qualname__, error, exc_info=True)
                if not left:
                    raise Conflict(text("Something else is changing this at the same time. Try again.")) from error
            time.sleep(RETRY_PAUSE * 2 ** (MAX_TRIES - 1 - left))
        raise AssertionError("there is at least one try")

    return attempt


def is_conflict(error: BaseException) -> bool:
    """Whether the database gave the transaction up because of another one."""
    return getattr(error.__cause__, "sqlstate", None) in CONFLICTS


DISK_FULL = "53100"
"""PostgreSQL's code for it."""


def is_disk_full_error(error: BaseException) -> bool:
    """Whether a database had no room to write: SQLite has words for it, PostgreSQL a code."""
    if not isinstance(error, OperationalError):
        return False
    return "disk is full" in str(error) or getattr(error.__cause__, "sqlstate", None) == DISK_FULL


@contextmanager
def secure_delete() -> Iterator[None]:
    """SQLite writes zeros over what is deleted inside the block, and empties its journal at the end.

    PostgreSQL does so by its own (auto)vacuum, which needs the tables' owner: nothing is done here.
    """
    if connection.vendor != "sqlite":
        yield
        return
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA secure_delete")
        (before,) = cursor.fetchone()
        cursor.execute("PRAGMA secure_delete = ON")
        try:
            yield
        finally:
            cursor.execute(f"PRAGMA secure_delete = {int(before)}")
        if not connection.in_atomic_block:
            # It waits for readers, as long as for any lock; where one stays, the next checkpoint does it.
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")


ROWS_PER_READ = 500  # rows read at once


def list_owned_models() -> tuple[type[Owned], ...]:
    """The tables whose rows are reached through `for_user`."""
    return tuple(model for model in apps.get_models() if issubclass(model, Owned) and not model._meta.proxy)


def iter_user_foreign_keys() -> Iterator[tuple[type[Model], str]]:
    """Every table with rows that belong to a user, of whatever app, and the column that says whose they are."""
    for model in apps.get_models(include_auto_created=True):
        for field in () if model._meta.proxy else model._meta.concrete_fields:
            if isinstance(field, ForeignKey) and field.related_model is User:
                yield model, field.attname


def iter_owned_rows(model: type[Owned], user_id: UUID) -> Iterator[dict[str, Any]]:
    """The user's rows with all their columns. Page by page: no transaction is held open while they are used."""
    columns = [field.attname for field in model._meta.concrete_fields]
    after: dict[str, Any] = {}
    while True:
        with as_user(user_id):
            some = model.objects.for_user(user_id).filter(**after).order_by("pk").values("pk", *columns)
            page: list[dict[str, Any]] = list(some[:ROWS_PER_READ])
        if not page:
            return
        after = {"pk__gt": page[-1]["pk"]}
        for row in page:
            del row["pk"]
            yield row


def to_uuid(value: Any) -> UUID:
    """As a column gives it: SQLite has no type of its own for it."""
    return value if isinstance(value, UUID) else UUID(value)


def to_uuid_param(value: UUID) -> UUID | str:
    """As a column takes it."""
    return value if connection.features.has_native_uuid_field else value.hex
