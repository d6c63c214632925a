"""PostgreSQL's roles: the owner of the tables, the application's, and the two that the application takes for a
transaction (core.db): `…_all_users` and `…_writer`."""

from collections.abc import Iterator, Mapping

from django.apps import apps
from django.db import ProgrammingError, connection, transaction
from psycopg.errors import InsufficientPrivilege
from psycopg.sql import SQL, Identifier

from core.db import ALL_USERS, WRITER, build_role_names
from core.exceptions import OperatorError
from netra.bootstrap.row_security import apply_policies
from netra.bootstrap.writer_rights import WRITER_RIGHTS

GRANTS = (
    "GRANT USAGE ON SCHEMA public TO {}",
    "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {}",
    "GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {}",
)
INHERIT_PER_GRANT = 160_000
"""PostgreSQL's version since which a grant says whether it is inherited; before it, the member's role does."""


def grant_table_access(application: str) -> None:
    """Let the application read and write rows, of all tables that exist now, as far as the policies allow. It can
    neither alter nor create tables. Runs as the owner. Raises OperatorError."""
    roles = build_role_names(application)
    with transaction.atomic():
        _prepare_roles(application, roles)
        for role in (application, roles[ALL_USERS]):
            for statement in GRANTS:
                _execute(statement, role)
        _grant_writer(roles[WRITER])
        apply_policies(application, roles)


def _prepare_roles(application: str, roles: Mapping[str, str]) -> None:
    """Create the roles if they are missing. The application may take them, and doesn't have their rights before."""
    statements = [_compose(*each) for role in roles.values() for each in _list_missing(application, role)]
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)
    except ProgrammingError as error:
        if not isinstance(error.__cause__, InsufficientPrivilege):
            raise
        raise OperatorError(
            "The owner of the tables may not create roles. Have PostgreSQL's administrator execute: "
            + "; ".join(statements)
        ) from error


def _list_missing(application: str, role: str) -> Iterator[tuple[str, ...]]:
    """Yield each missing statement and the names in it."""
    with connection.cursor() as cursor:
        version: int = cursor.connection.info.server_version
        cursor.execute("SELECT count(*) FROM pg_roles WHERE rolname = %s", [role])
        is_member = inherits = False
        if cursor.fetchone()[0]:
            cursor.execute(
                "SELECT pg_has_role(%(a)s, %(r)s, 'MEMBER'), pg_has_role(%(a)s, %(r)s, 'USAGE')",
                {"a": application, "r": role},
            )
            is_member, inherits = cursor.fetchone()
        else:
            yield "CREATE ROLE {} NOLOGIN", role
    if version >= INHERIT_PER_GRANT:
        if inherits or not is_member:
            yield "GRANT {} TO {} WITH INHERIT FALSE, SET TRUE", role, application
        return
    if not is_member:
        yield "GRANT {} TO {}", role, application
    if inherits or not is_member:
        yield "ALTER ROLE {} NOINHERIT", application


def _grant_writer(role: str) -> None:
    """Give the writer exactly its rights."""
    _execute("REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {}", role)
    _execute("GRANT USAGE ON SCHEMA public TO {}", role)
    _execute("GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {}", role)
    columns = _read_columns()
    for label, rights in WRITER_RIGHTS.items():
        table = apps.get_model(label)._meta.db_table
        # `migrate APP NAME` may lead to an earlier state.
        for grant in rights.limit_to(columns[table]).list_grants() if table in columns else ():
            _execute(f"GRANT {grant} ON {{}} TO {{}}", table, role)


def _read_columns() -> dict[str, set[str]]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'public'")
        columns: dict[str, set[str]] = {}
        for table, column in cursor.fetchall():
            columns.setdefault(table, set()).add(column)
    return columns


def _execute(statement: str, *names: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_compose(statement, *names))


def _compose(statement: str, *names: str) -> str:
    with connection.cursor() as cursor:
        return SQL(statement).format(*map(Identifier, names)).as_string(cursor.connection)
