"""Database helpers: row-level security, retries, full disks, a user's rows, new rows, values as columns.

Imports the models, so it is only for code that runs after django.setup()."""

import json
import logging
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from datetime import UTC, datetime
from functools import wraps
from itertools import chain
from operator import attrgetter
from typing import Any, ParamSpec, TypeVar
from uuid import UUID

from django.apps import apps
from django.db import Error, InterfaceError, InternalError, OperationalError, connection, transaction
from django.db.models import ForeignKey, Model

from core.exceptions import Conflict
from core.files import is_os_disk_full
from core.i18n.text import text
from core.models import Owned, User

log = logging.getLogger(__name__)

P = ParamSpec("P")
T = TypeVar("T")


@contextmanager
def as_user(user_id: UUID, *, atomic: bool = False) -> Iterator[None]:
    """Run the block for one user: on PostgreSQL in a transaction in which row-level security shows only the rows of
    this user, also within `as_all_users` or `as_writer`.

    On SQLite it does nothing, as an IMMEDIATE transaction around reads would block all writers. With `atomic`, the
    block is a transaction there, too; an `atomic()` of Django's within would be a savepoint on PostgreSQL.
    """
    with _row_security(APPLICATION, str(user_id), atomic=atomic):
        yield


@contextmanager
def as_all_users(*, atomic: bool = False) -> Iterator[None]:
    """Run the block for the installation, not for a user: on PostgreSQL in a transaction in which row-level security
    shows the rows of all users.

    For what serves no single user (queues, sweepers, the admin site, operators' tools). On SQLite it does nothing, but
    for the transaction with `atomic`.
    """
    with _row_security(ALL_USERS, "", atomic=atomic):
        yield


@contextmanager
def as_writer() -> Iterator[None]:
    """Run the block in a transaction that may add rows of any user and read nothing that users wrote."""
    with _row_security(WRITER, "", atomic=True):
        yield


ALL_USERS, WRITER = "_all_users", "_writer"
"""Ends of the names of the roles that the application's role can take: they begin with its own, because all databases
of a server share their roles. `migrate` creates them."""
APPLICATION = ""
"""No other role than the one that has signed in."""
# The roles exist only where another role owns the tables; without them there are no policies either.
TAKE_ROLE = """set_config('role', CASE WHEN to_regrole(quote_ident(session_user || '{end}')) IS NULL THEN 'none'
    ELSE session_user || '{end}' END, true)"""
GIVE_UP_ROLE = "set_config('role', 'none', true)"
NAME_USER = "set_config('netra.user_id', %s, true)"


def build_role_names(application: str) -> dict[str, str]:
    """Return the names of the roles that the application's role can take, by the end of the name."""
    return {end: application + end for end in (ALL_USERS, WRITER)}


@contextmanager
def _row_security(role: str, user_id: str, *, atomic: bool) -> Iterator[None]:
    """Run the block in a transaction with this role and this user. On SQLite only the transaction can be had."""
    is_nested = connection.in_atomic_block
    # The block around it may have named the user already: then a savepoint would only cost statements.
    if connection.vendor != "postgresql" or (is_nested and not role and _is_user(user_id)):
        with transaction.atomic() if atomic else nullcontext():
            yield
        return
    change_role = TAKE_ROLE.format(end=role) if role else GIVE_UP_ROLE
    with transaction.atomic(), connection.cursor() as cursor:
        # Local to the transaction: a session-wide setting would outlive it on a pooled connection.
        before = "current_setting('role'), current_setting('netra.user_id', true)"
        cursor.execute(f"SELECT {before}, {change_role}, {NAME_USER}", [user_id])
        role_before, user_before = cursor.fetchone()[:2]
        yield
        # A rollback takes both back with the savepoint; its success keeps them until the outer transaction ends.
        if is_nested and not connection.needs_rollback:
            cursor.execute(f"SELECT set_config('role', %s, true), {NAME_USER}", [role_before, user_before or ""])


def _is_user(user_id: str) -> bool:
    """Whether the transaction is that of this user, in the application's own role."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('role'), current_setting('netra.user_id', true)")
        return bool(cursor.fetchone() == ("none", user_id))


SERIALIZATION_FAILURE, DEADLOCK, FOREIGN_KEY = "40001", "40P01", "23503"
CONFLICTS = frozenset({SERIALIZATION_FAILURE, DEADLOCK, FOREIGN_KEY})
"""PostgreSQL's codes for a transaction that may succeed if it is tried again. A foreign key fails if the row that it
refers to was deleted, or referred to, at the same moment."""
MAX_TRIES = 5
RETRY_PAUSE = 0.02  # seconds before the second try; it doubles with each


def retry_on_conflict(function: Callable[P, T]) -> Callable[P, T]:
    """Retry a function that is one transaction. Within an outer transaction it is tried once: that must be retried.

    Raises Conflict if the last try fails too.
    """

    @wraps(function)
    def attempt(*args: P.args, **kwargs: P.kwargs) -> T:
        if connection.in_atomic_block:
            return function(*args, **kwargs)
        for tries_left in reversed(range(MAX_TRIES)):
            try:
                return function(*args, **kwargs)
            except Error as error:
                if not is_conflict(error):
                    raise
                log.warning("%s met another transaction (%s)", function.__qualname__, error, exc_info=True)
                if not tries_left:
                    raise Conflict(text("Something else is changing this at the same time. Try again.")) from error
            time.sleep(RETRY_PAUSE * 2 ** (MAX_TRIES - 1 - tries_left))
        raise AssertionError("there is at least one try")

    return attempt


def is_conflict(error: BaseException) -> bool:
    """Whether the database aborted the transaction because of another one."""
    return getattr(error.__cause__, "sqlstate", None) in CONFLICTS


DISK_FULL = "53100"  # PostgreSQL's code


def is_disk_full_error(error: BaseException) -> bool:
    """Whether a disk is full, the database's or another: SQLite says so in the message, PostgreSQL by a code."""
    if is_os_disk_full(error):
        return True
    if not isinstance(error, OperationalError):
        return False
    return "disk is full" in str(error) or getattr(error.__cause__, "sqlstate", None) == DISK_FULL


