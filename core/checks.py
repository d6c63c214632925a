"""System checks of the database: usernames that break the rules, tables of apps that are not installed, and how long
PostgreSQL lets transactions be idle."""

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any

from django.core.checks import CheckMessage, Tags, register
from django.core.checks import Warning as CheckWarning
from django.db import DEFAULT_DB_ALIAS, DatabaseError, connections

from core.exceptions import BadInput
from core.jobs.queue import STALLED_SECONDS
from core.models import KEY_SEPARATOR, User
from core.uninstalled_tables import list_uninstalled_user_tables
from core.username_rules import check_shape

MAX_USERNAME_WARNINGS = 20


def check_usernames(*, databases: Sequence[str] | None = None, **_: Any) -> list[CheckMessage]:
    if DEFAULT_DB_ALIAS not in (databases or ()) or not _has_username_keys():
        return []
    return list(islice(_find_bad_usernames(), MAX_USERNAME_WARNINGS))


def _find_bad_usernames() -> Iterator[CheckMessage]:
    for user in User.objects.order_by("date_joined", "pk").only("pk", "username", "email", "username_key").iterator():
        named = f"User {user.pk} is named {user.username!r}"
        try:
            check_shape(user.username, email=user.email)
        except BadInput as error:
            yield _username_warning(f"{named}: {error}", "netra.W020")
        if KEY_SEPARATOR in user.username_key:
            yield _username_warning(f"{named}, which looks like another user's name.", "netra.W021")


def _username_warning(message: str, check_id: str) -> CheckMessage:
    return CheckWarning(message, hint="Rename the user in the admin. Until then, use the id.", id=check_id)


def _has_username_keys() -> bool:
    """Whether the column exists: before the first `migrate`, or this version's, there is nothing to check."""
    connection = connections[DEFAULT_DB_ALIAS]
    with connection.cursor() as cursor:
        table = User._meta.db_table
        if table not in connection.introspection.table_names(cursor):
            return False
        columns = connection.introspection.get_table_description(cursor, table)
    return any(column.name == "username_key" for column in columns)


def check_uninstalled_tables(*, databases: Sequence[str] | None = None, **_: Any) -> list[CheckMessage]:
    """Report tables with rows of users that no export contains, because their app is not installed."""
    if DEFAULT_DB_ALIAS not in (databases or ()):
        return []
    try:
        tables = list_uninstalled_user_tables()
    except DatabaseError:
        return []  # it has not been migrated yet
    return [
        CheckWarning(
            f"No export contains the rows of {table}, a table with references to users whose app is not installed.",
            hint="Drop the tables of the app, or install it again: for tables with names that begin with legacy_, set "
            "NETRA_LEGACY (docs/migration.md, step 9).",
            id="netra.W022",
        )
        for table in tables
    ]


def check_idle_transactions(*, databases: Sequence[str] | None = None, **_: Any) -> list[CheckMessage]:
    """Report a PostgreSQL that keeps the locks of a frozen process, or of a machine that is gone, for longer than it
    takes until its jobs are recovered. The owner's role is without a limit: migrations take as long as they take."""
    connection = connections[DEFAULT_DB_ALIAS]
    if DEFAULT_DB_ALIAS not in (databases or ()) or connection.vendor != "postgresql":
        return []
    if connection.settings_dict.get("IS_OWNER"):
        return []
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT current_user, setting::int FROM pg_settings WHERE name = 'idle_in_transaction_session_timeout'"
        )
        role, milliseconds = cursor.fetchone()
    if 0 < milliseconds <= STALLED_SECONDS * 1000:
        return []
    return [
        CheckWarning(
            "PostgreSQL doesn't end transactions that stay idle: the runs of a frozen worker, which has locked them, "
            "wait until it goes on.",
            hint=f"As PostgreSQL's administrator: ALTER ROLE {role} SET idle_in_transaction_session_timeout = '5s'",
            id="netra.W029",
        )
    ]


def register_checks() -> None:
    register(check_usernames, Tags.database)
    register(check_idle_transactions, Tags.database)
    register(check_uninstalled_tables, Tags.database)
