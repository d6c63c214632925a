"""Detection of other users' data in received bytes, and the findings and counts of one user."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from operators.isolation_test.canaries import CANARY_PREFIX, USERNAME_PREFIX, CanaryUser

# A part of a secret is enough: what was cut off on the way is still somebody's.
SECRET_PATTERN = re.compile(rf"{CANARY_PREFIX}([0-9a-f]{{8,24}})(?:-([a-z]+))?".encode())
USERNAME_PATTERN = re.compile(rf"{USERNAME_PREFIX}([0-9a-f]{{12}})".encode())


@dataclass(frozen=True, slots=True, kw_only=True)
class Leak:
    """`owner`: the name of a user of this self-test, or "somebody else". `description`: in words."""

    owner: str
    description: str


@dataclass(frozen=True, slots=True)
class LeakDetector:
    """One user's: their own secret, and everybody's ids."""

    user: CanaryUser
    names_by_id: Mapping[bytes, str]
    id_pattern: re.Pattern[bytes]
    names_by_secret: Mapping[str, str]

    def find_leaks(self, data: bytes) -> Iterator[Leak]:
        """What of others is in `data`, which is in lower case."""
        for match in SECRET_PATTERN.finditer(data):
            secret = match[1].decode()
            if not self.user.canary.secret.startswith(secret):
                field = f" ({match[2].decode()})" if match[2] else ""
                yield Leak(owner=self._find_owner(secret), description=f"canary{field}")
        for match in self.id_pattern.finditer(data):
            name = self.names_by_id.get(match[0].replace(b"-", b""))
            if name not in (None, self.user.name):
                yield Leak(owner=str(name), description="user id")
        for match in USERNAME_PATTERN.finditer(data):
            name = USERNAME_PREFIX + match[1].decode()
            if name != self.user.name:
                yield Leak(owner=name, description="user name")

    def find_own_fields(self, data: bytes) -> set[str]:
        """The fields whose own canaries are in `data`."""
        mine = self.user.canary.secret.encode()
        return {match[2].decode() for match in SECRET_PATTERN.finditer(data) if match[1] == mine and match[2]}

    def _find_owner(self, secret: str) -> str:
        return next((name for known, name in self.names_by_secret.items() if known.startswith(secret)), "somebody else")


def build_detectors(people: Sequence[CanaryUser]) -> tuple[LeakDetector, ...]:
    """One for each, in their order."""
    ids = {person.user_id.hex.encode(): person.name for person in people}
    # They begin alike, so one quick search for that beginning finds any.
    pattern = re.compile(people[0].user_id.hex[:8].encode() + rb"(?:-?[0-9a-f]{4}){3}-?[0-9a-f]{12}")
    owners = {person.canary.secret: person.name for person in people}
    return tuple(LeakDetector(person, ids, pattern, owners) for person in people)


IsolationFindingKind = Literal["foreign", "gap", "double", "wrong"]


@dataclass(frozen=True, slots=True, kw_only=True)
class IsolationFinding:
    """Something that must not be. `where` and `what` are in words, without the contents of anything."""

    kind: IsolationFindingKind
    user: str
    where: str
    what: str


@dataclass(slots=True)
class UserResults:
    """Grows while the storm lasts. Every byte that its user receives goes through `scan_bytes`."""

    detector: LeakDetector
    sockets: int = 0
    events: int = 0
    received_bytes: int = 0
    statuses: Counter[int] = field(default_factory=Counter)
    error_codes: Counter[str] = field(default_factory=Counter)
    close_codes: Counter[int] = field(default_factory=Counter)
    findings: Counter[IsolationFinding] = field(default_factory=Counter)
    returned_fields: set[str] = field(default_factory=set)

    def scan_bytes(self, data: bytes, where: str) -> None:
        self.received_bytes += len(data)
        lower = data.lower()
        for seen in self.detector.find_leaks(lower):
            self.add_finding("foreign", where, f"{seen.description} of {seen.owner}")
        self.returned_fields |= self.detector.find_own_fields(lower)

    def add_finding(self, kind: IsolationFindingKind, where: str, what: str, times: int = 1) -> None:
        self.findings[IsolationFinding(kind=kind, user=self.detector.user.name, where=where, what=what)] += times
