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
    """What is logged within the block carries these ids, and those of the blocks around it that it does not name."""
    given = {"request_id": request_id, "connection_id": connection_id, "run_id": run_id}
    known = {name: value for name, value in given.items() if value is not None}
    before = _IDS.set(MappingProxyType({**_IDS.get(), **known}))
    try:
        yield
    finally:
        _IDS.reset(before)


def current_ids() -> dict[str, str]:
    """The ids that are known here, in the order of NAMES; for a line of the log."""
    ids = _IDS.get()
    return {name: str(ids[name]) for name in ID_NAMES if name in ids}
