"""Row-level security on PostgreSQL: which tables have it, and their policies.

Created by each `migrate`, as the owner of the tables: a policy names roles, which differ between installations, so it
can be no part of a migration; and a new table with an owner has one without further code. Without FORCE, because the
owner only migrates and dumps, and needs all rows for both."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from django.apps import apps
from django.db import connection
from psycopg.sql import SQL, Composable, Identifier, Literal

from core.db import ALL_USERS, OWNER_COLUMN, WRITER
from core.models import User
from netra.bootstrap.writer_rights import WRITER_RIGHTS, TableRights

SIGN_IN = "It is read to find out who somebody is, when there is no user yet."
RULE = "Administrators' rules, which decisions on all users' calls read. Users' texts are not in it."
UNPROTECTED: Mapping[str, str] = {
    "accounts_signinlink": SIGN_IN,
    "accounts_tokenname": SIGN_IN,
    "account_emailaddress": SIGN_IN,
    "core_user_groups": SIGN_IN,
    "core_user_user_permissions": SIGN_IN,
    "django_admin_log": "The admin's history, by its administrators.",
    "knox_authtoken": SIGN_IN,
    "legacy_rolloutrule": RULE,
    "mfa_authenticator": SIGN_IN,
    "policy_policy": RULE,
    "policy_subscription": RULE,
    "socialaccount_socialaccount": SIGN_IN,
    "spending_budget": RULE,
    "usersessions_usersession": SIGN_IN,
}
"""Tables that refer to a user and have no policies, with the reason."""
PREFIX = "netra_"
"""Of all our policies' names."""

# A setting that was made for a transaction is empty after it, not absent.
IS_OWN = "{column} = (SELECT NULLIF(current_setting('netra.user_id', true), '')::uuid)"


@dataclass(frozen=True, slots=True, kw_only=True)
class TablePolicy:
    """`create` is its statement, which is also kept as its comment, to tell whether it has changed."""

    table: str
    name: str
    create: str


def apply_policies(application: str, roles: Mapping[str, str]) -> None:
    """Create what is missing and replace what differs, within the caller's transaction. `roles` as in
    core.db.build_role_names."""
    tables = read_owned_tables()
    wanted = [policy for table in tables for policy in _iter_policies(table, application, roles)]
    with connection.cursor() as cursor:
        cursor.execute("SELECT relname FROM pg_class WHERE relrowsecurity AND relnamespace = 'public'::regnamespace")
        secured = {name for (name,) in cursor.fetchall()}
        for table in tables:
            if table not in secured:
                cursor.execute(_compose("ALTER TABLE {table} ENABLE ROW LEVEL SECURITY", table=Identifier(table)))
        found = _read_policies(tables)
        for table, name in found.keys() - {(policy.table, policy.name) for policy in wanted}:
            cursor.execute(_compose("DROP POLICY {name} ON {table}", name=Identifier(name), table=Identifier(table)))
        for policy in wanted:
            if found.get((policy.table, policy.name)) != policy.create:
                _replace(policy)


def read_owned_tables() -> tuple[str, ...]:
    """Return the tables whose rows belong to one user each, as the database says: also those of apps that are not
    installed, and none that is not there (any more)."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT t.relname FROM pg_constraint c JOIN pg_class t ON t.oid = c.conrelid "
            "JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = ANY(c.conkey) "
            "WHERE c.contype = 'f' AND c.confrelid = to_regclass(%s) AND a.attname = %s ORDER BY t.relname",
            [User._meta.db_table, OWNER_COLUMN],
        )
        return tuple(name for (name,) in cursor.fetchall())


def _iter_policies(table: str, application: str, roles: Mapping[str, str]) -> Iterator[TablePolicy]:
    own = SQL(IS_OWN).format(column=Identifier(OWNER_COLUMN))
    yield _build_policy(table, "own_rows", "ALL", application, own)
    yield _build_policy(table, "all_users", "ALL", roles[ALL_USERS], SQL("true"))
    rights = _get_writer_rights().get(table)
    for command in rights.list_commands() if rights else ():
        yield _build_policy(table, f"writer_{command.lower()}", command, roles[WRITER], SQL("true"))


def _get_writer_rights() -> Mapping[str, TableRights]:
    return {apps.get_model(label)._meta.db_table: rights for label, rights in WRITER_RIGHTS.items()}


def _build_policy(table: str, name: str, command: str, role: str, condition: Composable) -> TablePolicy:
    clauses = {"INSERT": "WITH CHECK ({condition})", "UPDATE": "USING ({condition}) WITH CHECK ({condition})"}
    create = _compose(
        "CREATE POLICY {name} ON {table} FOR " + command + " TO {role} " + clauses.get(command, "USING ({condition})"),
        name=Identifier(PREFIX + name),
        table=Identifier(table),
        role=Identifier(role),
        condition=condition,
    )
    return TablePolicy(table=table, name=PREFIX + name, create=create)


def _replace(policy: TablePolicy) -> None:
    names = {"name": Identifier(policy.name), "table": Identifier(policy.table)}
    with connection.cursor() as cursor:
        cursor.execute(_compose("DROP POLICY IF EXISTS {name} ON {table}", **names))
        cursor.execute(policy.create)
        cursor.execute(_compose("COMMENT ON POLICY {name} ON {table} IS {text}", text=Literal(policy.create), **names))


def _read_policies(tables: tuple[str, ...]) -> dict[tuple[str, str], str | None]:
    """Return our policies' comments by table and name."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.relname, p.polname, obj_description(p.oid, 'pg_policy') FROM pg_policy p "
            "JOIN pg_class c ON c.oid = p.polrelid WHERE c.relname = ANY(%s) AND starts_with(p.polname, %s)",
            [list(tables), PREFIX],
        )
        return {(table, name): comment for table, name, comment in cursor.fetchall()}


def _compose(statement: str, **names: Composable) -> str:
    with connection.cursor() as cursor:
        return SQL(statement).format(**names).as_string(cursor.connection)
