"""Errors, sorted by who must act.

NetraError
├── UserError               the user can correct it; the message is translated and may be shown to them
│   ├── BadInput            an invalid file, option or question
│   │   ├── TooLarge        more than this installation accepts at once
│   │   └── NameTaken       another user took the name at the same moment
│   ├── NotFound            no such object *among what this user owns*
│   ├── NotAllowed          the user has no permission
│   ├── TooManyRuns         as many runs are waiting as one user may have waiting
│   ├── TooManyComputations as much is being computed as the process or the user may have
│   └── Conflict            no longer true (already ended, already open)
├── OperatorError           the operator of this installation must act; the message has no details for the user
│   ├── ModelUnavailable    the language model's server does not answer, refuses or answers nonsense
│   ├── StorageFull         no space left on a disk, or in the file store
│   └── StoreUnavailable    the file store does not answer, or refuses
├── RunLost                 nobody: another worker owns the run now, this one stops silently
├── RunCancelled            nobody: the user asked for it
├── UserGone                nobody: the user was erased at the same moment
└── Defect                  the developers must act: a guarantee of the code is broken
    ├── InvalidContext      a context that names no user, or the wrong one
    ├── IsolationViolation  data of one user was about to reach another
    └── ScopeClosed         a request-scoped object was used after its request"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from core.i18n.text import Text


class NetraError(Exception):
    """The base class; never raised itself. `code` is stable and part of events and error responses.

    `details` are further fields for clients, as JSON data.
    """

    code = "error"
    details: Mapping[str, Any] = MappingProxyType({})


class UserError(NetraError):
    """An error with a translatable message, so that each user reads it in their own language: str(error) is that Text.

    `in_terminal` is what to type in a terminal; it is shown nowhere else.
    """

    code = "user_error"

    def __init__(self, message: Text, *, in_terminal: Text | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.in_terminal = in_terminal


class BadInput(UserError):
    code = "bad_input"


class TooLarge(BadInput):
    code = "too_large"


class NameTaken(BadInput):
    """Another user took the name at the same moment."""


class NotFound(UserError):
    code = "not_found"


class NotAllowed(UserError):
    code = "permission_denied"


class TooManyRuns(UserError):
    code = "too_many_runs"


class TooManyComputations(UserError):
    code = "throttled"


class Conflict(UserError):
    code = "conflict"


class OperatorError(NetraError):
    code = "operator_error"


class ModelUnavailable(OperatorError):
    code = "model_unavailable"

    def __init__(self, message: Text) -> None:
        super().__init__(message)


class StorageFull(OperatorError):
    code = "storage_full"

    def __init__(self, message: Text) -> None:
        super().__init__(message)
        self.message = message


class StoreUnavailable(OperatorError):
    code = "store_unavailable"

    def __init__(self, message: Text) -> None:
        super().__init__(message)
        self.message = message


class RunLost(NetraError):
    code = "run_lost"


class RunCancelled(NetraError):
    code = "cancelled"


class UserGone(NetraError):
    code = "not_authenticated"

    def __init__(self, message: Text) -> None:
        super().__init__(message)


class Defect(NetraError):
    code = "defect"


class InvalidContext(Defect):
    code = "invalid_context"


class IsolationViolation(Defect):
    code = "isolation_violation"


class ScopeClosed(Defect):
    code = "scope_closed"