AWAY = ("08", "57P", "53300", "25P03")
"""Beginnings of PostgreSQL's codes: no connection, shut down or starting, too many connections, idle for too long."""


def is_database_away(error: BaseException) -> bool:
    """Whether PostgreSQL can't be reached, or no connection to it is free: whoever asks again later may succeed."""
    if connection.vendor != "postgresql" or not isinstance(error, OperationalError | InterfaceError | InternalError):
        return False
    state = getattr(error.__cause__, "sqlstate", None)
    return state is None or state.startswith(AWAY)


ROWS_PER_READ = 500


def list_owned_models() -> tuple[type[Owned], ...]:
    """Return the models whose rows are queried through `for_user`."""
    return tuple(model for model in apps.get_models() if issubclass(model, Owned) and not model._meta.proxy)


def iter_user_foreign_keys() -> Iterator[tuple[type[Model], str]]:
    """Yield each model of any app whose rows belong to a user, with the column of the user's id."""
    for model in apps.get_models(include_auto_created=True):
        for field in () if model._meta.proxy else model._meta.concrete_fields:
            if isinstance(field, ForeignKey) and field.related_model is User:
                yield model, field.attname


OWNER_COLUMN = "owner_id"


def list_owned_tables() -> tuple[str, ...]:
    """Return the tables of the installed apps whose rows belong to one user each. They have row-level security."""
    tables = {model._meta.db_table for model, column in iter_user_foreign_keys() if column == OWNER_COLUMN}
    return tuple(sorted(tables))


def iter_owned_rows(model: type[Owned], user_id: UUID) -> Iterator[dict[str, Any]]:
    """Yield the user's rows with all columns, read page by page: no transaction stays open while they are used."""
    columns = [field.attname for field in model._meta.concrete_fields]
    after: dict[str, Any] = {}
    while True:
        with as_user(user_id):
            rows = model.objects.for_user(user_id).filter(**after).order_by("pk").values("pk", *columns)
            page: list[dict[str, Any]] = list(rows[:ROWS_PER_READ])
        if not page:
            return
        after = {"pk__gt": page[-1]["pk"]}
        for row in page:
            del row["pk"]
            yield row


def insert_rows(rows: Mapping[type[Model], Mapping[str, Any]]) -> None:
    """Insert a row of each model, with all of its columns: in this order, and on PostgreSQL in one statement.

    Each run has several, and `save` takes four times as long.
    """
    inserts = [
        f"INSERT INTO {model._meta.db_table} ({', '.join(columns)}) VALUES ({', '.join(['%s'] * len(columns))})"
        for model, columns in rows.items()
    ]
    values = [to_params(columns.values()) for columns in rows.values()]
    if connection.vendor == "postgresql" and len(inserts) > 1:
        before = ", ".join(f"row_{place} AS ({insert})" for place, insert in enumerate(inserts[:-1]))
        inserts, values = [f"WITH {before} {inserts[-1]}"], [[*chain(*values)]]
    with connection.cursor() as cursor:
        for insert, parameters in zip(inserts, values, strict=True):
            cursor.execute(insert, parameters)


def to_params(values: Iterable[Any]) -> list[Any]:
    """Convert values of columns to parameters of plain SQL; lists and objects are JSON."""
    to_time, has_ids = connection.ops.adapt_datetimefield_value, connection.features.has_native_uuid_field
    conversions: dict[type, Callable[[Any], Any]] = {datetime: to_time, dict: json.dumps, list: json.dumps}
    if not has_ids:
        conversions[UUID] = attrgetter("hex")
    return [conversions[type(value)](value) if type(value) in conversions else value for value in values]


def to_datetime(value: datetime | None) -> datetime | None:
    """Convert the value of a column that plain SQL has read: SQLite has no time zones."""
    return value.replace(tzinfo=UTC) if value is not None and value.tzinfo is None else value


def to_uuid(value: Any) -> UUID:
    """Convert the value of a column that plain SQL has read: SQLite has no type for ids."""
    return value if isinstance(value, UUID) else UUID(value)


def to_uuid_param(value: UUID) -> UUID | str:
    """Convert an id to a parameter of plain SQL."""
    return value if connection.features.has_native_uuid_field else value.hex
