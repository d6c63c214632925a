"""Emptying the test's database beside a server that is still at work on it.

TRUNCATE wants every table at once, the server takes its tables one after the other: where they wait for each other
PostgreSQL ends one of the two, and it may be us. The other is through after that, so asking again is enough.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from django.core.management import CommandError
from django.db import OperationalError
from django.test import TransactionTestCase

TIMES = 5


def patient(flush: Callable[[], None]) -> None:
    """Flush; again where the database ended it in favour of somebody else. Any other error is raised at once."""
    for _ in range(TIMES - 1):
        try:
            flush()
        except (CommandError, OperationalError) as error:
            if not _contended(error):
                raise
        else:
            return
    flush()


@contextmanager
def patiently() -> Iterator[None]:
    """Within the block every test that flushes the database does so patiently."""
    plain = TransactionTestCase._fixture_teardown  # type: ignore[attr-defined]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", lambda test: patient(lambda: plain(test)))
        yield


def _contended(error: Exception) -> bool:
    """The command hides what the database said behind an error of its own."""
    return isinstance(error, OperationalError) or isinstance(error.__cause__, OperationalError)
