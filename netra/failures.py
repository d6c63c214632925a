"""An exception as data for the log, without what it quotes."""

import traceback
from typing import Any

from django.db import InterfaceError, OperationalError

from netra.core.exceptions import Defect, OperatorError

OURS = (Defect, OperatorError, OperationalError, InterfaceError)
"""Their words are ours or the database server's and quote no content; others' may repeat what they could not use."""
FRAMES = 20
CAUSES = 5


def failure(error: BaseException) -> list[dict[str, Any]]:
    """The error first, then what caused it: kind, frames (innermost last) and, where they are safe, its words."""
    chain: list[dict[str, Any]] = []
    each: BaseException | None = error
    while each is not None and len(chain) < CAUSES:
        chain.append(_told(each))
        each = each.__cause__ or (None if each.__suppress_context__ else each.__context__)
    return chain


def _told(error: BaseException) -> dict[str, Any]:
    frames = traceback.extract_tb(error.__traceback__)[-FRAMES:]
    told: dict[str, Any] = {
        "kind": f"{type(error).__module__}.{type(error).__qualname__}",
        "at": [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames],
    }
    if (words := _words(error)) is not None:
        told["words"] = words
    return told


def _words(error: BaseException) -> str | None:
    if isinstance(error, OSError):
        return error.strerror  # without the file's name
    return str(error) if isinstance(error, OURS) else None
