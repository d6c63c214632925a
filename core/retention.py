"""What an installation need not keep any longer: first told, then removed."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, runtime_checkable

from netra.language.text import Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Waste:
    """So many of one kind, in an operator's words; `size` in bytes, 0 where nobody would miss them."""

    what: Text
    count: int
    size: int = 0


class Removable(Protocol):
    """One kind of waste. Removing twice is removing once."""

    def found(self) -> Waste:
        """What would go now."""
        ...

    def remove(self) -> Waste:
        """Remove it. Returns what has gone, which may be more or less than was found a moment before."""
        ...


@runtime_checkable
class Wasteful(Protocol):
    """An app's AppConfig that says by itself what of it need not be kept: of a room that nothing else may import."""

    def waste(self, before: datetime) -> tuple[Removable, ...]:
        """What was over before a moment (aware, UTC)."""
        ...
