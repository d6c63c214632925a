"""Rows of apps that are no longer installed: they refer to users, and Django does not know them."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from uuid import UUID

import pytest
from django.core.checks import run_checks
from django.db import IntegrityError, connection, transaction

from accounts.erasure import ErasureTimeouts, erase_user, preview_erasure
from core.db import to_uuid_param
from core.models import User
from core.uninstalled_tables import count_uninstalled_rows, delete_uninstalled_rows, list_uninstalled_user_tables
from tests.conftest import People

QUICKLY = ErasureTimeouts(pages=0, runs=0.1, quiet=0, disk=1)


@pytest.fixture
def tables(people: People) -> Iterator[None]:
    """`old_rule` refers to users, and `old_version` to rules and to its own rows."""
    kind = "uuid" if connection.vendor == "postgresql" else "char(32)"
    later = "DEFERRABLE INITIALLY DEFERRED"
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TABLE old_rule (id int PRIMARY KEY, owner {kind} REFERENCES core_user (id) {later})")
        cursor.execute(
            f"CREATE TABLE old_version (id int PRIMARY KEY, rule int REFERENCES old_rule (id) {later}, "
            f"before int REFERENCES old_version (id) {later})"
        )
        cursor.execute("CREATE TABLE old_note (id int PRIMARY KEY)")
        cursor.execute("INSERT INTO old_note VALUES (1)")
        if connection.vendor == "postgresql":  # as for every table that there was at a migration
            cursor.execute("GRANT ALL ON old_note, old_version, old_rule TO application, application_all_users")
    yield
    with connection.cursor() as cursor:
        for table in ("old_note", "old_version", "old_rule"):
            cursor.execute(f"DROP TABLE {table}")


def fill(*users: User) -> None:
    with connection.cursor() as cursor:
        for number, user in enumerate(users, start=1):
            cursor.execute("INSERT INTO old_rule VALUES (%s, %s)", [number, to_uuid_param(user.pk)])
            cursor.execute("INSERT INTO old_version VALUES (%s, %s, NULL)", [10 * number, number])
            cursor.execute("INSERT INTO old_version VALUES (%s, %s, %s)", [10 * number + 1, number, 10 * number])


def list_remaining_ids(table: str) -> list[int]:
    with closing(connection.cursor()) as cursor:
        cursor.execute(f"SELECT id FROM {table} ORDER BY id")
        return [number for (number,) in cursor.fetchall()]


def list_warnings() -> list[str]:
    return [each.msg for each in run_checks(databases=["default"]) if each.id == "netra.W022"]


def delete_without_us(user_id: UUID) -> None:
    with transaction.atomic():
        User.objects.filter(pk=user_id).delete()
        connection.check_constraints()
        with connection.cursor() as cursor:
            if connection.vendor == "postgresql":
                cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


@pytest.mark.django_db(transaction=True)
def test_a_user_is_erased_with_rows_of_uninstalled_apps(people: People, tables: None, tmp_path: Path) -> None:
    fill(people.owner, people.neighbour)
    with pytest.raises(IntegrityError):
        delete_without_us(people.owner.pk)
    listed = {str(each.what): each.count for each in preview_erasure(people.owner, tmp_path)}
    assert listed["rows of the table old_rule, whose app is not installed"] == 1
    erase_user(people.owner, tmp_path, QUICKLY)
    assert not User.objects.filter(pk=people.owner.pk).exists()
    assert (list_remaining_ids("old_rule"), list_remaining_ids("old_version")) == ([2], [20, 21])


@pytest.mark.django_db(transaction=True)
def test_a_check_names_the_tables_that_have_rows(people: People, tables: None) -> None:
    assert list_uninstalled_user_tables() == ()
    assert list_warnings() == []
    fill(people.owner)
    (message,) = list_warnings()
    assert "the rows of old_rule," in message


@pytest.mark.django_db(transaction=True)
def test_rows_of_installed_apps_are_not_touched(people: People, tables: None) -> None:
    fill(people.neighbour)
    assert count_uninstalled_rows(people.owner.pk) == {}
    delete_uninstalled_rows(people.owner.pk)
    assert list_remaining_ids("old_rule") == [1]
    assert list_uninstalled_user_tables() == ("old_rule",)
