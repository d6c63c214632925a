"""The tally: what one user of a self-test has counted and found."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Literal

from netra.selftest.sieve import Sieve

Kind = Literal["foreign", "gap", "double", "wrong"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Something that must not be. `where` and `what` are in words, without the contents of anything."""

    kind: Kind
    user: str
    where: str
    what: str


@dataclass(slots=True)
class Tally:
    """Grows while the storm lasts. Every byte that its user receives goes through `heard`."""

    sieve: Sieve
    sockets: int = 0
    events: int = 0
    received: int = 0
    statuses: Counter[int] = field(default_factory=Counter)
    codes: Counter[str] = field(default_factory=Counter)
    closes: Counter[int] = field(default_factory=Counter)
    findings: Counter[Finding] = field(default_factory=Counter)
    came_back: set[str] = field(default_factory=set)

    def heard(self, data: bytes, where: str) -> None:
        self.received += len(data)
        lower = data.lower()
        for seen in self.sieve.foreign(lower):
            self.found("foreign", where, f"{seen.what} of {seen.whose}")
        self.came_back |= self.sieve.fields(lower)

    def found(self, kind: Kind, where: str, what: str, times: int = 1) -> None:
        self.findings[Finding(kind=kind, user=self.sieve.own.name, where=where, what=what)] += times
