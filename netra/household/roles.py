"""Two roles of one PostgreSQL: one owns the tables and changes them, the other only works with what is in them."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import DEFAULT_DB_ALIAS, connection, connections
from psycopg.sql import SQL, Identifier

from netra.databases import owner
from netra.environment import Environment

GRANTS = (
    "GRANT USAGE ON SCHEMA public TO {}",
    "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {}",
    "GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {}",
)


@contextmanager
def as_owner(environment: Environment) -> Iterator[None]:
    """Within the block the default database is worked on as its owner."""
    mine = connections[DEFAULT_DB_ALIAS]
    mine.close()
    before = dict(mine.settings_dict)
    mine.settings_dict.update(owner(environment))
    try:
        yield
    finally:
        mine.close()
        mine.settings_dict.clear()
        mine.settings_dict.update(before)


def grant(role: str) -> None:
    """Let a role work with every table that is there now. It cannot change one, or make one."""
    with connection.cursor() as cursor:
        for statement in GRANTS:
            cursor.execute(SQL(statement).format(Identifier(role)).as_string(cursor.connection))
