"""The second wall, with the first one taken down: no `for_user` anywhere in this module."""

from typing import Any

import pytest
from django.db import InternalError, ProgrammingError, connection, models, transaction
from psycopg.errors import InsufficientPrivilege

from core.db import OWNER_COLUMN, as_all_users, as_user, iter_user_foreign_keys, list_owned_tables
from core.models import User
from netra.bootstrap.row_security import UNPROTECTED
from netra.row_security_check import find_bypasses
from tests.conftest import People
from tests.support.filled_rows import fill
from tests.support.product_role import as_product

pytestmark = pytest.mark.django_db

OWNED = sorted(
    {model for model, column in iter_user_foreign_keys() if column == OWNER_COLUMN}, key=lambda each: each._meta.label
)
every_table = pytest.mark.parametrize("model", OWNED, ids=lambda each: each._meta.label)
Model = type[models.Model]


@pytest.fixture
def filled(people: People) -> tuple[dict[Model, models.Model], dict[Model, models.Model]]:
    """A row of everything, the owner's and the neighbour's."""
    return fill(people.owner, "mine"), fill(people.neighbour, "theirs")


def read_owners(model: Model) -> set[Any]:
    return set(model._base_manager.values_list(OWNER_COLUMN, flat=True))


@every_table
def test_all_rows_are_those_of_the_user(model: Model, filled: Any, people: People) -> None:
    with as_product():
        for user in (people.owner, people.neighbour):
            with as_user(user.pk):
                assert read_owners(model) == {user.pk}
        with as_user(people.stranger.pk):
            assert read_owners(model) == set()
        assert read_owners(model) == set(), "without a user"
        with as_all_users():
            assert read_owners(model) == {people.owner.pk, people.neighbour.pk}


@every_table
def test_rows_of_others_are_neither_changed_nor_deleted(model: Model, filled: Any, people: People) -> None:
    _, theirs = filled
    with as_product(), as_user(people.owner.pk), connection.cursor() as cursor:
        table, key = model._meta.db_table, model._meta.pk.column
        for statement in (
            f"UPDATE {table} SET {key} = {key} WHERE {key} = %s",
            f"DELETE FROM {table} WHERE {key} = %s",
        ):
            cursor.execute(statement, [theirs[model].pk])
            assert cursor.rowcount == 0
    assert model._base_manager.filter(pk=theirs[model].pk).exists()


@every_table
def test_no_row_is_added_for_another(model: Model, filled: Any, people: People) -> None:
    _, theirs = filled
    row = theirs[model]
    if isinstance(model._meta.pk, models.AutoField):
        row.pk = None
    with as_product():
        for user in (people.owner, None):
            with pytest.raises(ProgrammingError) as refused, as_user(user.pk) if user else transaction.atomic():
                model._base_manager.bulk_create([row])
            assert isinstance(refused.value.__cause__, InsufficientPrivilege)


@every_table
def test_no_row_is_given_to_another(model: Model, filled: Any, people: People) -> None:
    with as_product(), pytest.raises(ProgrammingError) as refused, as_user(people.owner.pk):
        model._base_manager.update(**{OWNER_COLUMN: people.stranger.pk})
    assert isinstance(refused.value.__cause__, InsufficientPrivilege)


def list_tables_about_users() -> set[str]:
    """Of the database itself, so that no model is needed: what refers to a user, or has a column that looks like it."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT conrelid::regclass::text FROM pg_constraint WHERE contype = 'f' AND confrelid = %s::regclass "
            "UNION SELECT table_name FROM information_schema.columns WHERE table_schema = 'public' "
            "AND column_name IN ('owner_id', 'user_id')",
            [User._meta.db_table],
        )
        return {name for (name,) in cursor.fetchall()}


def list_tables_with_policies() -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.relname FROM pg_class c JOIN pg_policy p ON p.polrelid = c.oid "
            "WHERE c.relrowsecurity AND p.polname = 'netra_own_rows'"
        )
        return {name for (name,) in cursor.fetchall()}


def test_every_table_about_users_has_a_policy_or_a_reason() -> None:
    assert list_tables_about_users() - list_tables_with_policies() == set(UNPROTECTED)
    assert list_tables_with_policies() == set(list_owned_tables())


def test_a_table_without_a_policy_is_noticed() -> None:
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE notes (id int, owner_id uuid REFERENCES core_user)")
        cursor.execute("ALTER TABLE agents_thread DISABLE ROW LEVEL SECURITY")
    assert list_tables_about_users() - list_tables_with_policies() == {*UNPROTECTED, "notes", "agents_thread"}
    assert [(each.id, "agents_thread" in each.problem) for each in find_bypasses()] == [("netra.E024", True)]


def test_one_user_within_another_ends_with_its_block(filled: Any, people: People) -> None:
    model = OWNED[0]
    with as_product(), as_user(people.owner.pk):
        with as_user(people.neighbour.pk):
            assert read_owners(model) == {people.neighbour.pk}
        assert read_owners(model) == {people.owner.pk}
        with pytest.raises(ZeroDivisionError), as_all_users():
            raise ZeroDivisionError
        assert read_owners(model) == {people.owner.pk}
        with as_all_users():
            with as_user(people.neighbour.pk):
                assert read_owners(model) == {people.neighbour.pk}
            assert read_owners(model) == {people.owner.pk, people.neighbour.pk}
        assert read_owners(model) == {people.owner.pk}


def test_a_broken_statement_leaves_no_user_behind(filled: Any, people: People) -> None:
    with as_product():
        with pytest.raises((ProgrammingError, InternalError)), as_user(people.owner.pk), connection.cursor() as cursor:
            cursor.execute("SELECT nonsense")
        assert read_owners(OWNED[0]) == set()
