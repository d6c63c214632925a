"""Data that an installation no longer needs: each kind is reported first, then removed."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, runtime_checkable

from core.files import DiskEntry
from core.i18n.text import Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Garbage:
    """A number of things of one kind, named for operators; `size` in bytes, 0 if it is negligible."""

    what: Text
    count: int
    size: int = 0


class Prunable(Protocol):
    """One kind of garbage. It may be removed twice."""

    def find(self) -> Garbage:
        """Return what would be removed now."""
        ...

    def remove(self) -> Garbage:
        """Remove it, and return what was removed, which may be more or less than was found a moment before."""
        ...


@runtime_checkable
class HasPrunable(Protocol):
    """An AppConfig that lists its app's garbage itself, as the code that prunes may not import the app."""

    def list_prunable(self, before: datetime) -> tuple[Prunable, ...]:
        """Return what has expired, and records that ended before a time (aware, UTC)."""
        ...


def to_garbage(what: Text, entries: Collection[DiskEntry]) -> Garbage:
    return Garbage(what=what, count=len(entries), size=sum(entry.size for entry in entries))
