"""Errors of a management command, reported in one line with an exit status."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.core.management.base import CommandError
from django.db import DatabaseError

from core.exceptions import OperatorError, UserError

EXIT_FAILED, EXIT_BAD_INPUT = 1, 2


def _format_user_error(error: UserError) -> str:
    """Return the error's message, and what to type in a terminal if the error says so."""
    return str(error) if error.in_terminal is None else f"{error} {error.in_terminal}"


@contextmanager
def report_errors(undone: str = "") -> Iterator[None]:
    """Raise CommandError for the errors that a command expects, and where somebody stops it.

    `undone` describes the state after a failure, e.g. that the command can be run again.
    """
    try:
        yield
    except UserError as error:
        raise CommandError(_format_user_error(error), returncode=EXIT_BAD_INPUT) from error
    except OperatorError as error:
        raise CommandError(str(error), returncode=EXIT_FAILED) from error
    except DatabaseError as error:
        raise CommandError(f"Database error: {error}. {undone}".rstrip(), returncode=EXIT_FAILED) from error
    except OSError as error:
        where = error.filename or "The disk"
        raise CommandError(f"{where}: {error.strerror}. {undone}".rstrip(), returncode=EXIT_FAILED) from error
    except KeyboardInterrupt as error:
        raise CommandError(f"Stopped at your request. {undone}".rstrip(), returncode=EXIT_FAILED) from error
