"""Transactions that the database gave up because of another one are made again, a bounded number of times.

Locks are taken in one order (agents/locks.py), so this is for what nobody foresaw. On SQLite there is one writer at a
time, and no such conflict.
"""

import logging
import time
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from django.db import Error, connection

from netra.core.exceptions import Conflict
from netra.language.text import text

log = logging.getLogger(__name__)

P = ParamSpec("P")
T = TypeVar("T")

SERIALIZATION_FAILURE, DEADLOCK, FOREIGN_KEY = "40001", "40P01", "23503"
CONFLICTS = frozenset({SERIALIZATION_FAILURE, DEADLOCK, FOREIGN_KEY})
"""PostgreSQL's codes for a transaction that may well succeed when it is made again. A foreign key: what a row refers to
was deleted, or referred to, at the same moment."""
TRIES = 5
PAUSE = 0.02  # seconds before the second; doubling


def retry_on_conflict(function: Callable[P, T]) -> Callable[P, T]:
    """For functions that are one transaction. Within somebody else's they are tried once: who began it must begin anew.

    Raises Conflict where the last try fails, too.
    """

    @wraps(function)
    def attempt(*args: P.args, **kwargs: P.kwargs) -> T:
        if connection.in_atomic_block:
            return function(*args, **kwargs)
        for left in reversed(range(TRIES)):
            try:
                return function(*args, **kwargs)
            except Error as error:
                if not is_conflict(error):
                    raise
                log.warning("%s met another transaction (%s)", function.__qualname__, error, exc_info=True)
                if not left:
                    raise Conflict(text("Something else is changing this at the same time. Try again.")) from error
            time.sleep(PAUSE * 2 ** (TRIES - 1 - left))
        raise AssertionError("there is at least one try")

    return attempt


def is_conflict(error: BaseException) -> bool:
    """Whether the database gave the transaction up because of another one."""
    return getattr(error.__cause__, "sqlstate", None) in CONFLICTS
