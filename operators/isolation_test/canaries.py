"""Canaries: secrets in every field that a user can fill in, the users that carry them, and their sample log; the
detection of others' in received bytes, and the findings and counts of one user."""

import re
import secrets
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal
from uuid import UUID

CANARY_PREFIX = "netracanary"
SECRET_BYTES = 12
USERNAME_PREFIX = "selftest-"
LOG_ROWS = 24

CANARY_FIELDS = (
    "text",  # of a question, over the websocket
    "ask",  # of a question, over REST
    "title",  # a conversation's first title
    "retitle",  # its title after renaming
    "log",  # a log's file name
    "relog",  # its name after renaming
    "column",  # the name of a column in the log and in its mapping
    "feature",  # this and the next two: values in the log
    "model",
    "session",
    "pending",  # the name of an upload that is never finished
    "fingerprint",  # of that upload
    "assumed",  # the model that a question assumes
)
"""The fields that a user can fill in through the public interfaces, and that the server sends back to that user."""

# Part of a secret is enough: a truncated canary is still a leak.
SECRET_PATTERN = re.compile(rf"{CANARY_PREFIX}([0-9a-f]{{8,24}})(?:-([a-z]+))?".encode())
USERNAME_PATTERN = re.compile(rf"{USERNAME_PREFIX}([0-9a-f]{{12}})".encode())


@dataclass(frozen=True, slots=True, kw_only=True)
class Canary:
    """One user's secret. It has letters and digits only, so that JSON, URLs and HTML all write it alike."""

    secret: str

    def for_field(self, field: str) -> str:
        """Return the text for a field. It contains the field's name, so that a leak shows which field leaked."""
        return f"{CANARY_PREFIX}{self.secret}-{field}"


def create_canary() -> Canary:
    return Canary(secret=secrets.token_hex(SECRET_BYTES))


@dataclass(frozen=True, slots=True, kw_only=True)
class CanaryUser:
    """A user created for the test, with a token and a canary of their own."""

    user_id: UUID
    name: str
    token: str = field(repr=False)
    canary: Canary


def build_log(canary: Canary) -> bytes:
    """Return a log as CSV. Most rows name a model with a known price, so that a report can be computed."""
    lines = [f"timestamp,model,input_tokens,output_tokens,session_id,{canary.for_field('column')}"]
    for row in range(LOG_ROWS):
        model = canary.for_field("model") if row % 6 == 1 else "gpt-4o"
        session, feature = canary.for_field("session"), canary.for_field("feature")
        lines.append(f"2026-01-01T00:{row:02}:00Z,{model},{1000 + row},{10 + row},{session},{feature}")
    return ("\n".join(lines) + "\n").encode()


def build_log_mapping(canary: Canary) -> dict[str, str]:
    return {"feature": canary.for_field("column"), "session": "session_id"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Leak:
    """`owner` is the name of a user of this test, or "an unknown user"."""

    owner: str
    description: str


@dataclass(frozen=True, slots=True)
class LeakDetector:
    """Finds data of others in what one user receives. It knows the ids and secrets of all users of the test."""

    user: CanaryUser
    names_by_id: Mapping[bytes, str]
    id_pattern: re.Pattern[bytes]
    names_by_secret: Mapping[str, str]

    def find_leaks(self, data: bytes) -> Iterator[Leak]:
        """Yield the data of others in `data`, which must be lower case."""
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
        """Return the fields whose own canaries are in `data`."""
        own_secret = self.user.canary.secret.encode()
        return {match[2].decode() for match in SECRET_PATTERN.finditer(data) if match[1] == own_secret and match[2]}

    def _find_owner(self, secret: str) -> str:
        return next(
            (name for known, name in self.names_by_secret.items() if known.startswith(secret)), "an unknown user"
        )


def build_detectors(users: Sequence[CanaryUser]) -> tuple[LeakDetector, ...]:
    """Return one detector per user, in the same order."""
    ids = {user.user_id.hex.encode(): user.name for user in users}
    # All ids start with the same bytes, so that one fast search finds any of them.
    pattern = re.compile(users[0].user_id.hex[:8].encode() + rb"(?:-?[0-9a-f]{4}){3}-?[0-9a-f]{12}")
    owners = {user.canary.secret: user.name for user in users}
    return tuple(LeakDetector(user, ids, pattern, owners) for user in users)


IsolationFindingKind = Literal["foreign", "gap", "double", "wrong"]


@dataclass(frozen=True, slots=True, kw_only=True)
class IsolationFinding:
    """A violation. `where` and `what` describe it without quoting any data."""

    kind: IsolationFindingKind
    user: str
    where: str
    what: str


@dataclass(slots=True)
class UserResults:
    """What one user has received and found so far. Every received byte goes through `scan_bytes`."""

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
        for leak in self.detector.find_leaks(lower):
            self.add_finding("foreign", where, f"{leak.description} of {leak.owner}")
        self.returned_fields |= self.detector.find_own_fields(lower)

    def add_finding(self, kind: IsolationFindingKind, where: str, what: str, times: int = 1) -> None:
        self.findings[IsolationFinding(kind=kind, user=self.detector.user.name, where=where, what=what)] += times
