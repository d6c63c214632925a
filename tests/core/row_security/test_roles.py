"""The application's role can't get around the policies, and nothing of a transaction stays on a pooled connection."""

from threading import Thread
from typing import Any
from uuid import UUID

import pytest
from django.conf import settings
from django.db import connection, connections

from core.db import as_all_users, as_user, as_writer, build_role_names
from netra.bootstrap.roles import INHERIT_PER_GRANT
from netra.row_security_check import check_row_security, find_bypasses, require_row_security
from tests.conftest import People
from tests.support.product_role import as_product

INHERIT = "let the application inherit its roles"
ROLE = "SELECT current_user, session_user, current_setting('netra.user_id', true), pg_backend_pid()"


def execute(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(build_inheriting_statement() if statement == INHERIT else statement)


def build_inheriting_statement() -> str:
    """Since PostgreSQL 16 each grant says whether its rights are inherited; before, the role does."""
    with connection.cursor() as cursor:
        version: int = cursor.connection.info.server_version
    if version < INHERIT_PER_GRANT:
        return "ALTER ROLE application INHERIT"
    return f"GRANT {', '.join(build_role_names('application').values())} TO application WITH INHERIT TRUE"


def list_bypass_ids() -> list[str]:
    return [each.id for each in find_bypasses()]


@pytest.mark.django_db
def test_the_applications_role_is_subject_to_the_policies() -> None:
    assert list_bypass_ids() == []
    assert check_row_security(databases=["default"]) == []


@pytest.mark.django_db
def test_a_superuser_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    with as_product():
        execute("SET LOCAL SESSION AUTHORIZATION owner")
        assert list_bypass_ids() == ["netra.E025"]
        execute("SET LOCAL SESSION AUTHORIZATION application")


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("statement", "found"),
    [
        ("ALTER ROLE application BYPASSRLS", "netra.E025"),
        ("ALTER TABLE agents_thread OWNER TO application", "netra.E026"),
        ("GRANT owner TO application", "netra.E026"),
        (INHERIT, "netra.E023"),
        ("DROP POLICY netra_own_rows ON agents_thread", None),
        ("ALTER TABLE agents_thread DISABLE ROW LEVEL SECURITY", "netra.E024"),
    ],
)
def test_a_role_that_can_get_around_the_policies_is_refused(
    statement: str, found: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    execute(statement)
    assert list_bypass_ids() == ([found] if found else [])
    monkeypatch.setattr(settings, "NETRA", settings.NETRA.model_copy(update={"environment": "production"}))
    monkeypatch.setattr(connection, "close", lambda: None)  # the test's own transaction goes on
    if found:
        with pytest.raises(SystemExit, match="without row-level security"):
            require_row_security()


def read_in_thread(work: Any) -> Any:
    """The result of `work`, in a thread with a connection of its own from the pool."""
    found: list[Any] = []

    def run() -> None:
        try:
            found.append(work())
        finally:
            connection.close()

    thread = Thread(target=run)
    thread.start()
    thread.join()
    return found[0]


@pytest.fixture
def pool_of_one(monkeypatch: pytest.MonkeyPatch) -> Any:
    options = connections.settings["default"]["OPTIONS"]
    monkeypatch.setitem(options, "pool", {"min_size": 1, "max_size": 1})
    yield
    wrapper: Any = connections["default"]  # only PostgreSQL's has a pool
    wrapper.close_pool()


@pytest.mark.django_db(transaction=True)
def test_a_connection_from_the_pool_has_neither_user_nor_role(people: People, pool_of_one: None) -> None:
    def look() -> tuple[str, str, str | None, int]:
        with as_product(), connection.cursor() as cursor:
            cursor.execute(ROLE)
            row: tuple[str, str, str | None, int] = cursor.fetchone()
            return row

    def leave(user_id: UUID) -> int:
        for context in (as_all_users(), as_writer(), as_user(user_id)):
            with pytest.raises(ZeroDivisionError), context:
                assert 1 / (look()[0] == "owner")
        with as_user(user_id):
            return look()[3]

    used = read_in_thread(lambda: leave(people.owner.pk))
    role, session, user, pid = read_in_thread(look)
    assert (role, session, user or None, pid) == ("application", "application", None, used)
