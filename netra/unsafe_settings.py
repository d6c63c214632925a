"""An unsafe setting, as a system check reports it and as a start that it prevents."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass

from django.core.checks import CheckMessage, Error
from django.core.checks import Warning as CheckWarning


@dataclass(frozen=True, slots=True)
class UnsafeSetting:
    """One unsafe setting and its remedy."""

    id: str
    problem: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.problem} {self.remedy}"


def is_error(check_id: str) -> bool:
    """Whether a production server refuses to start because of it; a warning is left to the operator."""
    return check_id.startswith("netra.E")


def to_check_message(unsafe: UnsafeSetting) -> CheckMessage:
    message_class = Error if is_error(unsafe.id) else CheckWarning
    return message_class(unsafe.problem, hint=unsafe.remedy, id=unsafe.id)


def exit_with(errors: Sequence[UnsafeSetting], reason: str) -> None:
    """End this process with a line for each error, and the reason; do nothing without errors."""
    for error in errors:
        sys.stderr.write(f"{error.id}: {error}\n")
    if errors:
        raise SystemExit(f"{reason} Errors: {len(errors)}.")
