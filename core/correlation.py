"""Correlation ids for log lines, carried in a context variable.

Only for logging: context variables leak between tasks and pooled threads, so the user and their permissions are always
passed as arguments. Code that reads an id from here to decide something breaks isolation."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from types import MappingProxyType
from uuid import UUID

ID_NAMES = ("request_id", "connection_id", "run_id")

_IDS: ContextVar[Mapping[str, UUID]] = ContextVar("netra_log_ids", default=MappingProxyType({}))


@contextmanager
def bind_ids(
    *, request_id: UUID | None = None, connection_id: UUID | None = None, run_id: UUID | None = None
) -> Iterator[None]:
    """Add these ids to what is logged within the block, besides those of enclosing blocks."""
    ids = {"request_id": request_id, "connection_id": connection_id, "run_id": run_id}
    known = {name: value for name, value in ids.items() if value is not None}
    token = _IDS.set(MappingProxyType({**_IDS.get(), **known}))
    try:
        yield
    finally:
        _IDS.reset(token)


def current_ids() -> dict[str, str]:
    """Return the bound ids in the order of ID_NAMES, for a log line."""
    ids = _IDS.get()
    return {name: str(ids[name]) for name in ID_NAMES if name in ids}
