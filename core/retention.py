"""Data that an installation no longer needs: each kind is reported first, then removed."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, runtime_checkable

from core.files import DiskEntry
from core.i18n.text import Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Garbage:
    """So many of one kind, in an operator's words; `size` in bytes, 0 where nobody would miss them."""

    what: Text
    count: int
    size: int = 0


class Prunable(Protocol):
    """One kind of waste. Removing twice is removing once."""

    def find(self) -> Garbage:
        """What would go now."""
        ...

    def remove(self) -> Garbage:
        """Remove it. Returns what has gone, which may be more or less than was found a moment before."""
        ...


@runtime_checkable
class HasPrunable(Protocol):
    """An app's AppConfig that says by itself what of it need not be kept: of a room that nothing else may import."""

    def list_prunable(self, before: datetime) -> tuple[Prunable, ...]:
        """What was over before a moment (aware, UTC)."""
        ...


def to_garbage(what: Text, these: Collection[DiskEntry]) -> Garbage:
    return Garbage(what=what, count=len(these), size=sum(each.size for each in these))
