"""Tables that refer to users although no installed app has them, such as those of an app that is no longer loaded.

Django does not know them, but the database keeps their foreign keys: a user whom they refer to could not be deleted."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db import connection

from core.db import as_all_users, to_uuid_param
from core.models import User


@dataclass(frozen=True, slots=True, kw_only=True)
class ForeignKeyColumn:
    """A column of a table of no installed app, and the column that it refers to."""

    table: str
    column: str
    target_table: str
    target_column: str


def find_uninstalled_foreign_keys() -> tuple[ForeignKeyColumn, ...]:
    """Return the foreign keys of all tables that belong to no installed app."""
    introspection = connection.introspection
    installed = set(introspection.django_table_names(include_views=False))
    with connection.cursor() as cursor:
        return tuple(
            ForeignKeyColumn(table=table, column=column, target_table=target[1], target_column=target[0])
            for table in introspection.table_names(cursor)
            if table not in installed
            for column, target in introspection.get_relations(cursor, table).items()
        )


@as_all_users()
def list_uninstalled_user_tables() -> tuple[str, ...]:
    """Return the tables of no installed app that refer to users and have rows."""
    tables = dict.fromkeys(foreign_key.table for foreign_key in _select_user_columns(find_uninstalled_foreign_keys()))
    return tuple(table for table in tables if _count_rows(f"SELECT count(*) FROM {_quote(table)}", ()))


def count_uninstalled_rows(user_id: UUID) -> Mapping[str, int]:
    """Return how many rows refer to the user, by table of no installed app; tables without such rows are left out."""
    counts: Counter[str] = Counter()
    for foreign_key in _select_user_columns(find_uninstalled_foreign_keys()):
        query = f"SELECT count(*) FROM {_quote(foreign_key.table)} WHERE {_quote(foreign_key.column)} = %s"
        counts[foreign_key.table] += _count_rows(query, (to_uuid_param(user_id),))
    return +counts


def delete_uninstalled_rows(user_id: UUID) -> None:
    """Delete all rows that refer to the user from tables of no installed app, with the rows that depend on them."""
    foreign_keys = find_uninstalled_foreign_keys()
    for foreign_key in _select_user_columns(foreign_keys):
        _delete_rows(foreign_keys, foreign_key.table, f"{_quote(foreign_key.column)} = %s", to_uuid_param(user_id), ())


def _select_user_columns(foreign_keys: Sequence[ForeignKeyColumn]) -> tuple[ForeignKeyColumn, ...]:
    return tuple(foreign_key for foreign_key in foreign_keys if foreign_key.target_table == User._meta.db_table)


def _delete_rows(
    foreign_keys: Sequence[ForeignKeyColumn], table: str, condition: str, user_id: UUID | str, parents: tuple[str, ...]
) -> None:
    """Delete the rows of a table that meet the condition, after those that refer to them. `parents`: tables above it,
    which are not entered again."""
    for foreign_key in foreign_keys:
        if foreign_key.target_table == table and foreign_key.table not in (*parents, table):
            rows = f"SELECT {_quote(foreign_key.target_column)} FROM {_quote(table)} WHERE {condition}"
            _delete_rows(
                foreign_keys, foreign_key.table, f"{_quote(foreign_key.column)} IN ({rows})", user_id, (*parents, table)
            )
    with connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {_quote(table)} WHERE {condition}", [user_id])


def _count_rows(query: str, parameters: Sequence[UUID | str]) -> int:
    with connection.cursor() as cursor:
        cursor.execute(query, parameters)
        return int(cursor.fetchone()[0])


def _quote(name: str) -> str:
    return connection.ops.quote_name(name)
