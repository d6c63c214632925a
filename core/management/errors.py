"""What goes wrong in a command, told in one line."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.core.management.base import CommandError
from django.db import DatabaseError

from netra.core.exceptions import OperatorError, UserError

FAILED, BAD_INPUT = 1, 2


def told(error: UserError) -> str:
    """Its words, and where it is known what to type."""
    return str(error) if error.in_terminal is None else f"{error} {error.in_terminal}"


@contextmanager
def plainly(undone: str) -> Iterator[None]:
    """`undone` says what holds after a failure in the middle, e.g. that the command can be run again."""
    try:
        yield
    except UserError as error:
        raise CommandError(told(error), returncode=BAD_INPUT) from error
    except OperatorError as error:
        raise CommandError(str(error), returncode=FAILED) from error
    except DatabaseError as error:
        raise CommandError(f"The database could not be used: {error}. {undone}", returncode=FAILED) from error
    except OSError as error:
        raise CommandError(f"{error.filename or 'The disk'}: {error.strerror}. {undone}", returncode=FAILED) from error
