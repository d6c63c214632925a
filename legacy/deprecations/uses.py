"""How often the old pattern is used, and where from: counted in memory for one agent's turn, then stored at once.

Counts, names of our own and places in code; nothing that a user said.
"""

import warnings
from collections import Counter
from dataclasses import dataclass, field

from legacy.deprecations.mode import mode
from legacy.deprecations.place import Caller, Place, caller


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """`what` names the part of the old surface, as "WebSocketManager.send_to_user"."""

    agent: str
    what: str
    place: Place


@dataclass(slots=True)
class Uses:
    """Of one turn of one agent; made with the turn and handed down."""

    agent: str
    counts: Counter[Use] = field(default_factory=Counter)

    def used(self, what: str, instead: str) -> None:
        """Count a use by whoever calls a bridge right now, and warn them."""
        found = caller()
        self.count(what, found.place)
        warn(what, instead, found)

    def count(self, what: str, place: Place) -> None:
        self.counts[Use(agent=self.agent, what=what, place=place)] += 1


def warn(what: str, instead: str, at: Caller) -> None:
    """A DeprecationWarning at the caller's line, unless the installation allows the old pattern without a word."""
    if mode() == "allow":
        return
    warnings.warn_explicit(
        f"{what} is of the old pattern; instead: {instead}",
        DeprecationWarning,
        at.absolute,
        at.place.line,
        module=str(at.globals.get("__name__", "legacy")),
        registry=at.globals.setdefault("__warningregistry__", {}),
    )
