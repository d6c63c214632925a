"""The user a piece of work belongs to, as a frozen value that is passed explicitly.

A context is built from an authenticated connection or request, from a Run row, or by a management command for a
named user; never from what a client sent. It carries ids and plain scalars only: no session, socket or ORM object."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any, Self
from uuid import UUID, uuid4

from core.exceptions import InvalidContext

Scalar = str | int | float | bool | None

PLACEHOLDERS = frozenset(
    {"", "default", "none", "null", "nil", "temp", "tmp", "test", "unknown", "undefined", "anonymous", "system", "0"}
)
MAX_DEPTH = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectionContext:
    """One authenticated connection, request or command. `created_at` is aware (UTC)."""

    user_id: UUID
    request_id: UUID
    connection_id: UUID
    created_at: datetime
    locale: str = "en"
    metadata: Mapping[str, Scalar] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name in ("user_id", "request_id", "connection_id"):
            _require_id(name, getattr(self, name))
        _require_aware("created_at", self.created_at)
        if self.locale.strip().lower() in PLACEHOLDERS:
            raise InvalidContext(f"locale {self.locale!r} is a placeholder")
        object.__setattr__(self, "metadata", _freeze_metadata(type(self), self.metadata))


@dataclass(frozen=True, slots=True, kw_only=True)
class UserExecutionContext(ConnectionContext):
    """One run of one user, or one agent's part of it. `attempt` counts from 1; `deadline` is aware (UTC)."""

    thread_id: UUID
    run_id: UUID
    attempt: int
    deadline: datetime
    parent_request_id: UUID | None = None
    depth: int = 0

    def __post_init__(self) -> None:
        # Named explicitly: super() without arguments does not work in a slotted dataclass.
        ConnectionContext.__post_init__(self)
        _require_id("thread_id", self.thread_id)
        _require_id("run_id", self.run_id)
        _require_aware("deadline", self.deadline)
        if self.user_id in (self.run_id, self.thread_id):
            raise InvalidContext("user_id is the id of a run or thread")
        if self.attempt < 1:
            raise InvalidContext(f"attempt {self.attempt} is below 1")
        if not 0 <= self.depth <= MAX_DEPTH:
            raise InvalidContext(f"depth {self.depth} is outside 0 to {MAX_DEPTH}")
        if (self.depth == 0) != (self.parent_request_id is None):
            raise InvalidContext("a child context needs a parent request, and a top context can't have one")

    def child(self, *, seconds: float | None = None, now: datetime | None = None) -> Self:
        """Return the context of a part of this work; `seconds` from `now` can only bring the deadline nearer."""
        deadline = self.deadline
        if seconds is not None:
            start = now or datetime.now(self.deadline.tzinfo)
            deadline = min(deadline, start + timedelta(seconds=seconds))
        return replace(
            self, request_id=uuid4(), parent_request_id=self.request_id, depth=self.depth + 1, deadline=deadline
        )


def _require_id(name: str, value: object) -> None:
    if not isinstance(value, UUID):
        hint = " (a placeholder)" if str(value).strip().lower() in PLACEHOLDERS else ""
        raise InvalidContext(f"{name} must be a UUID, not {type(value).__name__}{hint}")
    if value.int == 0:
        raise InvalidContext(f"{name} is the nil UUID, which names nobody")


def _require_aware(name: str, value: datetime) -> None:
    if value.tzinfo is None:
        raise InvalidContext(f"{name} has no time zone")


def _freeze_metadata(kind: type[Any], metadata: Mapping[str, Scalar]) -> Mapping[str, Scalar]:
    reserved = {field.name for field in fields(kind)}
    for key, value in metadata.items():
        if key in reserved:
            raise InvalidContext(f"metadata may not hold the reserved key {key!r}")
        if not isinstance(value, str | int | float | bool | None):
            raise InvalidContext(f"metadata {key!r} must be a plain scalar, not {type(value).__name__}")
    return MappingProxyType(dict(metadata))
