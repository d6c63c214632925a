"""What goes wrong in a child process, on its way to its parent: described as data there, the same error again here."""

from collections.abc import Mapping
from typing import Any

import duckdb

from netra.core.exceptions import BadInput, NetraError, StorageFull
from netra.language.saying import kept
from netra.language.text import revived
from workloads.childlimits import met_limit
from workloads.confinement import disk_full, too_much_memory, too_much_scratch


def describe_error(error: BaseException, limits: Mapping[str, Any], name: str) -> dict[str, Any] | None:
    """An error of the log called `name` or of the disk, as JSON data; None for a fault of ours."""
    if isinstance(error, MemoryError | RecursionError | duckdb.OutOfMemoryException):
        error = too_much_memory(name)
    elif isinstance(error, StorageFull):
        error = (too_much_scratch if met_limit(error, limits) else disk_full)(name)
    if isinstance(error, BadInput):
        return {"error": error.code, "message": kept(error.words), "in_terminal": kept(error.in_terminal)}
    if isinstance(error, StorageFull):
        return {"error": error.code, "message": kept(error.words)}
    return None


def revive_error(said: Any) -> NetraError | None:
    """The error that `describe_error` described; None where `said` is nothing of the kind."""
    match said:
        case {"error": StorageFull.code, "message": message}:
            return StorageFull(revived(message))
        case {"error": BadInput.code, "message": message}:
            typed = said.get("in_terminal")
            return BadInput(revived(message), in_terminal=None if typed is None else revived(typed))
    return None
