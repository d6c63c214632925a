"""The writer adds rows of any user and can't read what users wrote."""

from uuid import uuid4

import pytest
from django.apps import apps
from django.db import ProgrammingError, connection, transaction
from psycopg.errors import InsufficientPrivilege

from core.db import as_user, as_writer
from core.models import Event
from tests.conftest import People
from tests.support.product_role import as_product

pytestmark = pytest.mark.django_db


def is_refused(statement: str) -> bool:
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
    except ProgrammingError as error:
        return isinstance(error.__cause__, InsufficientPrivilege)
    return False


def test_it_adds_events_of_any_user_and_reads_none(people: People) -> None:
    with as_product(), as_writer():
        with connection.cursor() as cursor:
            for user in (people.owner, people.neighbour):
                cursor.execute(
                    "INSERT INTO core_event (owner_id, epoch, seq, type, payload, at) "
                    "VALUES (%s, %s, 1, 't', '{}', now())",
                    [user.pk, uuid4()],
                )
        for statement in ("SELECT id FROM core_event", "DELETE FROM core_event", "UPDATE core_event SET type = 'x'"):
            assert is_refused(statement), statement
    with as_product(), as_user(people.owner.pk):
        assert Event.objects.count() == 1


@pytest.mark.parametrize(
    "table", sorted({model._meta.db_table for model in apps.get_models(include_auto_created=True)})
)
def test_it_reads_no_table_as_a_whole_but_the_chains_heads(table: str) -> None:
    with as_product(), as_writer():
        assert is_refused(f"SELECT * FROM {table}") == (table not in {"audit_audithead", "audit_auditsubject"})
