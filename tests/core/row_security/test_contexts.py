"""What the contexts of row-level security are on either database."""

import pytest
from django.db import connection

from core.db import as_all_users, as_user, as_writer
from tests.conftest import People

IS_POSTGRESQL = connection.vendor == "postgresql"


@pytest.mark.django_db(transaction=True)
def test_readers_begin_no_transaction_on_sqlite(people: People) -> None:
    """There it would block all writers."""
    for context in (as_user(people.owner.pk), as_all_users()):
        with context:
            assert connection.in_atomic_block is IS_POSTGRESQL
    with as_writer():
        assert connection.in_atomic_block
    assert not connection.in_atomic_block
